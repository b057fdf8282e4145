/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The warm-up read of each registration: its slots, its errors, and that it
 * leaves no trace even when it fails. The comparison is in test-warmup-data.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake.h"
#include "t/unit/sample/warmup-sample.h"

static struct warmup_sample *const s = &warmup_sample;
static struct dmabuf_job *const job = &warmup_sample.job;
static struct dmabuf_error *const err = &warmup_sample.err;

static void test_every_registration(void)
{
	warmup_sample_begin();
	fake.tick = 10;
	CHECK_INT(dmabuf_warmup(job, err), 0);
	CHECK_INT(s->reads, CHUNKS * FILES);
	CHECK_INT(s->slots_read, 0x3f);
	CHECK_INT(job->stats.warmups, CHUNKS * FILES);
	CHECK_INT(job->stats.first_map_ns, CHUNKS * FILES * 10);
	CHECK_INT(job->stats.first_map_max_ns, 10);
	CHECK_INT(job->queue.in_flight, 0);
	CHECK_INT(job->queue.unsent, 0);
	warmup_sample_end();
}

/* The CPU saves, fills, compares and restores the memory. */
static void test_cpu_access(void)
{
	warmup_sample_begin();
	warmup_sample_single();
	CHECK_INT(dmabuf_warmup(job, err), 0);
	CHECK_TEXT(fake.log, "start read 1001\nend read 1001\n"
		   "start write 1001\nend write 1001\n"
		   "start read 1001\nend read 1001\n"
		   "start write 1001\nend write 1001\n");
	/* Its time is reported; its reads do not count as I/Os of the job. */
	CHECK_INT(job->stats.sync_calls, 0);
	warmup_sample_end();
}

static void test_block_sizes(void)
{
	static const int sizes[] = { 512, 4096, 16384, 0 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		warmup_sample_begin();
		fake.block_size = sizes[i];
		CHECK_INT(dmabuf_warmup(job, err), 0);
		CHECK_INT(job->queue.units[0].want, sizes[i] ? : 4096);
		warmup_sample_end();
	}
}

static bool stats_are(const struct dmabuf_queue_stats *stats)
{
	return !memcmp(&job->queue.stats, stats, sizeof(*stats));
}

/* The job starts with units and counters as if there had been no warm-up. */
static void leaves_no_trace(const struct dmabuf_queue_stats *stats, int code)
{
	job->queue.stats = *stats;
	CHECK_INT(dmabuf_warmup(job, err), code);
	CHECK(stats_are(stats));
	warmup_sample_end();
}

static void test_leaves_no_trace(void)
{
	/* The second warm-up: memory that is replaced during the run. */
	static const struct dmabuf_queue_stats stats[2] = { { .reissued = 0 }, {
		.ios = { [IORING_OP_READ_FIXED] = 1000 },
		.bytes = { [IORING_OP_READ_FIXED] = 4096000 },
		.reissued = 3,
		.continued = 2,
		.errors = { [EIO] = 1 },
	} };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		warmup_sample_begin();
		leaves_no_trace(&stats[i], 0);
		warmup_sample_begin();
		warmup_sample_answers(2, (int[]){ -EAGAIN, -EIO });
		leaves_no_trace(&stats[i], -EIO);
		warmup_sample_begin();
		s->lost_bytes = 512;
		leaves_no_trace(&stats[i], -EIO);
	}
}

static void test_eagain(void)
{
	warmup_sample_begin();
	warmup_sample_answers(3, (int[]){ -EAGAIN, -EAGAIN, -EAGAIN });
	CHECK_INT(dmabuf_warmup(job, err), 0);
	CHECK_INT(s->reads, CHUNKS * FILES + 3);
	CHECK_INT(job->stats.warmups, CHUNKS * FILES);
	CHECK_INT(job->queue.stats.reissued, 0);
	warmup_sample_end();
}

/* Short reads of whole blocks are continued. */
static void test_short_reads(void)
{
	warmup_sample_begin();
	fake.block_size = 4096;
	s->piecemeal = 1024;
	CHECK_INT(dmabuf_warmup(job, err), 0);
	CHECK_INT(s->reads, 4 * CHUNKS * FILES);
	CHECK_INT(job->stats.warmups, CHUNKS * FILES);
	CHECK_INT(job->queue.stats.continued, 0);
	warmup_sample_end();
}

#define READ	"/dev/nvme0n1: the first read into memory from heap:system failed: "
#define MAP	"/dev/nvme0n1: the dma-buf from heap:system cannot be mapped for this drive: "
#define SEGMENTS	" (every segment must be a multiple of 4 KiB); try another dmabuf_source"

static void test_errors(void)
{
	static const struct {
		int answer, code;
		const char *line;
	} vectors[] = {
		{ -EINVAL, -EINVAL, MAP "Invalid argument" SEGMENTS },
		{ -EFAULT, -EFAULT, MAP "Bad address" SEGMENTS },
		{ -EIO, -EIO, READ "Input/output error; see the kernel log" },
		{ -EBADF, -EBADF,
		  READ "Bad file descriptor; see the kernel log" },
		{ -EOPNOTSUPP, -EOPNOTSUPP,
		  READ "Operation not supported; see the kernel log" },
		/* Nothing, or less than a block */
		{ 0, -EIO, READ "Input/output error; see the kernel log" },
		{ 100, -EIO, READ "Input/output error; see the kernel log" },
		{ 1024, -EIO, READ "Input/output error; see the kernel log" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		warmup_sample_begin();
		warmup_sample_answers(1, &vectors[i].answer);
		CHECK_INT(dmabuf_warmup(job, err), vectors[i].code);
		CHECK_ERROR(err, vectors[i].code, vectors[i].line);
		CHECK_INT(s->reads, 1);
		CHECK_INT(job->stats.warmups, 0);
		warmup_sample_end();
	}
	/* The device is gone. */
	warmup_sample_begin();
	job->queue.endless = true;
	warmup_sample_answers(1, (int[]){ 0 });
	CHECK_INT(dmabuf_warmup(job, err), -ENODEV);
	CHECK_ERROR(err, -ENODEV, READ "No such device; see the kernel log");
	warmup_sample_end();
	/* The second chunk of the second file. */
	warmup_sample_begin();
	fake_registry.slot[4].target_fd = -1;
	CHECK_INT(dmabuf_warmup(job, err), -EBADF);
	CHECK_HAS(err->text, "/dev/nvme1n1: the first read into memory ");
	CHECK_INT(job->stats.warmups, 4);
	warmup_sample_end();
}

static void test_no_poll_queues(void)
{
	warmup_sample_begin();
	job->settings.ring.iopoll = true;
	warmup_sample_answers(1, (int[]){ -EOPNOTSUPP });
	CHECK_INT(dmabuf_warmup(job, err), -EOPNOTSUPP);
	CHECK_ERROR(err, -EOPNOTSUPP, "/dev/nvme0n1: hipri needs a drive with poll queues; load nvme with poll_queues=N, or leave hipri out");
	warmup_sample_end();
}

static void test_nothing_but_eagain(void)
{
	unsigned int i;

	warmup_sample_begin();
	s->script_length = 64;
	for (i = 0; i < 64; i++)
		s->script[i] = -EAGAIN;
	fake_kernel.enter_ns = 1000000000;
	CHECK_INT(dmabuf_warmup(job, err), -ETIME);
	CHECK_ERROR(err, -ETIME, "/dev/nvme0n1: the kernel answered the first read into memory from heap:system with nothing but EAGAIN for 10 s; see the kernel log");
	warmup_sample_end();
}

static void test_ordinary_read_fails(void)
{
	warmup_sample_begin();
	fake.errors[FAKE_PREAD] = ENODEV;
	CHECK_INT(dmabuf_warmup(job, err), -ENODEV);
	CHECK_HAS(err->text, "/dev/nvme0n1: ");
	CHECK_HAS(err->text, "No such device; ");
	CHECK_INT(s->reads, 0);
	warmup_sample_end();
}

/* A block larger than a unit: the memory is not touched. */
static void test_block_too_large(void)
{
	warmup_sample_begin();
	fake.block_size = CHUNK;
	CHECK_INT(dmabuf_warmup(job, err), 0);
	CHECK_INT(job->queue.units[0].want, CHUNK);
	warmup_sample_end();
	warmup_sample_begin();
	fake.block_size = 2 * CHUNK;
	CHECK_INT(dmabuf_warmup(job, err), -EINVAL);
	CHECK_ERROR(err, -EINVAL, "/dev/nvme0n1: logical blocks of 128 KiB do not fit into buffers of 64 KiB; raise bs to a multiple of the logical block size");
	CHECK_INT(s->reads, 0);
	CHECK_TEXT(fake.log, "");
	warmup_sample_end();
}

/* In particular: no memory, and io_uring_enter refused. */
static void test_every_call_can_fail(void)
{
	unsigned int at = 0, failures = 0, changed = 0;
	int ret;

	do {
		warmup_sample_begin();
		fake.calls = 0;
		fake.fail_at = ++at;
		fake.fail_errno = ENOMEM;
		ret = dmabuf_warmup(job, err);
		CHECK_INT(ret, ret ? err->code : 0);
		CHECK(!ret || strchr(err->text, ';'));
		failures += ret != 0;
		/* Only if access for restoring it fails. */
		if (!warmup_sample_memory_is_as_before()) {
			CHECK_HAS(err->text, ": DMA_BUF_IOCTL_SYNC failed: ");
			CHECK(ret);
			changed++;
		}
		warmup_sample_free();
	} while (fake.calls >= at);
	CHECK_INT(changed, CHUNKS * FILES);
	CHECK(failures >= 4 * CHUNKS * FILES);
}

static const struct check checks[] = {
	{ "every registration", test_every_registration },
	{ "CPU access", test_cpu_access },
	{ "block sizes", test_block_sizes },
	{ "leaves no trace", test_leaves_no_trace },
	{ "EAGAIN", test_eagain },
	{ "short reads", test_short_reads },
	{ "errors", test_errors },
	{ "no poll queues", test_no_poll_queues },
	{ "nothing but EAGAIN", test_nothing_but_eagain },
	{ "the ordinary read fails", test_ordinary_read_fails },
	{ "a block that is too large", test_block_too_large },
	{ "every call can fail", test_every_call_can_fail },
};

CHECK_MAIN("warm-up", checks)
