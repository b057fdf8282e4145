/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets up the io_uring of a job. */
#ifndef DMABUF_RING_H
#define DMABUF_RING_H

#include <liburing.h>
#include <stdbool.h>

#include "error.h"

struct dmabuf_ring_options {
	unsigned int depth;	/* most I/Os in flight */
	bool iopoll;		/* hipri */
	bool sqpoll;		/* sqthread_poll */
	bool sqpoll_pinned;	/* to sqpoll_cpu */
	unsigned int sqpoll_cpu;
};

/*
 * Whether the kernel takes a ring of this depth, tried before memory is
 * allocated for it. 0, or -errno with the line.
 */
int dmabuf_ring_check_depth(unsigned int depth, struct dmabuf_error *err);

/*
 * Sets up the ring with single issuer, deferred task work and a registered ring
 * fd, as far as the kernel supports them. Called by the thread that will
 * submit. 0, or -errno with the line.
 */
int dmabuf_ring_setup(struct io_uring *ring,
		      const struct dmabuf_ring_options *options,
		      struct dmabuf_error *err);

#endif
