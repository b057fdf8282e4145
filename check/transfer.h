/* SPDX-License-Identifier: GPL-2.0-only */
/* A drive and a source: registered, and data moved between the two. */
#ifndef CHECK_TRANSFER_H
#define CHECK_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "sources.h"
#include "result.h"

struct check_transfer {
	const struct check_source *source;
	struct check_result result;
	/* What is proved: data read through the dma-buf compared equal. */
	bool verified;
	bool written;		/* and so did data written through it */
	bool lost;		/* what was there is not back on the drive */
	uint64_t register_ns;
	uint64_t first_map_ns;	/* the first read */
};

/*
 * Registers a buffer of @transfer->source for the drive and reads one block;
 * with @write also writes, reads back and puts the former content back, which
 * without @force has to be zeroes. For at most a minute.
 */
void check_transfer_try(struct check_transfer *transfer, const char *drive,
			bool write, bool force);

#endif
