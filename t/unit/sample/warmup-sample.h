/* SPDX-License-Identifier: GPL-2.0-only */
/* A direct job before its warm-up, on drives that can be unreliable. */
#ifndef WARMUP_SAMPLE_H
#define WARMUP_SAMPLE_H

#include <stdbool.h>

#include "engines/warmup.h"

#define CHUNK	(64 << 10)
#define CHUNKS	3
#define FILES	2

struct warmup_sample {
	struct dmabuf_job job;
	struct dmabuf_error err;
	struct dmabuf_file files[FILES];
	struct dmabuf_slot slots[CHUNKS];

	unsigned int reads;		/* that the drives received */
	unsigned int slots_read;	/* a bit for each */

	/* To be set; results of the first reads, */
	int script[64];
	unsigned int script_length;
	/* as many reads that find another block than the ordinary read did, */
	unsigned int spoiled;
	unsigned int spoiled_from;	/* bytes before that are the same */
	/* bytes of each read that never come, although it says so, */
	unsigned int lost_from;
	unsigned int lost_bytes;
	/* and how many bytes a read brings at once. */
	unsigned int piecemeal;
};

extern struct warmup_sample warmup_sample;

void warmup_sample_begin(void);
/* From then on one file and one chunk. */
void warmup_sample_single(void);
/* The memory, the unit and the counters must be as before. */
void warmup_sample_end(void);
/* Only frees everything. */
void warmup_sample_free(void);
bool warmup_sample_memory_is_as_before(void);

/* Results of the reads to come, before the drives answer. */
void warmup_sample_answers(unsigned int nr, const int *list);

#endif
