/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a job without fio: replacing its memory, and the failure of any
 * single call, which leaves nothing behind.
 */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "t/unit/sample/job-run.h"

static struct dmabuf_job *const job = &job_run.job;
static struct dmabuf_error *const err = &job_run.err;

/* A replay replaces the memory, and keeps ring and files. */
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
	/* The warm-up reads into it, so fio's access begins afterwards. */
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

/* The n-th call fails, for every n and on every path. */
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

static const struct check checks[] = {
	{ "memory is replaced", test_memory_is_replaced },
	{ "every call can fail", test_every_call_can_fail },
};

CHECK_MAIN("job", checks)
