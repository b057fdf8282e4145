/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In the first two groups a bucket holds a single value; each further group is
 * one doubling, divided into 64 buckets.
 */
#include <math.h>

#include "latency.h"

enum { STEP_BITS = 6 };

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int msb = ns ? 63 - __builtin_clzll(ns) : 0, shift, bucket;

	if (msb <= STEP_BITS)
		return ns;
	shift = msb - STEP_BITS;
	bucket = (shift + 1) * LATENCY_STEPS +
		((ns >> shift) & (LATENCY_STEPS - 1));
	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

uint64_t latency_value(unsigned int bucket)
{
	unsigned int group = bucket / LATENCY_STEPS, shift;
	uint64_t step = bucket % LATENCY_STEPS;

	if (group < 2)
		return bucket;
	shift = group - 1;
	return ((LATENCY_STEPS + step) << shift) + (1ULL << shift) / 2;
}

void latency_add(struct latency *latency, uint64_t ns)
{
	if (!latency->count || ns < latency->least)
		latency->least = ns;
	if (ns > latency->most)
		latency->most = ns;
	latency->count++;
	latency->sum += ns;
	latency->squares += (double)ns * ns;
	latency->buckets[bucket_of(ns)]++;
}

void latency_merge(struct latency *into, const struct latency *from)
{
	unsigned int i;

	if (!from->count)
		return;
	if (!into->count || from->least < into->least)
		into->least = from->least;
	if (from->most > into->most)
		into->most = from->most;
	into->count += from->count;
	into->sum += from->sum;
	into->squares += from->squares;
	for (i = 0; i < LATENCY_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
}

double latency_mean(const struct latency *latency)
{
	return latency->count ? latency->sum / latency->count : 0;
}

double latency_deviation(const struct latency *latency)
{
	double mean = latency_mean(latency), n = latency->count, left;

	if (n < 2)
		return 0;
	left = (latency->squares - n * mean * mean) / (n - 1);
	return left > 0 ? sqrt(left) : 0;
}

uint64_t latency_percentile(const struct latency *latency, double percent)
{
	double wanted = percent / 100 * latency->count;
	uint64_t seen = 0;
	unsigned int i;

	for (i = 0; i < LATENCY_BUCKETS; i++) {
		seen += latency->buckets[i];
		if (latency->buckets[i] && seen >= wanted)
			return latency_value(i);
	}
	return 0;
}
