/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU access around each I/O: which DMA_BUF_IOCTL_SYNC calls are made, for
 * which dma-buf and in which order, on every path and with every setting; that
 * each access that begins also ends; and the copies of path staged.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "job.h"

#define UNIT	(256 << 10)
#define UNITS	4

/* What fio does to its buffers. */
#define WRITES	1		/* cpu_writes */
#define READS	2		/* cpu_reads */
#define REFILLS	4		/* cpu_refills */

static struct dmabuf_job job;
static struct dmabuf_error err;
static size_t mark;

/* Four units in two chunks: udmabuf 1002 and 1005 are the two dma-bufs. */
static bool begin(enum dmabuf_path path, enum dmabuf_sync sync,
		  unsigned int cpu)
{
	struct dmabuf_layout layout = { .unit = UNIT, .units = UNITS };

	fake_reset();
	fake_file("/dev/udmabuf", NULL);
	memset(&job, 0, sizeof(job));
	job.settings.path = path;
	job.settings.sync = sync;
	job.settings.chunk_max = 2 * UNIT;
	job.settings.cpu_writes = cpu & WRITES;
	job.settings.cpu_reads = cpu & READS;
	job.settings.cpu_refills = cpu & REFILLS;
	job.traits = dmabuf_path_traits(path);
	if (!CHECK_INT(dmabuf_source_parse(&job.settings.source,
			path == DMABUF_PATH_HOST ? "memory" : "udmabuf",
			&err), 0) ||
	    !CHECK_INT(dmabuf_job_alloc(&job, &layout, &err), 0))
		return false;
	CHECK_INT(job.buffer.plan.chunks.nr, 2);
	CHECK_INT(dmabuf_job_begin_fill(&job, &err), 0);
	CHECK_INT(dmabuf_job_end_fill(&job, &err), 0);
	mark = strlen(fake.log);
	return true;
}

/* The log since the last call. */
static const char *since(void)
{
	const char *text = fake.log + mark;

	mark = strlen(fake.log);
	return text;
}

/* How many accesses of kind @what to @fd are open at the end of the log. */
static int still_open(const char *what, int fd)
{
	char start[32], stop[32];
	const char *line = fake.log;
	int open = 0;

	snprintf(start, sizeof(start), "start %s %d\n", what, fd);
	snprintf(stop, sizeof(stop), "end %s %d", what, fd);
	for (; *line; line = strchr(line, '\n') + 1) {
		open += !strncmp(line, start, strlen(start));
		/* An end that fails is not retried. */
		open -= !strncmp(line, stop, strlen(stop));
		CHECK(open >= 0);
	}
	return open;
}

static int open_now(int fd)
{
	return still_open("read", fd) + still_open("write", fd) +
		still_open("both", fd);
}

/* Whatever happened: every access has ended, while its dma-buf was open. */
static void end(void)
{
	const char *line = fake.log, *closed;

	dmabuf_job_free(&job);
	CHECK_INT(fake_left(), 0);
	CHECK_INT(open_now(1002), 0);
	CHECK_INT(open_now(1005), 0);
	closed = strstr(line, "close 1002\n");
	CHECK(!closed || (!strstr(closed, "end ") && !strstr(closed, "start ")));
	CHECK(strlen(fake.log) < sizeof(fake.log) - 100);
}

static char *unit(uint32_t index)
{
	return job.buffer.base + index * UNIT;
}

/* One I/O as the hooks run it; fio works between the calls. */
static int one(uint32_t index, bool write)
{
	int ret = dmabuf_job_prep(&job, index, unit(index), write);

	if (!ret)
		ret = dmabuf_job_queue(&job, index, unit(index), UNIT, write);
	if (!ret)
		ret = dmabuf_job_complete(&job, index, unit(index), UNIT,
					  write);
	return ret;
}

static const struct {
	enum dmabuf_path path;
	enum dmabuf_sync sync;
	unsigned int cpu;
	bool touches;
	const char *write;	/* of unit 3, in the second chunk */
	const char *read;	/* of unit 0 */
	const char *again;	/* of unit 0, after that read */
	const char *free;	/* what is still open then */
} vectors[] = {
	/* No CPU access: no call, whatever the settings. */
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, 0, false, "", "", "", "" },
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_NEVER, WRITES | READS | REFILLS,
	  false, "", "", "", "" },
	{ DMABUF_PATH_HOST, DMABUF_SYNC_AUTO, WRITES | READS | REFILLS,
	  false, "", "", "", "" },
	{ DMABUF_PATH_HOST, DMABUF_SYNC_ALWAYS, WRITES | READS | REFILLS,
	  false, "", "", "", "" },
	/* Bypasses the dma-buf, for the CPU and for the drive. */
	{ DMABUF_PATH_PINNED, DMABUF_SYNC_AUTO, WRITES | READS | REFILLS,
	  false, "", "", "", "" },
	{ DMABUF_PATH_PINNED, DMABUF_SYNC_ALWAYS, WRITES | READS | REFILLS,
	  false, "", "", "", "" },
	/* Scrambled writes: from prep to queue. */
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, WRITES, true,
	  "start write 1005\nend write 1005\n", "", "", "" },
	/* Verify: a read stays open until the next queue. */
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, WRITES | READS, true,
	  "start write 1005\nend write 1005\n",
	  "start read 1002\n", "end read 1002\nstart read 1002\n",
	  "end read 1002\n" },
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_ALWAYS, 0, true,
	  "start write 1005\nend write 1005\n",
	  "start read 1002\n", "end read 1002\nstart read 1002\n",
	  "end read 1002\n" },
	/* Refilled before prep, after any kind of I/O. */
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, WRITES | REFILLS, true,
	  "start write 1005\nend write 1005\nstart write 1005\n",
	  "start write 1002\n", "end write 1002\nstart write 1002\n",
	  "end write 1002\nend write 1005\n" },
	{ DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, WRITES | READS | REFILLS, true,
	  "start write 1005\nend write 1005\nstart write 1005\n",
	  "start both 1002\n", "end both 1002\nstart both 1002\n",
	  "end both 1002\nend write 1005\n" },
	/* Staged: each copy is one access. */
	{ DMABUF_PATH_STAGED, DMABUF_SYNC_AUTO, 0, true,
	  "start read 1005\nend read 1005\n",
	  "start write 1002\nend write 1002\n",
	  "start write 1002\nend write 1002\n", "" },
	{ DMABUF_PATH_STAGED, DMABUF_SYNC_AUTO, WRITES | READS, true,
	  "start write 1005\nend write 1005\nstart read 1005\nend read 1005\n",
	  "start write 1002\nend write 1002\nstart read 1002\n",
	  "end read 1002\nstart write 1002\nend write 1002\nstart read 1002\n",
	  "end read 1002\n" },
	{ DMABUF_PATH_STAGED, DMABUF_SYNC_AUTO, WRITES | REFILLS, true,
	  "start write 1005\nend write 1005\nstart read 1005\nend read 1005\nstart write 1005\n",
	  "start write 1002\nend write 1002\nstart write 1002\n",
	  "end write 1002\nstart write 1002\nend write 1002\nstart write 1002\n",
	  "end write 1002\nend write 1005\n" },
	{ DMABUF_PATH_STAGED, DMABUF_SYNC_NEVER, WRITES | READS | REFILLS,
	  true, "", "", "", "" },
};

static unsigned int lines(const char *text)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* If fio refills, access is open from the start until the first write. */
static void test_first_refill(void)
{
	if (!begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, WRITES | REFILLS))
		return;
	CHECK_INT(dmabuf_job_open_refill(&job, 3, job.buffer.base + 3 * UNIT),
		  0);
	CHECK_TEXT(since(), "start write 1005\n");
	CHECK_INT(one(3, true), 0);
	CHECK_TEXT(since(), "end write 1005\nstart write 1005\n");
	dmabuf_job_free(&job);
	CHECK_INT(fake_left(), 0);

	if (!begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, WRITES | READS))
		return;
	CHECK_INT(dmabuf_job_open_refill(&job, 3, job.buffer.base + 3 * UNIT),
		  0);
	CHECK_TEXT(since(), "");
	dmabuf_job_free(&job);
}

static void test_order(void)
{
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		unsigned long long before;

		if (!begin(vectors[i].path, vectors[i].sync, vectors[i].cpu))
			return;
		before = job.stats.sync_calls;
		CHECK_INT(dmabuf_job_touches(&job), vectors[i].touches);
		CHECK_INT(one(3, true), 0);
		CHECK_TEXT(since(), vectors[i].write);
		CHECK_INT(one(0, false), 0);
		CHECK_TEXT(since(), vectors[i].read);
		CHECK_INT(one(0, false), 0);
		CHECK_TEXT(since(), vectors[i].again);
		dmabuf_job_end_access(&job);
		CHECK_TEXT(since(), vectors[i].free);
		CHECK_INT(job.stats.sync_calls - before,
			  lines(vectors[i].write) + lines(vectors[i].read) +
			  lines(vectors[i].again) + lines(vectors[i].free));
		/* Only once. */
		dmabuf_job_end_access(&job);
		CHECK_TEXT(since(), "");
		end();
	}
}

static void test_copies(void)
{
	char *bounce;

	if (!begin(DMABUF_PATH_STAGED, DMABUF_SYNC_AUTO, 0))
		return;
	bounce = job.bounce.base + 3 * UNIT;
	memset(unit(3), 0x31, UNIT);
	CHECK_INT(dmabuf_job_queue(&job, 3, unit(3), UNIT, true), 0);
	CHECK(!memcmp(bounce, unit(3), UNIT));
	CHECK_INT(job.stats.copied_bytes, UNIT);
	/* Nothing to copy when a write is done. */
	CHECK_INT(dmabuf_job_complete(&job, 3, unit(3), UNIT, true), 0);
	CHECK_INT(job.stats.copied_bytes, UNIT);

	/* Some bytes in the middle of a unit. */
	memset(bounce, 0x77, UNIT);
	CHECK_INT(dmabuf_job_complete(&job, 3, unit(3) + 512, 1000, false), 0);
	CHECK_INT(unit(3)[511], 0x31);
	CHECK_INT(unit(3)[512], 0x77);
	CHECK_INT(unit(3)[1511], 0x77);
	CHECK_INT(unit(3)[1512], 0x31);
	CHECK_INT(job.stats.copied_bytes, UNIT + 1000);
	/* Reads are not copied out before they are queued. */
	CHECK_INT(dmabuf_job_queue(&job, 0, unit(0), UNIT, false), 0);
	CHECK_INT(job.stats.copied_bytes, UNIT + 1000);
	end();
}

/* A unit that was read is written next: its read access ends first. */
static void test_read_then_write(void)
{
	if (!begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_ALWAYS, 0))
		return;
	CHECK_INT(one(1, false), 0);
	since();
	CHECK_INT(one(1, true), 0);
	CHECK_TEXT(since(), "end read 1002\nstart write 1002\nend write 1002\n");
	CHECK_INT(one(1, true), 0);
	CHECK_TEXT(since(), "start write 1002\nend write 1002\n");
	end();
}

/* Prep again, as after a queue that was busy, and a write that was open. */
static void test_prep_twice(void)
{
	if (!begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, WRITES | REFILLS))
		return;
	CHECK_INT(dmabuf_job_prep(&job, 2, unit(2), true), 0);
	CHECK_INT(dmabuf_job_prep(&job, 2, unit(2), true), 0);
	CHECK_TEXT(since(), "start write 1005\n");
	CHECK_INT(dmabuf_job_queue(&job, 2, unit(2), UNIT, true), 0);
	CHECK_TEXT(since(), "end write 1005\n");
	CHECK_INT(dmabuf_job_complete(&job, 2, unit(2), UNIT, true), 0);
	CHECK_TEXT(since(), "start write 1005\n");
	CHECK_INT(dmabuf_job_prep(&job, 2, unit(2), true), 0);
	CHECK_TEXT(since(), "");
	/* Reads do nothing in prep. */
	CHECK_INT(dmabuf_job_prep(&job, 1, unit(1), false), 0);
	CHECK_TEXT(since(), "");
	end();
}

/* Units of one dma-buf keep their accesses apart. */
static void test_units_of_one_chunk(void)
{
	if (!begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, WRITES | READS))
		return;
	CHECK_INT(one(0, false), 0);
	CHECK_INT(one(1, false), 0);
	CHECK_INT(dmabuf_job_prep(&job, 2, unit(2), true), 0);
	CHECK_TEXT(since(), "start read 1002\nstart read 1002\nstart write 1005\n");
	CHECK_INT(dmabuf_job_queue(&job, 0, unit(0), UNIT, false), 0);
	CHECK_TEXT(since(), "end read 1002\n");
	CHECK_INT(still_open("read", 1002), 1);
	/* Unit 0 is with the drive; only the other two are still open. */
	dmabuf_job_end_access(&job);
	CHECK_TEXT(since(), "end read 1002\nend write 1005\n");
	end();
}

/* Random I/Os: access is open for the CPU, and closed during the I/O. */
static void random_job(enum dmabuf_path path, unsigned int cpu,
		       unsigned int *seed)
{
	enum { IDLE, PREPARED, QUEUED } state[UNITS] = { IDLE };
	bool write[UNITS] = { false }, failed;
	unsigned int step, i;

	if (!begin(path, DMABUF_SYNC_AUTO, cpu))
		return;
	for (step = 0; step < 120; step++) {
		i = check_random(seed, UNITS);
		switch (state[i]) {
		case IDLE:
			write[i] = check_random(seed, 2);
			CHECK_INT(dmabuf_job_prep(&job, i, unit(i), write[i]),
				  0);
			if (write[i] && cpu & WRITES)
				CHECK(job.accesses[i].access & DMABUF_ACCESS_WRITE);
			break;
		case PREPARED:
			CHECK_INT(dmabuf_job_queue(&job, i, unit(i), UNIT,
						   write[i]), 0);
			CHECK_INT(job.accesses[i].access, 0);
			break;
		case QUEUED:
			failed = !check_random(seed, 4);
			CHECK_INT(dmabuf_job_complete(&job, i, unit(i),
						      failed ? -EIO : UNIT,
						      write[i]), 0);
			if (!write[i] && !failed && cpu & READS)
				CHECK(job.accesses[i].access & DMABUF_ACCESS_READ);
			if (cpu & REFILLS)
				CHECK(job.accesses[i].access & DMABUF_ACCESS_WRITE);
			break;
		}
		state[i] = (state[i] + 1) % 3;
		/* The bookkeeping matches the calls. */
		CHECK_INT(open_now(1002), !!job.accesses[0].access +
			  !!job.accesses[1].access);
		CHECK_INT(open_now(1005), !!job.accesses[2].access +
			  !!job.accesses[3].access);
	}
	end();
}

static void test_random_jobs(void)
{
	unsigned int seed = check_seed(), cpu, round;

	for (cpu = 0; cpu < 8; cpu++)
		for (round = 0; round < 4; round++) {
			random_job(DMABUF_PATH_DIRECT, cpu, &seed);
			random_job(DMABUF_PATH_STAGED, cpu, &seed);
		}
}

/* The n-th call of a staged write or read is refused. */
static void test_refusals(void)
{
	unsigned int at, write, cpu;

	for (cpu = WRITES | READS; cpu <= (WRITES | READS | REFILLS);
	     cpu += REFILLS)
		for (write = 0; write < 2; write++)
			for (at = 1; at <= 6; at++) {
				unsigned int calls = write ? 4 +
					!!(cpu & REFILLS) : 3;
				/* For the refill, unless that is refused. */
				bool opened = cpu & REFILLS && at < calls &&
					      at > write;

				if (!begin(DMABUF_PATH_STAGED,
					   DMABUF_SYNC_ALWAYS, cpu))
					return;
				fake.calls = 0;
				fake.fail_at = at;
				fake.fail_errno = ENODEV;
				CHECK_INT(one(0, write),
					  at > calls ? 0 : -ENODEV);
				CHECK_INT(fake.calls, (at > calls ? calls : at) +
					  opened);
				CHECK_INT(job.sync_error,
					  at > calls ? 0 : -ENODEV);
				/* No copy without access. */
				CHECK_INT(job.stats.copied_bytes > 0,
					  at > (write ? 3 : 1));
				CHECK_INT(!!job.accesses[0].access, opened ||
					  (at > calls &&
					   (!write || cpu & REFILLS)));
				fake.fail_at = 0;
				end();
			}
}

/* A unit whose I/O failed, or got nothing, may be refilled, not verified. */
static void test_failed_io(void)
{
	if (!begin(DMABUF_PATH_STAGED, DMABUF_SYNC_AUTO,
		   WRITES | READS | REFILLS))
		return;
	CHECK_INT(dmabuf_job_complete(&job, 3, unit(3), -EIO, true), 0);
	CHECK_INT(dmabuf_job_complete(&job, 0, unit(0), -EIO, false), 0);
	CHECK_INT(dmabuf_job_complete(&job, 1, unit(1), 0, false), 0);
	CHECK_TEXT(since(), "start write 1005\nstart write 1002\nstart write 1002\n");
	CHECK_INT(job.stats.copied_bytes, 0);
	end();
}

/* Verify with verify_offset writes what was read. */
static void test_swaps(void)
{
	if (!begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, WRITES | READS))
		return;
	job.settings.cpu_swaps = true;
	CHECK_INT(one(0, false), 0);
	CHECK_TEXT(since(), "start both 1002\n");
	CHECK_INT(one(0, true), 0);
	CHECK_TEXT(since(), "end both 1002\n");
	end();
}

/* Ending the access of the previous I/O fails: it is not retried. */
static void test_end_refused(void)
{
	if (!begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, WRITES | READS))
		return;
	CHECK_INT(one(0, false), 0);
	since();
	fake.errors[FAKE_SYNC] = EIO;
	CHECK_INT(dmabuf_job_queue(&job, 0, unit(0), UNIT, false), -EIO);
	CHECK_TEXT(since(), "end read 1002 refused\n");
	CHECK_INT(dmabuf_job_queue(&job, 0, unit(0), UNIT, false), 0);
	CHECK_TEXT(since(), "");
	fake.errors[FAKE_SYNC] = 0;
	end();
}

static const struct check checks[] = {
	{ "which calls in which order", test_order },
	{ "the first refill", test_first_refill },
	{ "copies", test_copies },
	{ "a read, then a write", test_read_then_write },
	{ "prep twice", test_prep_twice },
	{ "units of one chunk", test_units_of_one_chunk },
	{ "random jobs", test_random_jobs },
	{ "refusals", test_refusals },
	{ "an I/O that failed", test_failed_io },
	{ "verify that writes", test_swaps },
	{ "an end that is refused", test_end_refused },
};

CHECK_MAIN("job-access", checks)
