/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compares every byte of many blocks in one direction, between a drive and a
 * buffer of one source, with several in flight.
 */
#ifndef CHECK_VERIFY_H
#define CHECK_VERIFY_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "check/drive/restore.h"
#include "check/result.h"
#include "check/sources.h"
#include "compare.h"

#define CHECK_VERIFY_SECONDS	10	/* by default */

enum check_direction {
	CHECK_READS,
	CHECK_WRITES,
	CHECK_NR_DIRECTIONS,
};

/* What one direction showed; all zero when it was not asked for. */
struct check_verified {
	bool asked;
	struct check_result result;
	unsigned int block_bytes;
	unsigned int in_flight;
	uint64_t arrivals[DMABUF_NR_ARRIVALS];	/* blocks of each kind */
	uint64_t changed;	/* blocks not judged: another program wrote */
	uint64_t repeated;	/* blocks like the one before in that place */
	uint64_t first_wrong;	/* its offset on the drive, bytes */
};

/* Shared between two processes: one compares, the other watches. */
struct check_verify {
	char drive[PATH_MAX];
	char source[160];
	uint64_t source_limit;	/* largest buffer, bytes; 0: unknown */
	enum check_direction direction;
	unsigned int seconds;
	uint64_t seed;		/* of places and data; 0: a new one */
	bool force;		/* write to a drive that is not empty */
	bool progress;		/* shown on standard error */
	uint64_t end;		/* when it stops, CLOCK_MONOTONIC; 0: not yet
				 * begun */
	struct check_verified found;
	struct check_saved saved;	/* of the writes */
};

/* "read", "write" */
const char *check_direction_name(enum check_direction direction);

/* All blocks that were compared, and those of them that are wrong. */
uint64_t check_verified_blocks(const struct check_verified *verified);
uint64_t check_verified_wrong(const struct check_verified *verified);

/*
 * Compares for verify->seconds or until a signal arrives, and fills in
 * verify->found. Reads blocks all over the drive; writes to one place, which is
 * restored afterwards unless verify->saved.dirty.
 */
void check_verify_run(struct check_verify *verify);

/*
 * The same in a subprocess. @verify is what to do, and holds the result
 * afterwards; saved.dirty: the drive was not restored.
 */
void check_verify_try(struct check_verify *verify);

#endif
