/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order in which a job reads its blocks: sequential, random with each block
 * once, or random with repetitions (fio's norandommap).
 */
#ifndef SENDFILE_ORDER_H
#define SENDFILE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct order {
	uint64_t blocks, seed, next;
	unsigned int half;	/* bits in each half of a block number */
	bool random, repeats;
};

/* For @blocks blocks, at least 1. */
void order_begin(struct order *order, uint64_t blocks, uint64_t seed,
		 bool random, bool repeats);
/* True when every block was returned; never with repetitions. */
bool order_done(const struct order *order);
/* Starts again; a random order is a new one. */
void order_again(struct order *order);
/* The number of the next block. */
uint64_t order_next(struct order *order);

#endif
