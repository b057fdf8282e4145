/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU access around each I/O: which DMA_BUF_IOCTL_SYNC calls, of which
 * dma-buf and in which order, for every path and setting; and the copies of
 * the staged path.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "fake.h"
#include "job.h"

#define UNIT	(256 << 10)

static struct dmabuf_job job;
static struct dmabuf_error err;

/* Four units in two chunks; the log is that of the calls that follow. */
static bool begin(enum dmabuf_path path, enum dmabuf_sync sync, bool writes,
		  bool reads)
{
	struct dmabuf_layout layout = { .unit = UNIT, .units = 4 };

	fake_reset();
	fake_file("/dev/udmabuf", NULL);
	memset(&job, 0, sizeof(job));
	job.settings.path = path;
	job.settings.sync = sync;
	job.settings.chunk_max = 2 * UNIT;
	job.settings.cpu_writes = writes;
	job.settings.cpu_reads = reads;
	job.traits = dmabuf_path_traits(path);
	if (!CHECK_INT(dmabuf_source_parse(&job.settings.source,
			path == DMABUF_PATH_HOST ? "memory" : "udmabuf",
			&err), 0) ||
	    !CHECK_INT(dmabuf_job_alloc(&job, &layout, &err), 0))
		return false;
	CHECK_INT(job.buffer.plan.chunks, 2);
	CHECK_INT(dmabuf_job_end_fill(&job, &err), 0);
	fake.log[0] = '\0';
	return true;
}

static void end(void)
{
	dmabuf_job_free(&job);
	CHECK_INT(fake_left(), 0);
}

static char *unit(uint32_t index)
{
	return job.buffer.base + index * UNIT;
}

/* One I/O as the hooks run it: fio's part lies between the calls. */
static int one(uint32_t index, bool write)
{
	int ret = dmabuf_job_before_write(&job, index, unit(index), write);

	if (!ret)
		ret = dmabuf_job_before_queue(&job, unit(index), UNIT, write);
	if (!ret && !write)
		ret = dmabuf_job_after_read(&job, index, unit(index), UNIT);
	return ret;
}

/* What begin() leaves: udmabuf 1002 and 1005 are the two dma-bufs. */
static const struct {
	enum dmabuf_path path;
	enum dmabuf_sync sync;
	bool writes, reads;
	bool touches;
	const char *write;	/* of unit 3, in the second chunk */
	const char *read;	/* of unit 0 */
	const char *again;	/* of unit 0, after that read */
} vectors[] = {
	/* The CPU never looks: nothing, whatever is measured. */
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, false, false, false,
	  "", "", "" },
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_NEVER, true, true, false,
	  "", "", "" },
	{ DMABUF_PATH_HOST, DMABUF_SYNC_AUTO, true, true, false,
	  "", "", "" },
	{ DMABUF_PATH_HOST, DMABUF_SYNC_ALWAYS, true, true, false,
	  "", "", "" },
	/* Past the dma-buf, for the CPU as for the drive. */
	{ DMABUF_PATH_PINNED, DMABUF_SYNC_AUTO, true, true, false,
	  "", "", "" },
	{ DMABUF_PATH_PINNED, DMABUF_SYNC_ALWAYS, true, true, false,
	  "", "", "" },
	/* Refilled writes; verify. */
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, true, false, true,
	  "start write 1005\nend write 1005\n", "", "" },
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, true, true, true,
	  "start write 1005\nend write 1005\n",
	  "start read 1002\n", "end read 1002\nstart read 1002\n" },
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_ALWAYS, false, false, true,
	  "start write 1005\nend write 1005\n",
	  "start read 1002\n", "end read 1002\nstart read 1002\n" },
	/* Staged: the copy is an access of its own. */
	{ DMABUF_PATH_STAGED, DMABUF_SYNC_AUTO, false, false, true,
	  "start read 1005\nend read 1005\n",
	  "start write 1002\nend write 1002\n",
	  "start write 1002\nend write 1002\n" },
	{ DMABUF_PATH_STAGED, DMABUF_SYNC_AUTO, true, true, true,
	  "start write 1005\nend write 1005\nstart read 1005\nend read 1005\n",
	  "start write 1002\nend write 1002\nstart read 1002\n",
	  "end read 1002\nstart write 1002\nend write 1002\nstart read 1002\n" },
	{ DMABUF_PATH_STAGED, DMABUF_SYNC_NEVER, true, true, true,
	  "", "", "" },
};

static void test_order(void)
{
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		unsigned long long calls, before;
		const char *c;

		if (!begin(vectors[i].path, vectors[i].sync,
			   vectors[i].writes, vectors[i].reads))
			return;
		before = job.times.sync_calls;
		CHECK_INT(dmabuf_job_touches(&job), vectors[i].touches);
		CHECK_INT(one(3, true), 0);
		CHECK_TEXT(fake.log, vectors[i].write);
		fake.log[0] = '\0';
		CHECK_INT(one(0, false), 0);
		CHECK_TEXT(fake.log, vectors[i].read);
		fake.log[0] = '\0';
		CHECK_INT(one(0, false), 0);
		CHECK_TEXT(fake.log, vectors[i].again);
		calls = 0;
		for (c = vectors[i].write; *c; c++)
			calls += *c == '\n';
		for (c = vectors[i].read; *c; c++)
			calls += *c == '\n';
		for (c = vectors[i].again; *c; c++)
			calls += *c == '\n';
		CHECK_INT(job.times.sync_calls - before, calls);
		end();
	}
}

static void test_copies(void)
{
	char *bounce;

	if (!begin(DMABUF_PATH_STAGED, DMABUF_SYNC_AUTO, false, false))
		return;
	bounce = job.bounce.base + 3 * UNIT;
	memset(unit(3), 0x31, UNIT);
	CHECK_INT(dmabuf_job_before_queue(&job, unit(3), UNIT, true), 0);
	CHECK(!memcmp(bounce, unit(3), UNIT));
	CHECK_INT(job.times.copied_bytes, UNIT);

	/* A part, from the middle of a unit. */
	memset(bounce, 0x77, UNIT);
	CHECK_INT(dmabuf_job_after_read(&job, 3, unit(3) + 512, 1000), 0);
	CHECK_INT(unit(3)[511], 0x31);
	CHECK_INT(unit(3)[512], 0x77);
	CHECK_INT(unit(3)[1511], 0x77);
	CHECK_INT(unit(3)[1512], 0x31);
	CHECK_INT(job.times.copied_bytes, UNIT + 1000);
	/* Reads are not copied out before they are queued. */
	CHECK_INT(dmabuf_job_before_queue(&job, unit(0), UNIT, false), 0);
	CHECK_INT(job.times.copied_bytes, UNIT + 1000);
	end();
}

/* A unit that was read is written next: its read access ends first. */
static void test_read_then_write(void)
{
	if (!begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_ALWAYS, false, false))
		return;
	CHECK_INT(one(1, false), 0);
	fake.log[0] = '\0';
	CHECK_INT(one(1, true), 0);
	CHECK_TEXT(fake.log, "end read 1002\nstart write 1002\nend write 1002\n");
	fake.log[0] = '\0';
	CHECK_INT(one(1, true), 0);
	CHECK_TEXT(fake.log, "start write 1002\nend write 1002\n");
	end();
}

static void test_refusals(void)
{
	unsigned int at, write;

	for (write = 0; write < 2; write++)
		for (at = 1; at <= 4; at++) {
			bool last;
			int ret;

			if (!begin(DMABUF_PATH_STAGED, DMABUF_SYNC_ALWAYS,
				   true, true))
				return;
			fake.calls = 0;
			fake.fail_at = at;
			fake.fail_errno = ENODEV;
			ret = one(0, write);
			last = at > (write ? 4 : 3);
			CHECK_INT(ret, last ? 0 : -ENODEV);
			/* Nothing is copied into memory that is not open. */
			CHECK_INT(job.times.copied_bytes > 0,
				  at > (write ? 3 : 1));
			CHECK_INT(job.read_open[0], last && !write);
			fake.fail_at = 0;
			end();
		}
}

static const struct check checks[] = {
	{ "which calls in which order", test_order },
	{ "copies", test_copies },
	{ "a read, then a write", test_read_then_write },
	{ "refusals", test_refusals },
};

CHECK_MAIN("job-access", checks)
