/* SPDX-License-Identifier: GPL-2.0-only */
/* One transfer over path direct. Runs in a subprocess. */
#ifndef CHECK_DIRECT_H
#define CHECK_DIRECT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "check/result.h"
#include "check/sources.h"

/* Shared between two processes: the parent may have to restore the drive. */
struct check_direct {
	char drive[PATH_MAX];
	char source[160];
	bool write;
	bool force;

	struct check_result result;
	bool verified;
	bool written;
	uint64_t register_ns;
	uint64_t first_map_ns;

	/* For --write */
	volatile bool dirty;	/* the drive does not hold what was saved */
	char identity[256];	/* wwid of that drive; "" when it has none */
	unsigned char saved[CHECK_UNIT] __attribute__((aligned(4096)));
	unsigned char pattern[CHECK_UNIT] __attribute__((aligned(4096)));
	unsigned char read_back[CHECK_UNIT] __attribute__((aligned(4096)));
};

/* Registers and reads; with direct->write also writes. */
void check_direct_run(struct check_direct *direct);

#endif
