/* SPDX-License-Identifier: GPL-2.0-only */
/* AMD's runtime library, scripted; see fake-gpu.h for the GPU itself. */
#ifndef FAKE_HIP_H
#define FAKE_HIP_H

#include "fake-gpu.h"

#define FAKE_HIP_NAME	"AMD Fake 300"
#define FAKE_HIP_EXPORT	"hipMemGetHandleForAddressRange"

struct fake_hip {
	/* How this runtime differs from a good one. */
	uint64_t offset;	/* where ROCr says that the memory begins */
	bool no_fd;		/* a success that is none */
	int export_result;
	bool written;		/* and not waited for */
	int wanted;		/* the GPU, from 1, that a thread has to choose */
};

extern struct fake_hip fake_hip;

/* Names and functions, up to a NULL; the last two export. */
extern const struct fake_symbol fake_hip_symbols[];
/* The thread's GPU, from 1; 0: none. */
extern __thread int fake_hip_current;

/* A good runtime of two GPUs; the first is the one that is wanted. */
void fake_hip_reset(void);

#endif
