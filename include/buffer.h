/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of one job. It is allocated in chunks (dma-bufs) and mapped as one
 * range of addresses that is made of pieces. A piece lies in one chunk, and an
 * I/O unit in one piece. With dmabuf_place=packed a piece is a chunk; otherwise
 * it is one unit somewhere in a chunk.
 */
#ifndef DMABUF_BUFFER_H
#define DMABUF_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "place.h"
#include "source.h"

struct dmabuf_buffer {
	const struct dmabuf_source *source;	/* open, not owned */
	bool shadowed;		/* the range is host memory beside the chunks */
	struct dmabuf_plan plan;
	struct dmabuf_chunk *chunks;	/* [plan.chunks.nr] */
	unsigned int allocated;		/* chunks so far */
	struct dmabuf_piece *pieces;	/* [plan.pieces.nr] */
	char *base;		/* CPU address of the first piece */
	char *reserved;		/* for munmap */
	uint64_t reserved_size;
};

/*
 * Allocates the chunks of @plan from @source, which must stay open until the
 * buffer is freed, and maps the pieces: the dma-bufs or, with @backing, the
 * memory behind them. The range of a shadowed source is separate host memory.
 * On failure nothing stays allocated.
 */
int dmabuf_buffer_alloc(struct dmabuf_buffer *buffer,
			const struct dmabuf_source *source,
			const struct dmabuf_plan *plan, bool backing,
			struct dmabuf_error *err);

/* Unmaps and frees everything; harmless on a zeroed buffer. */
void dmabuf_buffer_free(struct dmabuf_buffer *buffer);

/*
 * Copies @bytes between the memory and host memory, through the mapping or, for
 * a shadowed source, through the source. @address is in the range; the bytes
 * must not cross the end of a piece. 0 or -errno.
 */
int dmabuf_buffer_read(const struct dmabuf_buffer *buffer,
		       const void *address, void *to, uint64_t bytes);
int dmabuf_buffer_write(const struct dmabuf_buffer *buffer, void *address,
			const void *from, uint64_t bytes);

/* Writes the whole range of a shadowed source to its memory. 0 or -errno. */
int dmabuf_buffer_write_shadow(const struct dmabuf_buffer *buffer);

/* The CPU address of piece @i. */
static inline char *dmabuf_buffer_address(const struct dmabuf_buffer *buffer,
					  unsigned int i)
{
	return buffer->base + dmabuf_cut_start(&buffer->plan.pieces, i);
}

/* The piece that holds @address. */
static inline unsigned int
dmabuf_buffer_piece(const struct dmabuf_buffer *buffer, const void *address)
{
	const struct dmabuf_cut *pieces = &buffer->plan.pieces;

	if (pieces->nr == 1)
		return 0;
	return dmabuf_cut_index(pieces, (const char *)address - buffer->base);
}

/* The chunk that holds @address. */
static inline unsigned int
dmabuf_buffer_chunk(const struct dmabuf_buffer *buffer, const void *address)
{
	return buffer->pieces[dmabuf_buffer_piece(buffer, address)].chunk;
}

#endif
