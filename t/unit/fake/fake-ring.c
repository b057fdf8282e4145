/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rings in memory and the kernel behind them: takes SQEs off the submission
 * ring as io_uring_enter(2) does, holds them, and posts completions in the
 * order and with the results that fake_kernel says.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake-register.h"
#include "fake-ring.h"
#include "fake.h"

#define NR_RINGS	4
#define HELD		4096

struct fake_kernel fake_kernel;

/* Not calloc, which the script may let fail. */
void *__real_calloc(size_t nr, size_t size);

static struct fake_ring {
	struct io_uring *ring;		/* NULL: free */
	unsigned int sq_head, sq_tail, cq_head, cq_tail;
	struct io_uring_sqe *held;
} rings[NR_RINGS];

static struct fake_ring *ring_of(const struct io_uring *ring)
{
	int i;

	for (i = 0; i < NR_RINGS; i++)
		if (rings[i].ring == ring)
			return &rings[i];
	fprintf(stderr, "a ring that was never set up\n");
	abort();
}

int fake_rings(void)
{
	int i, used = 0;

	for (i = 0; i < NR_RINGS; i++)
		used += !!rings[i].ring;
	return used;
}

void fake_ring_make(struct io_uring *ring, unsigned int entries,
		    unsigned int flags)
{
	struct fake_ring *fr = rings;
	unsigned int size = 1;

	while (fr->ring)
		if (++fr == rings + NR_RINGS)
			abort();
	while (size < entries)
		size *= 2;
	memset(fr, 0, sizeof(*fr));
	memset(ring, 0, sizeof(*ring));
	fr->ring = ring;
	fr->held = __real_calloc(HELD, sizeof(*fr->held));
	ring->flags = flags;
	ring->ring_fd = fake_fd("io_uring");
	ring->sq.khead = &fr->sq_head;
	ring->sq.ktail = &fr->sq_tail;
	ring->sq.sqes = __real_calloc(size, sizeof(*ring->sq.sqes));
	ring->sq.ring_entries = size;
	ring->sq.ring_mask = size - 1;
	ring->cq.khead = &fr->cq_head;
	ring->cq.ktail = &fr->cq_tail;
	ring->cq.cqes = __real_calloc(2 * size, sizeof(*ring->cq.cqes));
	ring->cq.ring_entries = 2 * size;
	ring->cq.ring_mask = 2 * size - 1;
	if (!fr->held || !ring->sq.sqes || !ring->cq.cqes)
		abort();
}

void fake_ring_destroy(struct io_uring *ring)
{
	struct fake_ring *fr = ring_of(ring);

	fake_registry.slots = 0;
	close(ring->ring_fd);
	free(fr->held);
	free(ring->sq.sqes);
	free(ring->cq.cqes);
	memset(fr, 0, sizeof(*fr));
}

static int default_answer(const struct io_uring_sqe *sqe)
{
	bool transfer = sqe->opcode == 4 || sqe->opcode == 5;

	return transfer ? (int)sqe->len : 0;
}

/* Completes one held SQE. */
static void complete_one(struct fake_ring *fr)
{
	struct io_uring_cq *cq = &fr->ring->cq;
	unsigned int i = fake_kernel.pick ?
		fake_kernel.pick(fake_kernel.held) : 0;
	struct io_uring_cqe *cqe = &cq->cqes[fr->cq_tail & cq->ring_mask];
	struct io_uring_sqe sqe = fr->held[i];

	if (fr->cq_tail - fr->cq_head >= cq->ring_entries) {
		fprintf(stderr, "completion ring full\n");
		abort();
	}
	memmove(&fr->held[i], &fr->held[i + 1],
		(--fake_kernel.held - i) * sizeof(sqe));
	memset(cqe, 0, sizeof(*cqe));
	cqe->user_data = sqe.user_data;
	cqe->res = fake_kernel.answer ? fake_kernel.answer(&sqe) :
					default_answer(&sqe);
	__atomic_store_n(&fr->cq_tail, fr->cq_tail + 1, __ATOMIC_RELEASE);
}

static void take(struct fake_ring *fr, unsigned int nr)
{
	struct io_uring_sq *sq = &fr->ring->sq;

	while (nr--) {
		if (fake_kernel.held == HELD)
			abort();
		fr->held[fake_kernel.held++] =
			sq->sqes[fr->sq_head++ & sq->ring_mask];
		/* The engine must set every field when it reuses this. */
		memset(&sq->sqes[(fr->sq_head - 1) & sq->ring_mask], 0xa5,
		       sizeof(*sq->sqes));
	}
}

static unsigned int beyond(unsigned int held)
{
	if (fake_kernel.more)
		return fake_kernel.more(held);
	return fake_kernel.lazy ? 0 : held;
}

static void complete(struct fake_ring *fr, unsigned int wait)
{
	unsigned int ready = fr->cq_tail - fr->cq_head;
	unsigned int nr = ready < wait ? wait - ready : 0;
	unsigned int more;

	if (nr > fake_kernel.held) {
		fprintf(stderr, "waits for %u completions, %u outstanding\n",
			wait, ready + fake_kernel.held);
		_exit(98);
	}
	while (nr--)
		complete_one(fr);
	for (more = beyond(fake_kernel.held); more; more--)
		complete_one(fr);
}

int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned int wait);
int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned int wait)
{
	struct fake_ring *fr = ring_of(ring);
	unsigned int unsent = ring->sq.sqe_tail - fr->sq_head;
	int nr = unsent;

	/* As liburing flushes the ring before the call. */
	ring->sq.sqe_head = ring->sq.sqe_tail;
	fr->sq_tail = ring->sq.sqe_tail;
	fake_kernel.enters++;
	fake_kernel.idle = unsent || wait ? 0 : fake_kernel.idle + 1;
	if (fake_kernel.idle > 1000) {
		fprintf(stderr, "submits nothing, over and over\n");
		_exit(98);
	}
	if (fake_fails(FAKE_ENTER))
		return -errno;
	if (fake_kernel.enter)
		nr = fake_kernel.enter(unsent, wait);
	fake.now += fake_kernel.enter_ns;
	if (nr < 0)
		return nr;
	take(fr, nr);
	/* The kernel does not wait when it could not take everything. */
	complete(fr, (unsigned int)nr == unsent ? wait : 0);
	/* liburing counts what is left in the ring after the flush. */
	return fake_kernel.polled ? (int)(ring->sq.sqe_tail - fr->sq_head) : nr;
}

int __wrap_io_uring_get_events(struct io_uring *ring);
int __wrap_io_uring_get_events(struct io_uring *ring)
{
	fake_kernel.get_events++;
	complete(ring_of(ring), 0);
	return 0;
}

int __wrap_io_uring_queue_init_params(unsigned int entries,
				      struct io_uring *ring,
				      struct io_uring_params *params);
int __wrap_io_uring_queue_init_params(unsigned int entries,
				      struct io_uring *ring,
				      struct io_uring_params *params)
{
	fake_kernel.params_flags = params->flags;
	fake_kernel.params_cpu = params->sq_thread_cpu;
	fake_log("ring %u flags %#x", entries, params->flags);
	if (fake_fails(FAKE_RING))
		return -errno;
	if (!entries || params->flags & fake_kernel.refused_flags)
		return -EINVAL;
	fake_ring_make(ring, entries, params->flags);
	return 0;
}

int __wrap_io_uring_queue_init(unsigned int entries, struct io_uring *ring,
			       unsigned int flags);
int __wrap_io_uring_queue_init(unsigned int entries, struct io_uring *ring,
			       unsigned int flags)
{
	struct io_uring_params params = { .flags = flags };

	return __wrap_io_uring_queue_init_params(entries, ring, &params);
}

void __wrap_io_uring_queue_exit(struct io_uring *ring);
void __wrap_io_uring_queue_exit(struct io_uring *ring)
{
	fake_ring_destroy(ring);
}

int __wrap_io_uring_register_ring_fd(struct io_uring *ring);
int __wrap_io_uring_register_ring_fd(struct io_uring *ring)
{
	fake_log("register ring fd");
	return -EINVAL;		/* as before 5.18 */
}
