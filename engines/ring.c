/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ring set-up. -EINVAL means that the kernel does not know a flag, and leads to
 * the next attempt, which asks for less. Other errors are final.
 */
#include <errno.h>
#include <string.h>

#include "register.h"
#include "ring.h"

static const unsigned int attempts[] = {
	/* Linux 6.1 */
	IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
	/* Linux 5.19 */
	IORING_SETUP_COOP_TASKRUN,
	0,
};

#define NR_ATTEMPTS	(sizeof(attempts) / sizeof(attempts[0]))

int dmabuf_ring_check_depth(unsigned int depth, struct dmabuf_error *err)
{
	struct io_uring ring;
	int ret;

	if (depth <= DMABUF_RING_DEPTH_MAX)
		return 0;
	ret = io_uring_queue_init(depth, &ring, 0);
	if (ret)
		return dmabuf_ring_refused(ret, depth, err);
	io_uring_queue_exit(&ring);
	return 0;
}

int dmabuf_ring_setup(struct io_uring *ring,
		      const struct dmabuf_ring_options *options,
		      struct dmabuf_error *err)
{
	struct io_uring_params params;
	int ret = -EINVAL;
	size_t i;

	for (i = 0; ret == -EINVAL && i < NR_ATTEMPTS; i++) {
		memset(&params, 0, sizeof(params));
		if (options->iopoll)
			params.flags |= IORING_SETUP_IOPOLL;
		if (options->sqpoll) {
			params.flags |= IORING_SETUP_SQPOLL;
			if (options->sqpoll_pinned) {
				params.flags |= IORING_SETUP_SQ_AFF;
				params.sq_thread_cpu = options->sqpoll_cpu;
			}
			/* The polling thread does the task work. */
			i = NR_ATTEMPTS - 1;
		}
		params.flags |= attempts[i];
		ret = io_uring_queue_init_params(options->depth, ring,
						 &params);
	}
	if (ret)
		return dmabuf_ring_refused(ret, options->depth, err);

	/* Saves a file look-up per call; optional, Linux 5.18. */
	io_uring_register_ring_fd(ring);
	return 0;
}
