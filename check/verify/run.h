/* SPDX-License-Identifier: GPL-2.0-only */
/* One run of --verify: its units, and the blocks that belong to them. */
#ifndef CHECK_RUN_H
#define CHECK_RUN_H

#include "job.h"
#include "verify.h"

#define CHECK_IN_FLIGHT	16

/* One run. The blocks of all units lie in a row in each of the areas. */
struct check_run {
	struct check_verify *verify;
	struct dmabuf_job job;
	unsigned int size;		/* bytes of a block */
	unsigned int nr;		/* units */
	uint64_t places;		/* blocks on the drive, for reads */
	uint64_t at[CHECK_IN_FLIGHT];	/* of each unit, bytes on the drive */
	bool used[CHECK_IN_FLIGHT];	/* earlier is known */
	uint64_t random;
	unsigned char *expected;
	unsigned char *earlier;		/* follows expected: the others */
	unsigned char *poison;
	unsigned char *actual;		/* a single block */
};

static inline bool check_run_reads(const struct check_run *run)
{
	return run->verify->direction == CHECK_READS;
}

/* One line for an error that is no wrong data; returns @error. */
int check_run_failed(const struct check_run *run, const char *what, int error,
		     struct dmabuf_error *err);

/*
 * Puts unit @i in the queue with new data or another place, and poisons what
 * the data goes to. 0, or -errno with the line in @err.
 */
int check_run_start(struct check_run *run, unsigned int i,
		    struct dmabuf_error *err);

/* Compares the block of unit @i, which has completed, and counts it. */
int check_run_finish(struct check_run *run, unsigned int i,
		     struct dmabuf_error *err);

#endif
