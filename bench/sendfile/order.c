/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A random order without repetition needs no list of what was read: a Feistel
 * network permutes the numbers below a power of four, whatever its round
 * function is. A number outside the job is permuted again until it is inside.
 */
#include "order.h"

enum { ROUNDS = 4 };

/* A well-mixed function of 64 bits (the finalizer of splitmix64). */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

void order_begin(struct order *order, uint64_t blocks, uint64_t seed,
		 bool random, bool repeats)
{
	*order = (struct order) {
		.blocks = blocks,
		.seed = mix(seed),
		.half = 1,
		.random = random,
		.repeats = random && repeats,
	};
	while (order->half < 32 && blocks > 1ULL << 2 * order->half)
		order->half++;
}

bool order_done(const struct order *order)
{
	return !order->repeats && order->next == order->blocks;
}

void order_again(struct order *order)
{
	order->next = 0;
	order->seed = mix(order->seed);
}

static uint64_t permute(const struct order *order, uint64_t number)
{
	uint64_t mask = (1ULL << order->half) - 1;
	uint64_t left = number >> order->half, right = number & mask;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		uint64_t old = right;

		right = left ^ (mix(order->seed + (old << 8 | i)) & mask);
		left = old;
	}
	return left << order->half | right;
}

uint64_t order_next(struct order *order)
{
	uint64_t number = order->next++;

	if (order->repeats)
		return mix(order->seed + number) % order->blocks;
	if (!order->random)
		return number;
	do
		number = permute(order, number);
	while (number >= order->blocks);
	return number;
}
