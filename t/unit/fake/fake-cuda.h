/* SPDX-License-Identifier: GPL-2.0-only */
/* NVIDIA's driver library, scripted; see fake-gpu.h for the GPU itself. */
#ifndef FAKE_CUDA_H
#define FAKE_CUDA_H

#include "fake-gpu.h"

#define FAKE_CUDA_NAME	"NVIDIA Fake 100"

/* How this driver differs from a good one. */
struct fake_cuda {
	int no_export;		/* the attribute is 0 */
	size_t granularity;
	int export_result;
	const char *nameless;	/* errors have no name */
};

extern struct fake_cuda fake_cuda;

/* Names and functions, up to a NULL. */
extern const struct fake_symbol fake_cuda_symbols[];

/* A good driver of two GPUs, loaded by nobody. */
void fake_cuda_reset(void);
/* Contexts that are current in this thread. */
int fake_cuda_depth(void);

#endif
