/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of one job: chunks (dma-bufs) mapped one after another into one
 * range of addresses, cut so that no I/O unit lies in two of them.
 */
#ifndef DMABUF_BUFFER_H
#define DMABUF_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "source.h"

/* How fio places its units: @lead + i * @unit from the base, i < @units. */
struct dmabuf_layout {
	uint64_t lead;		/* bytes before the first unit */
	uint64_t unit;		/* bytes of one I/O unit */
	uint64_t units;
	uint64_t chunk_max;	/* largest chunk, bytes */
	uint64_t granule;	/* chunks are multiples of this */
};

/* All chunks but the first and the last are @span bytes. */
struct dmabuf_plan {
	uint64_t first;		/* bytes of the first chunk */
	uint64_t span;
	uint64_t total;		/* of all chunks */
	unsigned int chunks;
};

struct dmabuf_buffer {
	struct dmabuf_source source;
	struct dmabuf_plan plan;
	struct dmabuf_chunk *chunks;
	char *base;		/* CPU address of the first chunk */
	char *reserved;		/* what munmap gets back */
	uint64_t reserved_size;
};

/* Cuts the layout into chunks; -EINVAL when chunk_max is too small. */
int dmabuf_buffer_plan(const struct dmabuf_layout *layout,
		       struct dmabuf_plan *plan, struct dmabuf_error *err);

/*
 * Allocates and maps the chunks of @plan from @source; with @backing the
 * mapping is of the memory behind the dma-bufs. On failure nothing is left.
 */
int dmabuf_buffer_alloc(struct dmabuf_buffer *buffer,
			const struct dmabuf_source *source,
			const struct dmabuf_plan *plan, bool backing,
			struct dmabuf_error *err);

/* Unmaps and frees everything; harmless on a zeroed buffer. */
void dmabuf_buffer_free(struct dmabuf_buffer *buffer);

/* The chunk that holds byte @offset of the range. */
static inline unsigned int dmabuf_plan_chunk(const struct dmabuf_plan *plan,
					     uint64_t offset)
{
	if (offset < plan->first)
		return 0;
	return 1 + (offset - plan->first) / plan->span;
}

/* Where that chunk begins, in bytes from the base. */
static inline uint64_t dmabuf_plan_start(const struct dmabuf_plan *plan,
					 unsigned int chunk)
{
	return chunk ? plan->first + (chunk - 1) * plan->span : 0;
}

#endif
