/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU access while fio fills the memory, between its allocation and the
 * first I/O: each chunk's access begins once and ends once, even when the
 * kernel refuses one.
 */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake.h"
#include "t/unit/sample/job-run.h"

static struct dmabuf_job *const job = &job_run.job;
static struct dmabuf_error *const err = &job_run.err;

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
	CHECK_INT(job->stats.sync_calls, 0);
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
	CHECK_INT(job->stats.sync_calls, 3);
	fake.log[0] = '\0';
	CHECK_INT(dmabuf_job_end_fill(job, err), 0);
	CHECK_TEXT(fake.log, end3);
	CHECK_INT(dmabuf_job_end_fill(job, err), 0);
	CHECK_TEXT(fake.log, end3);
	CHECK_INT(job->stats.sync_calls, 6);
	job_run_end();

	/* Still open when the memory is freed: it ends then. */
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	CHECK_INT(job_run_alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(job, err), 0);
	fake.log[0] = '\0';
	dmabuf_job_free(job);
	CHECK(!strncmp(fake.log, end3, strlen(end3)));
	job_run_end();

	/* dmabuf_sync=never; bypassing the dma-buf; without one. */
	no_fill(DMABUF_PATH_DIRECT, "heap", DMABUF_SYNC_NEVER);
	no_fill(DMABUF_PATH_STAGED, "heap", DMABUF_SYNC_NEVER);
	no_fill(DMABUF_PATH_PINNED, "udmabuf", DMABUF_SYNC_ALWAYS);
	no_fill(DMABUF_PATH_HOST, "memory", DMABUF_SYNC_ALWAYS);
}

static void test_sync_refused(void)
{
	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	fake.errors[FAKE_SYNC] = ENOTTY;
	CHECK_INT(job_run_alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(job, err), -ENOTTY);
	CHECK_ERROR(err, -ENOTTY, "dmabuf_source=heap:system: DMA_BUF_IOCTL_SYNC failed: Inappropriate ioctl for device; set dmabuf_sync=never to skip these calls");
	job_run_end();

	job_run_begin(DMABUF_PATH_DIRECT, "heap");
	CHECK_INT(job_run_alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(job, err), 0);
	fake.errors[FAKE_SYNC] = EIO;
	CHECK_INT(dmabuf_job_end_fill(job, err), -EIO);
	CHECK_ERROR(err, -EIO, "dmabuf_source=heap:system: DMA_BUF_IOCTL_SYNC failed: Input/output error; set dmabuf_sync=never to skip these calls");
	CHECK(!job->filling);
	job_run_end();
}

/* One of three chunks is refused: only what began is ended. */
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

static const struct check checks[] = {
	{ "the first fill", test_fill },
	{ "DMA_BUF_IOCTL_SYNC refused", test_sync_refused },
	{ "the fill refused", test_fill_refused },
};

CHECK_MAIN("job-fill", checks)
