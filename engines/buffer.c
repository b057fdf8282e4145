/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocates the chunks of a job, maps them as one range of addresses, and
 * copies between that memory and host memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buffer.h"

/* Reserves addresses only, aligned for huge pages. */
static int reserve(struct dmabuf_buffer *buffer, struct dmabuf_error *err)
{
	uint64_t granule = buffer->source->granule;
	uint64_t size = buffer->plan.pieces.total + granule;
	char text[32];
	void *p;

	p = mmap(NULL, size, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return dmabuf_error_set(err, -errno,
			"dmabuf_source=%s: no room for a mapping of %s: %s; lower iodepth or bs, or raise ulimit -v",
			buffer->source->name, dmabuf_size_text(size, text),
			strerror(errno));
	buffer->reserved = p;
	buffer->reserved_size = size;
	buffer->base = (char *)(((uintptr_t)p + granule - 1) & ~(granule - 1));
	return 0;
}

static int map_failed(const struct dmabuf_source *source, uint64_t size,
		      int error, struct dmabuf_error *err)
{
	char text[32];

	if (source->granule > (uint64_t)sysconf(_SC_PAGESIZE) &&
	    error == -ENOMEM)
		return dmabuf_source_no_huge_pages(source, size, err);
	return dmabuf_error_set(err, error,
		"dmabuf_source=%s: cannot map a buffer of %s, which fio has to fill and verify: %s; choose another source",
		source->name, dmabuf_size_text(size, text), strerror(-error));
}

/* Maps the range: the pieces, or host memory if the source is shadowed. */
static int map_pieces(struct dmabuf_buffer *buffer, bool backing,
		      struct dmabuf_error *err)
{
	const struct dmabuf_source *source = buffer->source;
	const struct dmabuf_plan *plan = &buffer->plan;
	unsigned int i;
	int ret = 0;

	if (buffer->shadowed) {
		if (mmap(buffer->base, plan->pieces.total,
			 PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		    MAP_FAILED)
			return map_failed(source, plan->pieces.total, -errno,
					  err);
		return 0;
	}
	for (i = 0; !ret && i < plan->pieces.nr; i++) {
		const struct dmabuf_piece *piece = &buffer->pieces[i];
		struct dmabuf_part part = {
			.address = dmabuf_buffer_address(buffer, i),
			.offset = piece->offset,
			.size = dmabuf_cut_size(&plan->pieces, i),
		};

		ret = source->kind->map(source, &buffer->chunks[piece->chunk],
					&part, backing);
		if (ret)
			return map_failed(source, part.size, ret, err);
	}
	return 0;
}

int dmabuf_buffer_alloc(struct dmabuf_buffer *buffer,
			const struct dmabuf_source *source,
			const struct dmabuf_plan *plan, bool backing,
			struct dmabuf_error *err)
{
	int ret;

	memset(buffer, 0, sizeof(*buffer));
	buffer->source = source;
	buffer->shadowed = source->shadowed;
	buffer->plan = *plan;

	/* For the whole job at once: half of it could starve the machine. */
	if (source->ordinary_pages) {
		ret = dmabuf_source_check_ram(source, plan->chunks.total, err);
		if (ret)
			return ret;
	}
	buffer->chunks = calloc(plan->chunks.nr, sizeof(*buffer->chunks));
	buffer->pieces = calloc(plan->pieces.nr, sizeof(*buffer->pieces));
	if (!buffer->chunks || !buffer->pieces) {
		ret = dmabuf_source_no_memory(source, err);
		goto free_buffer;
	}
	dmabuf_place_pieces(plan, buffer->pieces);
	ret = reserve(buffer, err);
	while (!ret && buffer->allocated < plan->chunks.nr) {
		struct dmabuf_chunk *chunk = &buffer->chunks[buffer->allocated];

		chunk->fd = -1;
		chunk->memfd = -1;
		chunk->size = dmabuf_cut_size(&plan->chunks,
					      buffer->allocated);
		ret = source->kind->alloc(source, chunk, err);
		buffer->allocated += !ret;
	}
	if (!ret)
		ret = map_pieces(buffer, backing, err);
	if (ret)
		goto free_buffer;
	return 0;

free_buffer:
	dmabuf_buffer_free(buffer);
	return ret;
}

void dmabuf_buffer_free(struct dmabuf_buffer *buffer)
{
	unsigned int i;

	/* Unmap first: the mapping holds references to the dma-bufs. */
	if (buffer->reserved)
		munmap(buffer->reserved, buffer->reserved_size);
	for (i = 0; i < buffer->allocated; i++)
		buffer->source->kind->free(buffer->source,
					  &buffer->chunks[i]);
	free(buffer->chunks);
	free(buffer->pieces);
	memset(buffer, 0, sizeof(*buffer));
}

/* A copy by the source, between the memory at @address and @host. */
static int copy(const struct dmabuf_buffer *buffer, const void *address,
		void *host, uint64_t bytes, bool write)
{
	const struct dmabuf_source *source = buffer->source;
	unsigned int i = dmabuf_buffer_piece(buffer, address);
	const struct dmabuf_piece *piece = &buffer->pieces[i];
	struct dmabuf_part part = {
		.address = host,
		.offset = piece->offset + ((const char *)address -
					   dmabuf_buffer_address(buffer, i)),
		.size = bytes,
	};

	return (write ? source->kind->write : source->kind->read)(source,
		&buffer->chunks[piece->chunk], &part);
}

int dmabuf_buffer_read(const struct dmabuf_buffer *buffer,
		       const void *address, void *to, uint64_t bytes)
{
	if (buffer->shadowed)
		return copy(buffer, address, to, bytes, false);
	memcpy(to, address, bytes);
	return 0;
}

int dmabuf_buffer_write(const struct dmabuf_buffer *buffer, void *address,
			const void *from, uint64_t bytes)
{
	if (buffer->shadowed)
		return copy(buffer, address, (void *)from, bytes, true);
	memcpy(address, from, bytes);
	return 0;
}

int dmabuf_buffer_write_shadow(const struct dmabuf_buffer *buffer)
{
	const struct dmabuf_cut *pieces = &buffer->plan.pieces;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < pieces->nr; i++) {
		char *address = dmabuf_buffer_address(buffer, i);

		ret = copy(buffer, address, address,
			   dmabuf_cut_size(pieces, i), true);
	}
	return ret;
}
