/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When the queue sends and when it waits: min and max, commits, a polling
 * kernel thread, and an io_uring_enter(2) that refuses or takes a part.
 */
#include <errno.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake.h"
#include "t/unit/sample/queue-sample.h"

static struct dmabuf_queue *const q = &queue_sample.queue;

static void test_min_0_never_waits(void)
{
	queue_sample_begin(0);
	fake_kernel.lazy = true;
	CHECK_INT(dmabuf_queue_reap(q, 0, DEPTH), 0);
	queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	fake_kernel.enters = 0;
	CHECK_INT(dmabuf_queue_reap(q, 0, DEPTH), 0);
	CHECK_INT(fake_kernel.enters, 0);
	CHECK_INT(fake_kernel.get_events, 2);
	/* Ready at the next look. */
	fake_kernel.lazy = false;
	CHECK_INT(dmabuf_queue_reap(q, 0, DEPTH), 1);
	CHECK_INT(fake_kernel.enters, 0);
	queue_sample_end();
}

static void test_min_0_sends_what_is_reissued(void)
{
	queue_sample_begin(0);
	queue_sample_answers(1, (int[]){ -EAGAIN });
	queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	fake_kernel.lazy = true;
	CHECK_INT(dmabuf_queue_reap(q, 0, 1), 0);
	CHECK_INT(q->unsent, 0);
	CHECK_INT(fake_kernel.held, 1);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(q->units[0].result, 4096);
	queue_sample_end();
}

static void test_min_and_max(void)
{
	unsigned int i, taken = 0;

	queue_sample_begin(0);
	for (i = 0; i < DEPTH; i++)
		queue_sample_start(i, IORING_OP_READ_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(fake_kernel.enters, 1);
	CHECK_INT(dmabuf_queue_reap(q, 1, 3), 3);
	taken |= queue_sample_set(3);
	CHECK_INT(q->in_flight, DEPTH - 3);
	CHECK_INT(dmabuf_queue_reap(q, 0, 2), 2);
	taken |= queue_sample_set(2);
	CHECK_INT(dmabuf_queue_reap(q, 3, DEPTH), 3);
	taken |= queue_sample_set(3);
	CHECK_INT(taken, 0xff);
	/* Everything was ready: no more calls than the submission. */
	CHECK_INT(fake_kernel.enters, 1);
	CHECK_INT(fake_kernel.get_events, 0);
	queue_sample_end();
}

static void test_full_queue_takes_one_call(void)
{
	unsigned int i;

	queue_sample_begin(0);
	fake_kernel.lazy = true;
	for (i = 0; i < DEPTH; i++)
		queue_sample_start(i, IORING_OP_READ_FIXED, 4096);
	q->uncommitted = 0;	/* as the commit hook does then */
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(fake_kernel.enters, 1);
	CHECK_INT(q->unsent, 0);
	CHECK_INT(dmabuf_queue_reap(q, DEPTH - 1, DEPTH), DEPTH - 1);
	queue_sample_end();
}

static unsigned int looks;

/* Nothing is ready before the third look. */
static unsigned int third_look(unsigned int held)
{
	return ++looks < 3 ? 0 : held;
}

/* Any wait would complete at once. */
static void test_spins_instead_of_sleeping(void)
{
	queue_sample_begin(0);
	q->spins = true;
	looks = 0;
	fake_kernel.more = third_look;
	queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(fake_kernel.enters, 1);
	CHECK_INT(fake_kernel.get_events, 2);
	queue_sample_end();

	queue_sample_begin(IORING_SETUP_SQPOLL);
	q->spins = true;
	looks = 0;
	fake_kernel.get_events = 0;
	fake_kernel.more = third_look;
	queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK_INT(looks, 3);
	CHECK_INT(fake_kernel.get_events, 0);
	queue_sample_end();
}

static void test_uncommitted_units_wait_for_the_commit(void)
{
	queue_sample_begin(0);
	queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
	CHECK_INT(dmabuf_queue_reap(q, 0, 1), 0);
	CHECK_INT(fake_kernel.enters, 0);
	CHECK_INT(q->unsent, 1);
	CHECK_INT(q->uncommitted, 1);
	CHECK(q->fresh[0] == &q->units[0]);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	queue_sample_end();
}

/*
 * The polling thread empties the ring by itself. What liburing returns is
 * what was left when it looked, which can be nothing.
 */
static void test_polled(void)
{
	unsigned int i;

	queue_sample_begin(IORING_SETUP_SQPOLL);
	fake_kernel.lazy = true;
	queue_sample_answers(2, (int[]){ -EAGAIN, 512 });
	for (i = 0; i < DEPTH; i++)
		queue_sample_start(i, IORING_OP_READ_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(q->unsent, 0);
	CHECK_INT(dmabuf_queue_reap(q, 0, DEPTH), 0);
	CHECK_INT(dmabuf_queue_reap(q, DEPTH, DEPTH), DEPTH);
	CHECK_INT(q->stats.reissued, 1);
	CHECK_INT(q->stats.continued, 1);
	/* It never needs a call to get its completions. */
	CHECK_INT(fake_kernel.get_events, 0);
	queue_sample_end();
}

static unsigned int taken_first;

/* What the thread has not taken yet it takes at its next turn. */
static int late_thread(unsigned int unsent, unsigned int wait)
{
	unsigned int nr = unsent < taken_first ? unsent : taken_first;

	(void)wait;
	taken_first = DEPTH;
	return nr;
}

/* The entry of the watch is free again before all units are pushed. */
static void test_watch_is_taken(void)
{
	queue_sample_begin(IORING_SETUP_SQPOLL);
	fake_kernel.lazy = true;
	fake_kernel.enter = late_thread;
	taken_first = 0;
	CHECK_INT(dmabuf_queue_watch(q, 42), 0);
	CHECK_INT(fake_kernel.held, 1);
	CHECK_INT(fake_kernel.enters, 2);
	queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
	fake_kernel.enter = NULL;
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	queue_sample_end();
}

/*
 * liburing counts what the thread has not taken yet: anything from nothing
 * to all of it. All has been handed over, and one call is enough.
 */
static void test_polled_counts(void)
{
	unsigned int left, i;

	for (left = 0; left <= DEPTH; left++) {
		queue_sample_begin(IORING_SETUP_SQPOLL);
		fake_kernel.lazy = true;
		fake_kernel.enter = late_thread;
		taken_first = DEPTH - left;
		for (i = 0; i < DEPTH; i++)
			queue_sample_start(i, IORING_OP_WRITE_FIXED, 4096);
		fake_kernel.enters = 0;
		CHECK_INT(dmabuf_queue_submit(q), 0);
		CHECK_INT(fake_kernel.enters, 1);
		CHECK_INT(fake_kernel.held, DEPTH - left);
		CHECK_INT(q->unsent, 0);
		CHECK_INT(q->uncommitted, 0);
		CHECK_INT(dmabuf_queue_reap(q, DEPTH, DEPTH), DEPTH);
		CHECK_INT(fake_kernel.enters, 2);
		CHECK_INT(queue_sample.nr_seen, DEPTH);
		CHECK_INT(queue_sample_set(DEPTH), 0xff);
		queue_sample_end();
	}

	/* The same when the call that sends also waits. */
	for (left = 0; left <= DEPTH; left++) {
		queue_sample_begin(IORING_SETUP_SQPOLL);
		fake_kernel.enter = late_thread;
		taken_first = DEPTH - left;
		for (i = 0; i < DEPTH; i++)
			queue_sample_start(i, IORING_OP_READ_FIXED, 4096);
		q->uncommitted = 0;
		fake_kernel.enters = 0;
		CHECK_INT(dmabuf_queue_reap(q, DEPTH, DEPTH), DEPTH);
		CHECK(fake_kernel.enters <= 2);
		CHECK_INT(queue_sample.nr_seen, DEPTH);
		queue_sample_end();
	}
}

static int refusals, refusal;

static int refusing(unsigned int unsent, unsigned int wait)
{
	(void)wait;
	if (refusals) {
		refusals--;
		return refusal;
	}
	return unsent;
}

static void test_enter_refused_for_a_while(void)
{
	static const int errors[] = { -EINTR, -EAGAIN, -EBUSY };
	unsigned int i;

	queue_sample_begin(0);
	fake_kernel.enter = refusing;
	for (i = 0; i < 3; i++) {
		refusal = errors[i];
		refusals = 5;
		queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
		queue_sample_start(1, IORING_OP_READ_FIXED, 4096);
		CHECK_INT(dmabuf_queue_submit(q), 0);
		CHECK_INT(q->unsent, 0);
		refusals = 5;
		fake_kernel.lazy = true;
		CHECK_INT(dmabuf_queue_reap(q, 2, 2), 2);
		CHECK_INT(q->unexplained, 0);
		CHECK_INT(q->refused_since, 0);
		fake_kernel.lazy = false;
	}
	queue_sample_end();
}

static void test_enter_refused_for_good(void)
{
	queue_sample_begin(0);
	fake_kernel.enter = refusing;
	queue_sample_start(0, IORING_OP_READ_FIXED, 4096);
	/* What the kernel has no patience for is passed on at once. */
	refusal = -EBADF;
	refusals = 1;
	CHECK_INT(dmabuf_queue_submit(q), -EBADF);
	CHECK_INT(q->unexplained, 0);
	refusals = 1;
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), -EBADF);
	/* The rest has ten seconds. */
	refusal = -EBUSY;
	refusals = 1 << 30;
	fake.tick = 1000000000;
	CHECK_INT(dmabuf_queue_submit(q), -ETIME);
	CHECK_INT(q->unexplained, -ETIME);
	CHECK((1 << 30) - refusals < 20);
	refusals = 0;
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	queue_sample_end();
}

static int one_at_a_time(unsigned int unsent, unsigned int wait)
{
	(void)wait;
	return unsent ? 1 : 0;
}

static void test_enter_takes_a_part(void)
{
	unsigned int i;

	queue_sample_begin(0);
	fake_kernel.enter = one_at_a_time;
	for (i = 0; i < DEPTH; i++)
		queue_sample_start(i, IORING_OP_READ_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(fake_kernel.enters, DEPTH);
	CHECK_INT(q->unsent, 0);
	CHECK_INT(dmabuf_queue_reap(q, DEPTH, DEPTH), DEPTH);
	CHECK_INT(queue_sample_set(DEPTH), 0xff);
	/* And when the waiting call has to send as well. */
	for (i = 0; i < DEPTH; i++)
		queue_sample_start(i, IORING_OP_READ_FIXED, 4096);
	q->uncommitted = 0;
	CHECK_INT(dmabuf_queue_reap(q, DEPTH, DEPTH), DEPTH);
	queue_sample_end();
}

/* A write that is given up must not reach the drive behind its restorer. */
static void test_finish_sends_nothing(void)
{
	queue_sample_begin(0);
	fake_kernel.lazy = true;
	queue_sample_start(0, IORING_OP_WRITE_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	queue_sample_start(1, IORING_OP_WRITE_FIXED, 4096);
	queue_sample_start(2, IORING_OP_WRITE_FIXED, 4096);
	dmabuf_queue_finish(q);
	CHECK_INT(queue_sample.nr_seen, 1);
	CHECK_INT(fake_kernel.held, 0);
	/* The ring is as good as new. */
	queue_sample_start(3, IORING_OP_WRITE_FIXED, 4096);
	CHECK_INT(dmabuf_queue_reap(q, 0, 1), 0);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(dmabuf_queue_reap(q, 1, 1), 1);
	CHECK(q->completed[0] == &q->units[3]);
	queue_sample_end();
}

/* io_uring_enter(2) refused, with the entry in the ring that it could take. */
static void test_finish_after_a_refusal(void)
{
	queue_sample_begin(0);
	fake_kernel.enter = refusing;
	refusal = -EBUSY;
	refusals = 1 << 30;
	fake.tick = 1000000000;
	queue_sample_start(0, IORING_OP_WRITE_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), -ETIME);
	refusals = 0;
	dmabuf_queue_finish(q);
	CHECK_INT(queue_sample.nr_seen, 0);
	CHECK_INT(fake_kernel.enters > 1, 1);
	queue_sample_end();
}

static void test_finish_reissues_nothing(void)
{
	static const int answers[] = { -EAGAIN, 512, 4096 };
	unsigned int i;

	queue_sample_begin(0);
	fake_kernel.lazy = true;
	queue_sample_answers(3, answers);
	for (i = 0; i < 3; i++)
		queue_sample_start(i, IORING_OP_WRITE_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	dmabuf_queue_finish(q);
	CHECK_INT(queue_sample.nr_seen, 3);
	queue_sample_end();
}

/* What the polling thread was told of cannot be taken back. */
static void test_finish_polled(void)
{
	queue_sample_begin(IORING_SETUP_SQPOLL);
	fake_kernel.lazy = true;
	fake_kernel.enter = late_thread;
	taken_first = 0;
	queue_sample_start(0, IORING_OP_WRITE_FIXED, 4096);
	CHECK_INT(dmabuf_queue_submit(q), 0);
	CHECK_INT(fake_kernel.held, 0);
	queue_sample_start(1, IORING_OP_WRITE_FIXED, 4096);
	dmabuf_queue_finish(q);
	CHECK_INT(queue_sample.nr_seen, 1);
	queue_sample_end();
}

static const struct check checks[] = {
	{ "min 0 never waits", test_min_0_never_waits },
	{ "min 0 sends what is reissued", test_min_0_sends_what_is_reissued },
	{ "min and max", test_min_and_max },
	{ "a full queue takes one call", test_full_queue_takes_one_call },
	{ "uncommitted units wait for the commit",
	  test_uncommitted_units_wait_for_the_commit },
	{ "SQPOLL", test_polled },
	{ "SQPOLL: counts of what was left", test_polled_counts },
	{ "io_uring_enter refused for a while",
	  test_enter_refused_for_a_while },
	{ "io_uring_enter refused for good", test_enter_refused_for_good },
	{ "io_uring_enter takes a part", test_enter_takes_a_part },
	{ "finish sends nothing", test_finish_sends_nothing },
	{ "finish after a refusal", test_finish_after_a_refusal },
	{ "finish reissues nothing", test_finish_reissues_nothing },
	{ "finish with SQPOLL", test_finish_polled },
	{ "spins instead of sleeping", test_spins_instead_of_sleeping },
	{ "a polling thread takes the watch", test_watch_is_taken },
};

CHECK_MAIN("queue, waiting", checks)
