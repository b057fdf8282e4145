/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel lets this process do with io_uring. */
#ifndef CHECK_KERNEL_H
#define CHECK_KERNEL_H

#include "environment.h"
#include "result.h"

struct check_kernel {
	struct dmabuf_host host;
	struct check_result io_uring;	/* a ring was made */
	struct check_result interface;	/* for dma-bufs, tried */
	const char *family;		/* NULL: none */
};

void check_kernel_try(struct check_kernel *kernel);

#endif
