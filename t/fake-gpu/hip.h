/* SPDX-License-Identifier: GPL-2.0-only */
/* The fake of libamdhip64.so, and of the one call of ROCr below it. */
#ifndef FAKE_HIP_H
#define FAKE_HIP_H

#include "gpu.h"

struct fake_hip {
	/* How this runtime differs from a good one. */
	uint64_t offset;	/* where ROCr says that the memory begins */
	bool no_fd;		/* an export succeeds without a descriptor */
	int export_result;	/* of an export, in place of a dma-buf */

	int wanted;		/* the GPU, from 1, for every call; 0: any */
	bool written;		/* by a copy that nobody has waited for */
};

extern struct fake_hip fake_hip;
/* The last two export: that of ROCr, and that of HIP from ROCm 7 on. */
extern const struct fake_symbol fake_hip_symbols[];
/* The GPU that the thread has chosen, from 1; 0: none, which is the first. */
extern __thread int fake_hip_current;

void fake_hip_reset(void);

#endif
