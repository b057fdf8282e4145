/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a job without fio: what is asked of the kernel and in which
 * order, where slices point, and that a failure of any single call leaves
 * nothing behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
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
	CHECK_INT(job->times.registrations, 6);
	CHECK_INT(job->times.warmups, 6);
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
	CHECK_INT(job->times.registrations, 3);
	CHECK_INT(job->times.warmups, 0);
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

static void no_fill(enum dmabuf_path path, const char *source,
		    enum dmabuf_sync sync)
{
	job_run_begin(path, source);
	job->settings.sync = sync;
	CHECK_INT(job_run_alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(job, err), 0);
	CHECK(!job->filling);
	CHECK_INT(dmabuf_job_end_fill(job, err), 0);
	CHECK(!strstr(fake.log, "write"));
	CHECK_INT(job->times.sync_calls, 0);
	job_run_end();
}

/* fio fills its buffers between alloc and the first I/O. */
static void test_fill(void)
{
	static const char start3[] =
		"start write 1001\nstart write 1003\nstart write 1005\n";
	static const char end3[] =
		"end write 1001\nend write 1003\nend write 1005\n";
	const char *at;

	job_run_begin(DMABUF_PATH_STAGED, "heap");
	CHECK_INT(job_run_alloc(), 0);
	CHECK(!job->filling);
	CHECK(!strstr(fake.log, "write"));
	CHECK_INT(dmabuf_job_begin_fill(job, err), 0);
	at = strstr(fake.log, start3);
	CHECK(at && !strcmp(at, start3));
	CHECK(job->filling);
	CHECK_INT(job->times.sync_calls, 3);
	fake.log[0] = '\0';
	CHECK_INT(dmabuf_job_end_fill(job, err), 0);
	CHECK_TEXT(fake.log, end3);
	CHECK_INT(dmabuf_job_end_fill(job, err), 0);
	CHECK_TEXT(fake.log, end3);
	CHECK_INT(job->times.sync_calls, 6);
	job_run_end();

	/* Left open, it ends with the memory. */
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	CHECK_INT(job_run_alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(job, err), 0);
	fake.log[0] = '\0';
	dmabuf_job_free(job);
	CHECK(!strncmp(fake.log, end3, strlen(end3)));
	job_run_end();

	/* Not wanted; past the dma-buf; without one. */
	no_fill(DMABUF_PATH_DIRECT, "heap", DMABUF_SYNC_NEVER);
	no_fill(DMABUF_PATH_STAGED, "heap", DMABUF_SYNC_NEVER);
	no_fill(DMABUF_PATH_PINNED, "udmabuf", DMABUF_SYNC_ALWAYS);
	no_fill(DMABUF_PATH_HOST, "memory", DMABUF_SYNC_ALWAYS);
}

/* As a replayed log does: other memory, the same ring and files. */
static void test_memory_is_replaced(void)
{
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	if (!CHECK_INT(job_run_start(1), 0))
		return;
	dmabuf_job_free(job);
	CHECK_HAS(fake.log, "unregister buffers\n");
	CHECK(!job->registered && !job->buffer.base);
	CHECK_INT(job_run_alloc(), 0);
	CHECK_INT(dmabuf_job_register(job, err), 0);
	/* Which reads into it, so fio's access begins after that. */
	CHECK_INT(dmabuf_job_begin_fill(job, err), 0);
	CHECK(job->filling);
	CHECK_INT(fake_registry.slots, 3);
	CHECK_INT(fake_registry.slot[2].dmabuf_fd, job->buffer.chunks[2].fd);
	job_run_slice_is(11, 0, 3 * UNIT, 2);
	job_run_end();
	/* Harmless a second time. */
	dmabuf_job_free(job);
	dmabuf_job_close(job);
	CHECK_INT(fake_left(), 0);
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
	CHECK_ERROR(err, -EINVAL, "io_uring: 1024 buffers for 17 files are more than its 16384 slots; raise dmabuf_chunk, or lower iodepth or nrfiles");
	job_run_end();
}

static void test_refused_registration(void)
{
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	fake_registry.refused_slot = 4;
	fake_registry.refused_errno = EINVAL;
	fake.disk = "/sys/devices/pci0000:00/0000:00:05.0/virtio1/block/vda";
	CHECK_INT(job_run_start(2), -EINVAL);
	CHECK_HAS(err->text, "/dev/nvme0n1: not an NVMe drive, and the driver of vda takes no dma-bufs; ");
	/* The half-filled table does not stay either. */
	CHECK_INT(fake_registry.slots, 0);
	CHECK(!job->registered);
	job_run_end();
}

/* The kernel takes the dma-buf whole, however little of it the job uses. */
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
	CHECK_ERROR(err, -EINVAL, "/dev/nvme0n1: a dma-buf of 2 GiB is larger than this kernel takes; lower dmabuf_chunk to 1g, or have smaller ones given");
	job_run_end();
}

static void test_sync_refused(void)
{
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	fake.errors[FAKE_SYNC] = ENOTTY;
	CHECK_INT(job_run_alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(job, err), -ENOTTY);
	CHECK_ERROR(err, -ENOTTY, "dmabuf_source=heap:system: DMA_BUF_IOCTL_SYNC: Inappropriate ioctl for device; dmabuf_sync=never leaves it out");
	job_run_end();

	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	CHECK_INT(job_run_alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(job, err), 0);
	fake.errors[FAKE_SYNC] = EIO;
	CHECK_INT(dmabuf_job_end_fill(job, err), -EIO);
	CHECK_ERROR(err, -EIO, "dmabuf_source=heap:system: DMA_BUF_IOCTL_SYNC: Input/output error; dmabuf_sync=never leaves it out");
	CHECK(!job->filling);
	job_run_end();
}

/* One of three chunks is refused: what began ends, and nothing else. */
static void test_fill_refused(void)
{
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	CHECK_INT(job_run_alloc(), 0);
	fake.log[0] = '\0';
	fake.calls = 0;
	fake.fail_at = 2;
	fake.fail_errno = EIO;
	CHECK_INT(dmabuf_job_begin_fill(job, err), -EIO);
	dmabuf_job_free(job);
	CHECK(!strncmp(fake.log, "start write 1001\nstart write 1003 refused\nend write 1001\nclose ", 63));
	job_run_end();

	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	CHECK_INT(job_run_alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(job, err), 0);
	fake.log[0] = '\0';
	fake.calls = 0;
	fake.fail_at = 1;
	fake.fail_errno = EIO;
	CHECK_INT(dmabuf_job_end_fill(job, err), -EIO);
	CHECK_TEXT(fake.log, "end write 1001 refused\nend write 1003\nend write 1005\n");
	CHECK_INT(dmabuf_job_end_fill(job, err), 0);
	job_run_end();
}

/* The n-th call fails, for every n there is, on every path. */
static void test_every_call_can_fail(void)
{
	static const struct {
		enum dmabuf_path path;
		const char *source;
	} jobs[] = {
		{ DMABUF_PATH_DIRECT, "heap" },
		{ DMABUF_PATH_DIRECT, "udmabuf" },
		{ DMABUF_PATH_PINNED, "udmabuf" },
		{ DMABUF_PATH_STAGED, "heap" },
		{ DMABUF_PATH_HOST, "memory" },
	};
	static const int errors[] = { ENOMEM, EIO, EMFILE };
	unsigned int j, e, at, failures = 0;
	int ret;

	for (j = 0; j < sizeof(jobs) / sizeof(jobs[0]); j++)
		for (e = 0; e < 3; e++)
			for (at = 1; ; at++) {
				job_run_begin(jobs[j].path, jobs[j].source);
				fake.fail_at = at;
				fake.fail_errno = errors[e];
				ret = job_run_start(2);
				if (ret) {
					failures++;
					CHECK_INT(err->code, ret);
					CHECK(strchr(err->text, ';') ||
					      strchr(err->text, '?'));
				}
				job_run_end();
				if (fake.calls < at)
					break;
			}
	CHECK_INT(ret, 0);
	/* Each job makes dozens of calls, and most of them matter. */
	CHECK(failures > 200);
}

static void test_times(void)
{
	job_run_begin(DMABUF_PATH_HOST, "memory");
	fake.tick = 1000;
	CHECK_INT(job_run_start(1), 0);
	CHECK_INT(job->times.register_ns, 1000);
	job_run_end();
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	fake.tick = 1000;
	CHECK_INT(job_run_start(1), 0);
	CHECK_INT(job->times.register_ns, 1000);
	CHECK_INT(job->times.first_map_ns, 3000);
	CHECK_INT(job->times.first_map_max_ns, 1000);
	job_run_end();
}

static const struct check checks[] = {
	{ "direct", test_direct },
	{ "direct, one chunk", test_one_chunk },
	{ "other paths", test_other_paths },
	{ "the first fill", test_fill },
	{ "memory is replaced", test_memory_is_replaced },
	{ "too many slots", test_too_many_slots },
	{ "a refused registration", test_refused_registration },
	{ "the size of what is refused", test_refused_size },
	{ "DMA_BUF_IOCTL_SYNC refused", test_sync_refused },
	{ "the fill refused", test_fill_refused },
	{ "every call can fail", test_every_call_can_fail },
	{ "times", test_times },
};

CHECK_MAIN("job", checks)
