/* SPDX-License-Identifier: GPL-2.0-only */
/* One io_uring per job: set-up, registered files, end. */
#ifndef DMABUF_RING_H
#define DMABUF_RING_H

#include <liburing.h>
#include <stdbool.h>

#include "error.h"

struct dmabuf_ring_options {
	unsigned int depth;	/* I/Os in flight at most */
	bool iopoll;		/* hipri */
	bool sqpoll;		/* sqthread_poll */
	bool sqpoll_pinned;	/* sqpoll_cpu was given */
	unsigned int sqpoll_cpu;
};

/*
 * Sets up the ring with as much of single issuer, deferred task work and a
 * registered ring fd as the kernel takes. To be called by the thread that
 * will submit. -errno with the line.
 */
int dmabuf_ring_setup(struct io_uring *ring,
		      const struct dmabuf_ring_options *options,
		      struct dmabuf_error *err);

#endif
