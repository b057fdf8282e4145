/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock for all times that are measured here. */
#ifndef DMABUF_CLOCK_H
#define DMABUF_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of CLOCK_MONOTONIC. */
static inline uint64_t dmabuf_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

#endif
