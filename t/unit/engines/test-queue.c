/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Units, step by step: when they are reissued, continued and completed.
 * When the queue waits is in test-queue-wait.c, random schedules are in
 * test-queue-model.c.
 */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "t/unit/sample/queue-sample.h"

static struct dmabuf_queue *const q = &queue_sample.queue;
static const struct io_uring_sqe *const seen = queue_sample.seen;

static void test_full_transfer(void)
{
	queue_sample_begin(0);
	queue_sample_start(2, IORING_OP_READ_FIXED, 4096);
	CHECK_INT(q->in_flight, 1);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 4), 1);
	CHECK_INT(queue_sample_done(0), 2);
	CHECK_INT(q->units[2].result, 4096);
	CHECK_INT(q->stats.ios[IORING_OP_READ_FIXED], 1);
	CHECK_INT(q->stats.bytes[IORING_OP_READ_FIXED], 4096);
	CHECK_INT(q->stats.ios[IORING_OP_WRITE_FIXED], 0);
	CHECK(!memcmp(&seen[0], &q->units[2].sqe, 64));
	queue_sample_end();
}

static void test_eagain_is_sent_again_unchanged(void)
{
	unsigned int i;

	queue_sample_begin(0);
	queue_sample_answers(3, (int[]){ -EAGAIN, -EAGAIN, -EAGAIN });
	queue_sample_start(1, IORING_OP_WRITE_FIXED, 8192);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(q->units[1].result, 8192);
	CHECK_INT(q->stats.reissued, 3);
	CHECK_INT(q->stats.continued, 0);
	CHECK_INT(q->stats.errors[EAGAIN], 0);
	CHECK_INT(q->stats.ios[IORING_OP_WRITE_FIXED], 1);
	CHECK_INT(queue_sample.nr_seen, 4);
	for (i = 1; i < queue_sample.nr_seen; i++)
		CHECK(!memcmp(&seen[i], &seen[0], sizeof(seen[0])));
	queue_sample_end();
}

static void test_eagain_ends_after_ten_seconds(void)
{
	queue_sample_begin(0);
	queue_sample_answer_all(-EAGAIN);
	fake_kernel.enter_ns = 1000000000;
	queue_sample_start(0, IORING_OP_READ_FIXED, 512);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(q->units[0].result, -ETIME);
	CHECK_INT(q->unexplained, -ETIME);
	CHECK_INT(q->stats.errors[ETIME], 1);
	/* Exactly 10 seconds are still allowed. */
	CHECK_INT(q->stats.reissued, 11);
	CHECK_INT(queue_sample.nr_seen, 12);
	/* The next I/O of this unit starts a new limit. */
	q->unexplained = 0;
	queue_sample_start(0, IORING_OP_READ_FIXED, 512);
	queue_sample_answers(0, NULL);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(q->units[0].result, 512);
	CHECK_INT(q->unexplained, 0);
	queue_sample_end();
}

/* A drive without poll queues: explained once, and only on polled rings. */
static void test_not_polled(void)
{
	static const struct {
		unsigned int flags;
		int unexplained;
	} vectors[] = {
		{ 0, 0 },
		{ IORING_SETUP_IOPOLL, -EOPNOTSUPP },
	};
	unsigned int i;

	for (i = 0; i < 2; i++) {
		queue_sample_begin(vectors[i].flags);
		queue_sample_answer_all(-EOPNOTSUPP);
		queue_sample_start(0, IORING_OP_READ_FIXED, 512);
		CHECK_INT(dmabuf_queue_submit(q), 0);
		CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
		CHECK_INT(q->units[0].result, -EOPNOTSUPP);
		CHECK_INT(q->unexplained, vectors[i].unexplained);
		q->unexplained = 0;
		queue_sample_start(0, IORING_OP_READ_FIXED, 512);
		CHECK_INT(dmabuf_queue_submit(q), 0);
		CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
		CHECK_INT(q->unexplained, 0);
		CHECK_INT(q->stats.errors[EOPNOTSUPP], 2);
		queue_sample_end();
	}
}

static unsigned int newest(unsigned int nr)
{
	return nr - 1;
}

/* The watch stays in the kernel during I/O, until its file is readable. */
static void test_watch(void)
{
	queue_sample_begin(0);
	fake_kernel.pick = newest;
	fake_kernel.lazy = true;
	queue_sample_answers(4, (int[]){ 512, 1024, 1, 512 });
	CHECK_INT(dmabuf_queue_watch(q, 42), 0);
	CHECK_INT(fake_kernel.held, 1);
	CHECK_INT(q->in_flight, 0);
	queue_sample_start(0, IORING_OP_READ_FIXED, 512);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 4), 1);
	CHECK_INT(q->unexplained, 0);
	queue_sample_start(1, IORING_OP_READ_FIXED, 512);
	queue_sample_start(2, IORING_OP_READ_FIXED, 1024);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 4), 1);
	/* POLL_ADD for POLLIN; it counts neither as an I/O nor as a unit. */
	fake_kernel.pick = NULL;
	CHECK_INT(dmabuf_queue_reap(q, 1, 4), 1);
	CHECK_INT(q->unexplained, -ESHUTDOWN);
	CHECK_INT(seen[2].opcode, 6);
	CHECK_INT(seen[2].fd, 42);
	CHECK_INT(seen[2].poll32_events, 1);
	CHECK_INT(q->stats.ios[IORING_OP_READ_FIXED], 3);
	CHECK_INT(q->stats.ios[IORING_OP_POLL_ADD], 0);
	q->unexplained = 0;
	queue_sample_end();
}

static void test_progress_restarts_the_clock(void)
{
	queue_sample_begin(0);
	fake_kernel.enter_ns = 6000000000;
	queue_sample_answers(4, (int[]){ -EAGAIN, -EAGAIN, 512, -EAGAIN });
	queue_sample_start(0, IORING_OP_READ_FIXED, 1024);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(q->units[0].result, 1024);
	CHECK_INT(q->unexplained, 0);
	CHECK_INT(q->stats.reissued, 3);
	queue_sample_end();
}

/* @answers of a unit of 4096 bytes, the last of which completes it. */
static void short_transfers(uint8_t opcode, const int *answers)
{
	uint32_t done[4] = { 0 };
	unsigned int i;

	for (i = 1; i < 4; i++)
		done[i] = done[i - 1] + answers[i - 1];
	queue_sample_begin(0);
	queue_sample_answers(4, answers);
	queue_sample_start(3, opcode, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(q->units[3].result, 4096);
	CHECK_INT(queue_sample.nr_seen, 4);
	for (i = 0; i < 4; i++) {
		CHECK_INT(seen[i].off, 0x103000 + done[i]);
		CHECK_INT(seen[i].addr, 0xa000 + done[i]);
		CHECK_INT(seen[i].len, 4096 - done[i]);
		CHECK_INT(seen[i].buf_index, 5);
		CHECK_INT(seen[i].ioprio, 0x4004);
		CHECK_INT(seen[i].flags, IOSQE_FIXED_FILE);
		CHECK(seen[i].user_data == seen[0].user_data);
	}
	CHECK_INT(q->stats.continued, 3);
	CHECK_INT(q->stats.ios[opcode], 1);
	CHECK_INT(q->stats.bytes[opcode], 4096);
	queue_sample_end();
}

static void test_short_transfers_go_on(void)
{
	short_transfers(IORING_OP_READ_FIXED,
			(int[]){ 512, 1024, 2048, 512 });
	/* A write can stop anywhere. */
	short_transfers(IORING_OP_WRITE_FIXED, (int[]){ 1, 512, 3582, 1 });
}

static void test_end_of_file(void)
{
	static const struct {
		unsigned int nr;
		int answers[2];
		int result;
	} vectors[] = {
		/* The file ends in the middle of the first block, */
		{ 1, { 1 }, 1 },
		{ 1, { 1000 }, 1000 },
		{ 1, { 4095 }, 4095 },
		/* of a later one, and between two. */
		{ 2, { 512, 1 }, 513 },
		{ 2, { 3072, 511 }, 3583 },
		{ 2, { 1024, 0 }, 1024 },
		{ 1, { 0 }, 0 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		queue_sample_begin(0);
		queue_sample_answers(vectors[i].nr, vectors[i].answers);
		queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
		CHECK_INT(dmabuf_queue_submit(q), 0);
		CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
		CHECK_INT(q->units[0].result, vectors[i].result);
		/* Nothing is read beyond the end. */
		CHECK_INT(queue_sample.nr_seen, vectors[i].nr);
		CHECK_INT(q->stats.continued, vectors[i].nr - 1);
		CHECK_INT(q->stats.bytes[IORING_OP_READ_FIXED],
			  vectors[i].result);
		CHECK_INT(q->stats.ios[IORING_OP_READ_FIXED], 1);
		queue_sample_end();
	}
}

/* A read of 0 bytes from a block device: the device is gone. */
static void test_endless(void)
{
	static const int answers[] = { 0, 1000 };
	unsigned int i, write;

	for (i = 0; i < 3; i++) {
		queue_sample_begin(0);
		q->endless = true;
		if (i < 2)
			queue_sample_answers(1, &answers[i]);
		else
			queue_sample_answers(2, (int[]){ 512, 0 });
		queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
		CHECK_INT(dmabuf_queue_submit(q), 0);
		CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
		CHECK_INT(q->units[0].result, -ENODEV);
		CHECK_INT(q->stats.errors[ENODEV], 1);
		CHECK_INT(q->unexplained, -ENODEV);
		CHECK_INT(q->stats.ios[IORING_OP_READ_FIXED], 0);
		CHECK_INT(q->stats.bytes[IORING_OP_READ_FIXED], 0);
		queue_sample_end();
	}
	/* Whole blocks of a read, and any part of a write, continue. */
	for (write = 0; write < 2; write++) {
		uint8_t opcode = write ? IORING_OP_WRITE_FIXED :
					 IORING_OP_READ_FIXED;

		queue_sample_begin(0);
		q->endless = true;
		queue_sample_answers(1, (int[]){ write ? 1000 : 1024 });
		queue_sample_start(0, opcode, 4096);
		CHECK_INT(dmabuf_queue_submit(q), 0);
		CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
		CHECK_INT(q->units[0].result, 4096);
		CHECK_INT(q->stats.continued, 1);
		queue_sample_end();
	}
	/* fsync returns nothing but 0. */
	queue_sample_begin(0);
	q->endless = true;
	queue_sample_start(0, IORING_OP_FSYNC, 0);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(q->units[0].result, 0);
	queue_sample_end();
}

static void test_errors(void)
{
	static const int errors[] = { -EIO, -EBADF, -EFAULT, -EINVAL, -ENODEV,
				      -EOPNOTSUPP, -ENOSPC, -ECANCELED };
	unsigned int i;

	queue_sample_begin(0);
	queue_sample_answers(8, errors);
	for (i = 0; i < 8; i++)
		queue_sample_start(i, i & 1 ? IORING_OP_FSYNC : IORING_OP_READ_FIXED,
		     i & 1 ? 0 : 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 8, 8), 8);
	for (i = 0; i < 8; i++) {
		CHECK_INT(q->units[i].result, errors[i]);
		CHECK_INT(q->stats.errors[-errors[i]], 1);
	}
	CHECK_INT(q->stats.ios[IORING_OP_READ_FIXED], 0);
	/* An errno without a name, and a result larger than the request. */
	queue_sample_answers(2, (int[]){ -4000, 4097 });
	queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
	queue_sample_start(1, IORING_OP_READ_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 2, 2), 2);
	CHECK_INT(q->units[0].result, -4000);
	CHECK_INT(q->stats.errors[0], 1);
	CHECK_INT(q->units[1].result, -EIO);
	queue_sample_end();
}

static void test_error_after_a_part(void)
{
	queue_sample_begin(0);
	queue_sample_answers(2, (int[]){ 512, -EIO });
	queue_sample_start(0, IORING_OP_WRITE_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(q->units[0].result, -EIO);
	CHECK_INT(q->stats.errors[EIO], 1);
	CHECK_INT(q->stats.ios[IORING_OP_WRITE_FIXED], 0);
	CHECK_INT(q->stats.bytes[IORING_OP_WRITE_FIXED], 0);
	queue_sample_end();
}

static void test_sync(void)
{
	queue_sample_begin(0);
	queue_sample_answers(4, (int[]){ 0, -EAGAIN, -EIO, 0 });
	queue_sample_start(0, IORING_OP_FSYNC, 0);
	queue_sample_start(1, IORING_OP_FSYNC, 0);
	queue_sample_start(2, IORING_OP_SYNC_FILE_RANGE, 65536);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 3, 3), 3);
	CHECK_INT(q->units[0].result, 0);
	CHECK_INT(q->units[1].result, 0);
	CHECK_INT(q->units[2].result, -EIO);
	CHECK_INT(q->stats.reissued, 1);
	CHECK_INT(q->stats.ios[IORING_OP_FSYNC], 2);
	/* 0 is the success of sync_file_range, not a short transfer. */
	queue_sample_start(2, IORING_OP_SYNC_FILE_RANGE, 65536);
	queue_sample_answers(1, (int[]){ 0 });
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(q->units[2].result, 0);
	CHECK_INT(queue_sample.nr_seen, 1);
	CHECK_INT(q->stats.continued, 0);
	queue_sample_end();
}

static void test_no_memory(void)
{
	int i;

	for (i = 1; i <= 3; i++) {
		fake_reset();
		fake_ring_make(&queue_sample.ring, DEPTH, 0);
		fake.calls = 0;
		fake.fail_at = i;
		fake.fail_errno = ENOMEM;
		CHECK_INT(dmabuf_queue_init(q, &queue_sample.ring, DEPTH), -ENOMEM);
		dmabuf_queue_free(q);	/* harmless */
		fake_ring_destroy(&queue_sample.ring);
	}
}

static const struct check checks[] = {
	{ "a full transfer", test_full_transfer },
	{ "a watched device", test_watch },
	{ "EAGAIN: sent again unchanged", test_eagain_is_sent_again_unchanged },
	{ "EAGAIN: ends after 10 s", test_eagain_ends_after_ten_seconds },
	{ "a drive that cannot be polled", test_not_polled },
	{ "EAGAIN: progress restarts the clock",
	  test_progress_restarts_the_clock },
	{ "short transfers go on", test_short_transfers_go_on },
	{ "end of file", test_end_of_file },
	{ "a device that is gone", test_endless },
	{ "errors", test_errors },
	{ "an error after a part", test_error_after_a_part },
	{ "fsync and sync_file_range", test_sync },
	{ "no memory", test_no_memory },
};

CHECK_MAIN("queue", checks)
