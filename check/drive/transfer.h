/* SPDX-License-Identifier: GPL-2.0-only */
/* A transfer between a drive and a buffer of one source, over path direct. */
#ifndef CHECK_TRANSFER_H
#define CHECK_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "check/result.h"
#include "check/sources.h"
#include "check/verify/verify.h"

struct check_transfer {
	const struct check_source *source;
	struct check_result result;
	/* Proved: data read through the dma-buf was verified. */
	bool verified;
	bool written;		/* and so was data written through it */
	bool lost;		/* the drive was not restored */
	uint64_t register_ns;
	uint64_t first_map_ns;	/* the first read */
	struct check_verified verified_by[CHECK_NR_DIRECTIONS];	/* --verify */
};

/*
 * Registers a buffer of transfer->source for the drive and reads one block;
 * with @write also writes, reads back and restores the blocks, which without
 * @force must be zero. Takes at most a minute, and three minutes more to
 * restore a drive.
 */
void check_transfer_try(struct check_transfer *transfer, const char *drive,
			bool write, bool force);

#endif
