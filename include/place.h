/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where fio's units lie: in its addresses, one after another from one base, and
 * in the memory, which consists of chunks (dmabuf_place=, dmabuf_size=).
 */
#ifndef DMABUF_PLACE_H
#define DMABUF_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

enum dmabuf_place {
	DMABUF_PLACE_PACKED,	/* one after another, from the start */
	DMABUF_PLACE_SPREAD,	/* at equal distances */
	DMABUF_PLACE_TAIL,	/* one after another, up to the end */
	DMABUF_PLACE_RANDOM,
};

/* fio's units begin at base + @lead + i * @unit, i < @units. */
struct dmabuf_layout {
	uint64_t lead;		/* bytes before the first unit */
	uint64_t unit;		/* bytes of one I/O unit */
	uint64_t units;
	uint64_t chunk_max;	/* largest chunk, bytes */
	bool chunk_given;	/* by dmabuf_chunk= */
	uint64_t granule;	/* chunks are multiples of this */
	uint64_t align;		/* mapped places are multiples of this */
	uint64_t size;		/* of all memory, 0: as needed */
	enum dmabuf_place place;
	uint64_t seed;		/* of random places */
};

/* @total bytes in @nr parts; all but the first and the last are @span. */
struct dmabuf_cut {
	uint64_t first;		/* bytes of the first part */
	uint64_t span;
	uint64_t total;
	unsigned int nr;
};

struct dmabuf_plan {
	struct dmabuf_cut chunks;	/* the memory */
	struct dmabuf_cut pieces;	/* the addresses */
	enum dmabuf_place place;
	uint64_t seed;
};

/* Where a piece is in the memory. */
struct dmabuf_piece {
	uint64_t offset;	/* from the beginning of the chunk, bytes */
	unsigned int chunk;
};

/* Plans chunks and pieces; -EINVAL with the option that has to change. */
int dmabuf_place_plan(const struct dmabuf_layout *layout,
		      struct dmabuf_plan *plan, struct dmabuf_error *err);

/* Fills in @pieces, plan->pieces.nr of them. */
void dmabuf_place_pieces(const struct dmabuf_plan *plan,
			 struct dmabuf_piece *pieces);

/* "spread", as in dmabuf_place= */
const char *dmabuf_place_name(enum dmabuf_place place);

/* The part that holds byte @offset. */
static inline unsigned int dmabuf_cut_index(const struct dmabuf_cut *cut,
					    uint64_t offset)
{
	if (offset < cut->first)
		return 0;
	return 1 + (offset - cut->first) / cut->span;
}

/* Where part @i begins. */
static inline uint64_t dmabuf_cut_start(const struct dmabuf_cut *cut,
					unsigned int i)
{
	return i ? cut->first + (i - 1) * cut->span : 0;
}

static inline uint64_t dmabuf_cut_size(const struct dmabuf_cut *cut,
				       unsigned int i)
{
	uint64_t start = dmabuf_cut_start(cut, i);
	uint64_t full = i ? cut->span : cut->first;

	return cut->total - start < full ? cut->total - start : full;
}

#endif
