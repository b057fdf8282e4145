/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order in which the blocks of a job are read: one after the other, or at
 * random, and then each once or, as fio's norandommap has it, any each time.
 */
#ifndef SENDFILE_ORDER_H
#define SENDFILE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct order {
	uint64_t blocks, seed, next;
	unsigned int half;	/* bits of each half of a permuted number */
	bool random, repeats;
};

/* Of @blocks, which are at least 1. */
void order_begin(struct order *order, uint64_t blocks, uint64_t seed,
		 bool random, bool repeats);
/* Whether every block had its turn; never where they repeat. */
bool order_done(const struct order *order);
/* From the beginning; at random in another order. */
void order_again(struct order *order);
uint64_t order_next(struct order *order);

#endif
