/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registration of a job's memory: which slots there are on each path,
 * where they point, how long it took, and what the kernel refuses.
 */
#include <errno.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake.h"
#include "t/unit/sample/job-run.h"

static struct dmabuf_job *const job = &job_run.job;
static struct dmabuf_error *const err = &job_run.err;

static void test_direct(void)
{
	unsigned int i, file;

	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	if (!CHECK_INT(job_run_start(2), 0)) {
		CHECK_TEXT(err->text, "");
		return;
	}
	CHECK_INT(job->chunks, 3);
	CHECK_INT(job->bytes, UNIT * UNITS);
	CHECK_INT(job->stats.registrations, 6);
	CHECK_INT(job->stats.warmups, 6);
	CHECK_TEXT(job->interface.name, "B (v5 or later)");
	CHECK_INT(fake_registry.slots, 6);
	CHECK_HAS(fake.log, "table 6\nupdate 0+6\n");
	/* One registration for each file and chunk; offsets into the chunk. */
	for (file = 0; file < 2; file++)
		for (i = 0; i < UNITS; i++) {
			unsigned int slot = i / 4 + 3 * file;

			job_run_slice_is(i, file, i % 4 * UNIT, slot);
			CHECK_INT(fake_registry.slot[slot].dmabuf_fd,
				  job->buffer.chunks[i / 4].fd);
			CHECK_INT(fake_registry.slot[slot].target_fd,
				  job->files[file].fd);
		}
	job_run_end();
}

static void test_one_chunk(void)
{
	unsigned int i;

	job_run_begin(DMABUF_PATH_DIRECT, "udmabuf");
	job->settings.chunk_max = 0;
	fake_registry.dmabuf_size = UNIT * UNITS;
	if (!CHECK_INT(job_run_start(1), 0))
		return;
	CHECK_INT(job->chunks, 1);
	for (i = 0; i < UNITS; i++)
		job_run_slice_is(i, 0, i * UNIT, 0);
	job_run_end();
}

/* Ordinary buffers: one per chunk, for all files. */
static void ordinary(enum dmabuf_path path, const char *source)
{
	unsigned int i, file;
	const char *base;

	job_run_begin(path, source);
	if (!CHECK_INT(job_run_start(2), 0)) {
		CHECK_TEXT(err->text, "");
		return;
	}
	CHECK_HAS(fake.log, "buffers 3, first of 524288 bytes\n");
	CHECK_INT(job->stats.registrations, 3);
	CHECK_INT(job->stats.warmups, 0);
	CHECK_INT(fake_kernel.enters, 0);
	CHECK_INT(fake_registry.calls, 0);
	base = path == DMABUF_PATH_STAGED ? job->bounce.base : job->buffer.base;
	for (file = 0; file < 2; file++)
		for (i = 0; i < UNITS; i++)
			job_run_slice_is(i, file, (uintptr_t)base + i * UNIT,
					 i / 4);
	job_run_end();
}

static void test_other_paths(void)
{
	ordinary(DMABUF_PATH_HOST, "memory");
	ordinary(DMABUF_PATH_PINNED, "udmabuf");
	ordinary(DMABUF_PATH_STAGED, "heap");
	ordinary(DMABUF_PATH_STAGED, "udmabuf");
}

static void test_too_many_slots(void)
{
	struct dmabuf_layout layout = { .unit = 4096, .units = 1024 };

	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	job->settings.chunk_max = 4096;
	CHECK_INT(dmabuf_job_alloc(job, &layout, err), 0);
	CHECK_INT(job->chunks, 1024);
	CHECK_INT(dmabuf_job_setup_ring(job, err), 0);
	CHECK_INT(job_run_open_files(17), 0);
	CHECK_INT(dmabuf_job_register(job, err), -EINVAL);
	CHECK_ERROR(err, -EINVAL, "io_uring: 1024 buffers for 17 files need more than 16384 slots; raise dmabuf_chunk, or lower iodepth or nrfiles");
	job_run_end();
}

static void test_refused_registration(void)
{
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	fake_registry.refused_slot = 4;
	fake_registry.refused_errno = EINVAL;
	fake.disk = "/sys/devices/pci0000:00/0000:00:05.0/virtio1/block/vda";
	CHECK_INT(job_run_start(2), -EINVAL);
	CHECK_HAS(err->text, "/dev/nvme0n1: not an NVMe drive, and the driver of vda does not support dma-bufs; ");
	/* The half-filled table is unregistered. */
	CHECK_INT(fake_registry.slots, 0);
	CHECK(!job->registered);
	job_run_end();
}

/* The kernel registers the whole dma-buf, even if the job uses less. */
static void test_refused_size(void)
{
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	fake_registry.refused_slot = 0;
	fake_registry.refused_errno = EINVAL;
	CHECK_INT(job_run_alloc(), 0);
	fake_set_size(job->buffer.chunks[0].fd, 2ULL << 30);
	CHECK_INT(dmabuf_job_setup_ring(job, err), 0);
	CHECK_INT(job_run_open_files(1), 0);
	job->files[0].target.kind = DMABUF_TARGET_NVME;
	CHECK_INT(dmabuf_job_register(job, err), -EINVAL);
	CHECK_ERROR(err, -EINVAL, "/dev/nvme0n1: a dma-buf of 2 GiB is larger than this kernel accepts; lower dmabuf_chunk to 1g, or hand over smaller dma-bufs");
	job_run_end();
}

static void test_times(void)
{
	job_run_begin(DMABUF_PATH_HOST, "memory");
	fake.tick = 1000;
	CHECK_INT(job_run_start(1), 0);
	CHECK_INT(job->stats.register_ns, 1000);
	job_run_end();
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	fake.tick = 1000;
	CHECK_INT(job_run_start(1), 0);
	CHECK_INT(job->stats.register_ns, 1000);
	CHECK_INT(job->stats.first_map_ns, 3000);
	CHECK_INT(job->stats.first_map_max_ns, 1000);
	job_run_end();
}

static const struct check checks[] = {
	{ "direct", test_direct },
	{ "direct, one chunk", test_one_chunk },
	{ "other paths", test_other_paths },
	{ "too many slots", test_too_many_slots },
	{ "a refused registration", test_refused_registration },
	{ "the size of a refused dma-buf", test_refused_size },
	{ "times", test_times },
};

CHECK_MAIN("job-register", checks)
