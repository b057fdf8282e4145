/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue on a kernel that completes I/Os in any order and in parts, with
 * EAGAIN or errors, compared with a model: each unit completes exactly once,
 * with the bytes of its slice and no others.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake-system.h"
#include "queue.h"

#define DEPTH_MAX	64
#define STEPS		3000
#define ROUNDS		60

struct model_unit {
	bool started;
	uint8_t opcode;
	uint32_t want, done;
	uint64_t off, addr;
	int expected;		/* result, once the kernel has settled it */
	bool settled;
	struct io_uring_sqe last;	/* as last submitted */
	bool again;		/* the last answer was EAGAIN */
};

static struct {
	struct io_uring ring;
	struct dmabuf_queue queue;
	struct model_unit units[DEPTH_MAX];
	unsigned int depth, seed;
	uint64_t reissued, continued, errors, ios, bytes;
	unsigned int ends;	/* of files in mid-block, in all rounds */
	bool ok;
} m;

static unsigned int rnd(unsigned int below)
{
	return check_random(&m.seed, below);
}

static void must(bool holds, const char *what)
{
	if (!holds && m.ok) {
		printf("\n    %s, seed now %u\n", what, m.seed);
		CHECK_TEXT("the model", what);
	}
	m.ok &= holds;
}

static int settle(struct model_unit *u, int result)
{
	u->settled = true;
	u->expected = result;
	return result;
}

/* A full transfer; 0 or a short read ends the file. */
static int end(struct model_unit *u, int part)
{
	u->done += part;
	if (u->done < u->want && m.queue.endless) {
		m.errors++;
		settle(u, -ENODEV);
		return part;
	}
	m.ios++;
	m.bytes += u->done;
	settle(u, u->done);
	return part;
}

/* Some of it, of a read mostly whole blocks: the rest ends the file. */
static int part_of(struct model_unit *u)
{
	int part = 1 + rnd(u->want - u->done - 1);

	if (part > 512 && rnd(4))
		part -= part % 512;
	if (u->opcode == IORING_OP_READ_FIXED && part % 512) {
		m.ends++;
		return end(u, part);
	}
	u->done += part;
	m.continued++;
	return part;
}

static int answer(const struct io_uring_sqe *sqe)
{
	unsigned int index = ((struct dmabuf_unit *)(uintptr_t)sqe->user_data) -
		m.queue.units;
	static const int errors[] = { -EIO, -ENOSPC, -EBADF, -ENXIO };
	struct model_unit *u = &m.units[index];
	unsigned int kind = rnd(100);

	must(index < m.depth && u->started && !u->settled, "a stray SQE");
	must(sqe->opcode == u->opcode && sqe->fd == (int)index &&
	     sqe->off == u->off + u->done && sqe->addr == u->addr + u->done &&
	     sqe->len == u->want - u->done, "the right slice");
	must(!u->again || !memcmp(sqe, &u->last, sizeof(*sqe)),
	     "unchanged after EAGAIN");
	u->last = *sqe;
	u->again = kind < 20;
	if (u->again) {
		m.reissued++;
		return -EAGAIN;
	}
	if (kind < 25) {
		m.errors++;
		return settle(u, errors[rnd(4)]);
	}
	if (kind < 30)
		return end(u, 0);
	if (kind >= 50 || u->want - u->done < 2)
		return end(u, u->want - u->done);
	return part_of(u);
}

static unsigned int pick(unsigned int nr)
{
	return rnd(nr);
}

static unsigned int more(unsigned int nr)
{
	return rnd(2) ? 0 : rnd(nr + 1);
}

static int enter(unsigned int unsent, unsigned int wait)
{
	static const int errors[] = { -EINTR, -EAGAIN, -EBUSY };
	unsigned int kind = rnd(100);

	if (kind < 9)
		return errors[kind / 3];
	return kind < 20 ? rnd(unsent + 1) : unsent;
}

static void start_one(void)
{
	unsigned int i = rnd(m.depth);
	struct model_unit *u = &m.units[i];
	struct io_uring_sqe *sqe = &m.queue.units[i].sqe;

	if (u->started)
		return;
	memset(u, 0, sizeof(*u));
	u->started = true;
	u->opcode = 4 + rnd(2);
	u->want = 1 + rnd(1 << 22);
	u->off = check_random(&m.seed, 1ULL << 44);
	u->addr = check_random(&m.seed, 1ULL << 40);
	sqe->opcode = u->opcode;
	sqe->fd = i;
	sqe->off = u->off;
	sqe->addr = u->addr;
	sqe->len = u->want;
	dmabuf_queue_start(&m.queue, &m.queue.units[i]);
}

static unsigned int started(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < m.depth; i++)
		n += m.units[i].started;
	return n;
}

static void reap(unsigned int min, unsigned int max)
{
	int i, n = dmabuf_queue_reap(&m.queue, min, max);

	must(n >= (int)min && n <= (int)max, "between min and max");
	for (i = 0; i < n; i++) {
		struct dmabuf_unit *unit = m.queue.completed[i];
		struct model_unit *u = &m.units[unit - m.queue.units];

		must(u->started && u->settled, "completed exactly once");
		must(unit->result == u->expected, "the right result");
		u->started = false;
	}
	must(m.queue.in_flight == started(), "in flight");
	must(m.queue.unsent == 0 || m.queue.uncommitted,
	     "nothing is kept back");
}

static void step(void)
{
	unsigned int kind = rnd(10), n = started();

	if (kind < 6) {
		start_one();
	} else if (kind < 8) {
		must(!dmabuf_queue_submit(&m.queue), "submitted");
		must(!m.queue.unsent, "all of it");
	} else if (!m.queue.uncommitted) {
		unsigned int max = 1 + rnd(m.depth);
		unsigned int min = rnd((n < max ? n : max) + 1);

		reap(min, max);
	} else {
		reap(0, 1 + rnd(m.depth));
	}
}

static unsigned long long sum(const uint64_t *values, unsigned int nr)
{
	unsigned long long total = 0;

	while (nr)
		total += values[--nr];
	return total;
}

static void one_round(unsigned int depth, unsigned int flags)
{
	const struct dmabuf_queue_stats *stats = &m.queue.stats;
	unsigned int i;

	fake_reset();
	m.depth = depth;
	m.reissued = m.continued = m.errors = m.ios = m.bytes = 0;
	memset(m.units, 0, sizeof(m.units));
	fake_ring_make(&m.ring, depth, flags);
	CHECK_INT(dmabuf_queue_init(&m.queue, &m.ring, depth), 0);
	m.queue.endless = rnd(2);
	fake_kernel.answer = answer;
	fake_kernel.pick = pick;
	fake_kernel.more = more;
	fake_kernel.polled = flags & IORING_SETUP_SQPOLL;
	if (!fake_kernel.polled)
		fake_kernel.enter = enter;

	for (i = 0; m.ok && i < STEPS; i++)
		step();
	must(!dmabuf_queue_submit(&m.queue), "submitted at the end");
	while (m.ok && started())
		reap(1, depth);
	CHECK_INT(m.queue.in_flight, 0);
	CHECK_INT(fake_kernel.held, 0);
	CHECK_INT(stats->reissued, m.reissued);
	CHECK_INT(stats->continued, m.continued);
	CHECK_INT(sum(stats->errors, DMABUF_ERRNO_MAX), m.errors);
	CHECK_INT(sum(stats->ios, DMABUF_OPCODES), m.ios);
	CHECK_INT(sum(stats->bytes, DMABUF_OPCODES), m.bytes);
	CHECK_INT(m.queue.unexplained, stats->errors[ENODEV] ? -ENODEV : 0);
	dmabuf_queue_free(&m.queue);
	fake_ring_destroy(&m.ring);
}

static void rounds(unsigned int flags)
{
	static const unsigned int depths[] = { 1, 2, 3, 8, 31, 64 };
	unsigned int i;

	m.seed = check_seed();
	m.ok = true;
	m.ends = 0;
	for (i = 0; m.ok && i < ROUNDS; i++)
		one_round(depths[i % 6], flags);
	CHECK(m.ends > 100);
}

static void test_random_schedules(void)
{
	rounds(0);
}

static void test_random_schedules_polled(void)
{
	rounds(IORING_SETUP_SQPOLL);
}

static const struct check checks[] = {
	{ "random schedules", test_random_schedules },
	{ "random schedules, SQPOLL", test_random_schedules_polled },
};

CHECK_MAIN("queue model", checks)
