/* SPDX-License-Identifier: GPL-2.0-only */
/* The attempt itself, which runs in a process of its own. */
#ifndef CHECK_DIRECT_H
#define CHECK_DIRECT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "empty.h"
#include "job.h"
#include "sources.h"
#include "result.h"

/* In memory that both processes see: the parent may have to clean up. */
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

	/* --write: what was there, and whether it is not there now. */
	volatile bool dirty;
	char identity[256];	/* of that drive; "" when it has none */
	unsigned char saved[CHECK_UNIT] __attribute__((aligned(4096)));
	unsigned char wanted[CHECK_UNIT] __attribute__((aligned(4096)));
	unsigned char found[CHECK_UNIT] __attribute__((aligned(4096)));
};

/* Registers and reads; with direct->write writes as well. */
void check_direct_run(struct check_direct *direct);

/*
 * Writes through the dma-buf of @job, reads that back through it and past it,
 * and puts back what was there. -errno with the line.
 */
int check_write(struct check_direct *direct, struct dmabuf_job *job,
		struct dmabuf_error *err);

/* Puts back what was there. For another process than that which wrote. */
void check_write_restore(struct check_direct *direct);

#endif
