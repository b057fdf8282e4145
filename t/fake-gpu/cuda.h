/* SPDX-License-Identifier: GPL-2.0-only */
/* The fake of libcuda.so.1. */
#ifndef FAKE_CUDA_H
#define FAKE_CUDA_H

#include "gpu.h"

/* How this driver differs from a good one. */
struct fake_cuda {
	bool no_export;		/* of dma-bufs: the attribute is 0 */
	size_t granularity;	/* of allocations; normally 2 MiB */
	int export_result;	/* of an export, in place of a dma-buf */
};

extern struct fake_cuda fake_cuda;
extern const struct fake_symbol fake_cuda_symbols[];

void fake_cuda_reset(void);
/* How many contexts are current in this thread: 0 or 1. */
int fake_cuda_depth(void);

#endif
