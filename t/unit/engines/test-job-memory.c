/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a job: the sizes of its chunks, the places of its slices, and
 * jobs that need more memory than there is.
 */
#include <errno.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake.h"
#include "t/unit/sample/job-run.h"

static struct dmabuf_job *const job = &job_run.job;
static struct dmabuf_error *const err = &job_run.err;

static void test_chunk_sizes(void)
{
	static const struct {
		enum dmabuf_path path;
		const char *source;
	} jobs[] = {
		{ DMABUF_PATH_DIRECT, "heap" },
		{ DMABUF_PATH_DIRECT, "udmabuf" },
		{ DMABUF_PATH_HOST, "memory" },
	};
	struct dmabuf_layout layout = { .unit = 512 << 20, .units = 3 };
	unsigned int i;

	/* By default, the largest chunk that every kernel accepts, */
	for (i = 0; i < 3; i++) {
		job_run_begin(jobs[i].path, jobs[i].source);
		job->settings.chunk_max = 0;
		CHECK_INT(dmabuf_job_alloc(job, &layout, err), 0);
		CHECK_INT(job->chunks, 2);
		CHECK_INT(job->buffer.chunks[0].size, 1 << 30);
		CHECK_INT(job->buffer.chunks[1].size, 512 << 20);
		job_run_end();
	}
	/* or the limit of the source, */
	job_run_begin(DMABUF_PATH_DIRECT, "udmabuf");
	fake_file("/sys/module/udmabuf/parameters/size_limit_mb", "512\n");
	job->settings.chunk_max = 0;
	CHECK_INT(dmabuf_job_alloc(job, &layout, err), 0);
	CHECK_INT(job->chunks, 3);
	job_run_end();
	/* or dmabuf_chunk=. */
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	job->settings.chunk_max = 2ULL << 30;
	CHECK_INT(dmabuf_job_alloc(job, &layout, err), 0);
	CHECK_INT(job->chunks, 1);
	job_run_end();
}

/*
 * Slices in three chunks: fio's addresses are contiguous, the offsets in the
 * dma-bufs are not.
 */
static void test_placed(void)
{
	unsigned int i;

	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	job->settings.place = DMABUF_PLACE_SPREAD;
	job->settings.size = 24 * UNIT;
	job->settings.chunk_max = 8 * UNIT;
	fake_registry.dmabuf_size = 8 * UNIT;
	if (!CHECK_INT(job_run_start(2), 0)) {
		CHECK_TEXT(err->text, "");
		return;
	}
	CHECK_INT(job->chunks, 3);
	CHECK_INT(job->bytes, 24 * UNIT);
	CHECK_INT(job->stats.registrations, 6);
	CHECK_INT(job->stats.warmups, 6);
	/* 24 slots for 12 units: every other one. */
	for (i = 0; i < UNITS; i++) {
		job_run_slice_is(i, 0, 2 * i % 8 * UNIT, i / 4);
		job_run_slice_is(i, 1, 2 * i % 8 * UNIT, i / 4 + 3);
	}
	job_run_end();

	/* All in the last chunk: the others are not warmed up. */
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	job->settings.place = DMABUF_PLACE_TAIL;
	job->settings.size = 48 * UNIT;
	job->settings.chunk_max = 16 * UNIT;
	fake_registry.dmabuf_size = 16 * UNIT;
	CHECK_INT(job_run_start(1), 0);
	CHECK_INT(job->stats.registrations, 3);
	CHECK_INT(job->stats.warmups, 1);
	for (i = 0; i < UNITS; i++)
		job_run_slice_is(i, 0, (i + 4) * UNIT, 2);
	job_run_end();

	/* For ordinary buffers the SQE has fio's address. */
	job_run_begin(DMABUF_PATH_PINNED, "udmabuf");
	job->settings.place = DMABUF_PLACE_RANDOM;
	job->settings.size = 48 * UNIT;
	CHECK_INT(job_run_start(1), 0);
	CHECK_INT(job->stats.registrations, UNITS);
	for (i = 0; i < UNITS; i++)
		job_run_slice_is(i, 0, (uintptr_t)job->buffer.base + i * UNIT,
				 i);
	job_run_end();

	job_run_begin(DMABUF_PATH_HOST, "memory");
	job->settings.size = 48 * UNIT;
	CHECK_INT(job_run_alloc(), -EINVAL);
	CHECK_ERROR(err, -EINVAL, "dmabuf_path=host: this path uses no dma-buf to place slices in; remove dmabuf_place and dmabuf_size");
	job_run_end();
}

/* Half of it could starve the machine, so no chunk is allocated. */
static void test_more_than_fits(void)
{
	struct dmabuf_layout layout = { .unit = 32 << 20, .units = 1024 };

	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	job->settings.chunk_max = 0;
	fake_file("/proc/meminfo", "MemAvailable: 16777216 kB\n");
	CHECK_INT(dmabuf_job_alloc(job, &layout, err), -ENOMEM);
	CHECK_ERROR(err, -ENOMEM, "dmabuf_source=heap:system: 32 GiB needed, 16 GiB of memory available; lower iodepth, bs or numjobs");
	CHECK_TEXT(fake.log, "");
	CHECK_INT(job->chunks, 0);
	CHECK(!job->buffer.base && !job->slots && !job->accesses);
	job_run_end();

	/* The bounce buffers of path staged count as well. */
	job_run_begin(DMABUF_PATH_STAGED, "heap:reserved");
	fake_file("/dev/dma_heap/reserved", NULL);
	fake_file("/proc/meminfo", "MemAvailable: 1024 kB\n");
	CHECK_INT(job_run_alloc(), -ENOMEM);
	CHECK_ERROR(err, -ENOMEM, "dmabuf_source=memory: 1536 KiB needed, 1 MiB of memory available; lower iodepth, bs or numjobs");
	CHECK(!job->buffer.base && !job->slots && !job->accesses);
	job_run_end();
}

/* An I/O whose bytes do not fit the result. */
static void test_units_of_2_gib(void)
{
	struct dmabuf_layout layout = { .unit = 1ULL << 31, .units = 1 };

	job_run_begin(DMABUF_PATH_HOST, "memory");
	CHECK_INT(dmabuf_job_alloc(&job_run.job, &layout, &job_run.err),
		  -EINVAL);
	CHECK_ERROR(&job_run.err, -EINVAL, "bs: io_uring counts the bytes of an I/O in 31 bits; lower bs to less than 2 GiB");
	job_run_end();
}

static const struct check checks[] = {
	{ "sizes of chunks", test_chunk_sizes },
	{ "slices placed", test_placed },
	{ "more than fits", test_more_than_fits },
	{ "units of 2 GiB", test_units_of_2_gib },
};

CHECK_MAIN("job-memory", checks)
