/* SPDX-License-Identifier: GPL-2.0-only */
/* Rings in memory, and the kernel that completes what they submit. */
#ifndef FAKE_RING_H
#define FAKE_RING_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The kernel side of every ring. What the engine submits is held until
 * fake_kernel decides; a wait that can never end ends the program (98).
 */
struct fake_kernel {
	/* Result of an SQE that completes now; NULL: a full transfer. */
	int (*answer)(const struct io_uring_sqe *sqe);
	/* -errno of an io_uring_enter, or how many SQEs it takes. */
	int (*enter)(unsigned int unsent, unsigned int wait);
	/* Which of the @nr held SQEs completes next; NULL: the oldest. */
	unsigned int (*pick)(unsigned int nr);
	/* How many of the @nr held complete beyond those waited for. */
	unsigned int (*more)(unsigned int nr);
	bool lazy;		/* completes nothing that is not waited for */
	bool polled;		/* SQPOLL: takes SQEs at once */
	unsigned int enters;
	unsigned int idle;	/* of these, in a row, without any work */
	unsigned int get_events;
	unsigned int held;	/* SQEs submitted and not completed */
	unsigned int params_flags;	/* of the ring set up last */
	unsigned int params_cpu;
	unsigned int refused_flags;	/* io_uring_setup: -EINVAL for these */
	uint64_t enter_ns;	/* how long an io_uring_enter takes */
};

extern struct fake_kernel fake_kernel;

/* A ring in memory, as io_uring_setup(2) would make it. */
void fake_ring_make(struct io_uring *ring, unsigned int entries,
		    unsigned int flags);
void fake_ring_destroy(struct io_uring *ring);
int fake_rings(void);

#endif
