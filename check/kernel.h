/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel: io_uring, and its interface for registering dma-bufs. */
#ifndef CHECK_KERNEL_H
#define CHECK_KERNEL_H

#include "environment.h"
#include "result.h"

struct check_kernel {
	struct dmabuf_host host;
	struct check_result io_uring;	/* a ring can be set up */
	struct check_result interface;	/* dma-bufs can be registered */
	const char *family;		/* of the interface; NULL: none */
};

void check_kernel_try(struct check_kernel *kernel);

#endif
