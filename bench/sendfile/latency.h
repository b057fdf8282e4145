/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latencies as in fio: a histogram whose buckets are at most 1/64 of their
 * value wide, and the statistics derived from it.
 */
#ifndef SENDFILE_LATENCY_H
#define SENDFILE_LATENCY_H

#include <stdint.h>

enum {
	LATENCY_STEPS = 64,	/* buckets for each doubling */
	/* fio's 29 doublings: up to 17 s; the last bucket has the rest */
	LATENCY_BUCKETS = 29 * LATENCY_STEPS,
};

struct latency {
	uint64_t count, least, most;
	double sum, squares;
	uint64_t buckets[LATENCY_BUCKETS];
};

/* All values are nanoseconds. */
void latency_add(struct latency *latency, uint64_t ns);
void latency_merge(struct latency *into, const struct latency *from);
double latency_mean(const struct latency *latency);
double latency_deviation(const struct latency *latency);
/* The middle of a bucket, which fio prints for it. */
uint64_t latency_value(unsigned int bucket);
/* The value that @percent of all latencies do not exceed; 0 when empty. */
uint64_t latency_percentile(const struct latency *latency, double percent);

#endif
