/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chunks laid out as one range. fio is given one address and places its
 * units itself, so a boundary between chunks has to fall between two units
 * and on a page of the source at the same time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buffer.h"

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

/*
 * The largest lead + k * unit that is at most @max and a multiple of
 * @granule, with k >= 1; 0 when there is none. The remainders repeat after at
 * most @granule units.
 */
static uint64_t cut(uint64_t lead, uint64_t unit, uint64_t max,
		    uint64_t granule)
{
	uint64_t k, tries;

	if (max < lead + unit)
		return 0;
	k = (max - lead) / unit;
	for (tries = 0; k && tries < granule; k--, tries++)
		if ((lead + k * unit) % granule == 0)
			return lead + k * unit;
	return 0;
}

int dmabuf_buffer_plan(const struct dmabuf_layout *layout,
		       struct dmabuf_plan *plan, struct dmabuf_error *err)
{
	uint64_t granule = layout->granule;
	uint64_t max = layout->chunk_max - layout->chunk_max % granule;
	uint64_t need = layout->lead + layout->unit * layout->units;
	uint64_t total = round_up(need, granule);
	char chunk[32], unit[32];

	if (total <= max) {
		*plan = (struct dmabuf_plan) {
			.first = total,
			.span = total,
			.total = total,
			.chunks = 1,
		};
		return 0;
	}

	plan->first = cut(layout->lead, layout->unit, max, granule);
	plan->span = cut(0, layout->unit, max, granule);
	if (!plan->first || !plan->span)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_chunk: dma-bufs of at most %s cannot be cut between I/O units of %s on pages of %llu bytes; raise dmabuf_chunk, lower iodepth, or use a bs that is a multiple of 4 KiB without iomem_align",
			dmabuf_size_text(layout->chunk_max, chunk),
			dmabuf_size_text(layout->unit, unit),
			(unsigned long long)granule);
	plan->total = total;
	plan->chunks = 1 + (total - plan->first + plan->span - 1) / plan->span;
	return 0;
}

static uint64_t chunk_size(const struct dmabuf_plan *plan, unsigned int i)
{
	uint64_t start = dmabuf_plan_start(plan, i);
	uint64_t full = i ? plan->span : plan->first;

	return plan->total - start < full ? plan->total - start : full;
}

/* Reserves addresses only, aligned for huge pages. */
static int reserve(struct dmabuf_buffer *buffer, struct dmabuf_error *err)
{
	uint64_t granule = buffer->source.granule;
	uint64_t size = buffer->plan.total + granule;
	char text[32];
	void *p;

	p = mmap(NULL, size, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return dmabuf_error_set(err, -errno,
			"dmabuf_source=%s: no room for a mapping of %s: %s; lower iodepth or bs, or raise ulimit -v",
			buffer->source.name, dmabuf_size_text(size, text),
			strerror(errno));
	buffer->reserved = p;
	buffer->reserved_size = size;
	buffer->base = (char *)(uintptr_t)round_up((uintptr_t)p, granule);
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
		"dmabuf_source=%s: cannot map a buffer of %s: %s; this memory cannot be used by fio's verify and fill, choose another source",
		source->name, dmabuf_size_text(size, text), strerror(-error));
}

int dmabuf_buffer_alloc(struct dmabuf_buffer *buffer,
			const struct dmabuf_source *source,
			const struct dmabuf_plan *plan, bool backing,
			struct dmabuf_error *err)
{
	const struct dmabuf_source_kind *kind = source->kind;
	struct dmabuf_part part = { .offset = 0 };
	unsigned int i;
	int ret;

	memset(buffer, 0, sizeof(*buffer));
	buffer->source = *source;
	buffer->plan = *plan;
	buffer->plan.chunks = 0;

	/* Of the whole job at once: half of it would starve the machine. */
	if (source->ordinary) {
		ret = dmabuf_source_fits(source, plan->total, err);
		if (ret)
			return ret;
	}
	buffer->chunks = calloc(plan->chunks, sizeof(*buffer->chunks));
	if (!buffer->chunks)
		return dmabuf_error_set(err, -ENOMEM,
			"dmabuf_source=%s: out of memory; lower iodepth or bs",
			source->name);
	ret = reserve(buffer, err);
	if (ret)
		goto free_buffer;

	for (i = 0; i < plan->chunks; i++) {
		struct dmabuf_chunk *chunk = &buffer->chunks[i];

		chunk->fd = -1;
		chunk->memfd = -1;
		chunk->size = chunk_size(plan, i);
		ret = kind->alloc(source, chunk, err);
		if (ret)
			goto free_buffer;
		buffer->plan.chunks = i + 1;
		chunk->map = buffer->base + dmabuf_plan_start(plan, i);
		part.address = chunk->map;
		part.size = chunk->size;
		ret = kind->map(source, chunk, &part, backing);
		if (ret) {
			ret = map_failed(source, chunk->size, ret, err);
			goto free_buffer;
		}
	}
	return 0;

free_buffer:
	dmabuf_buffer_free(buffer);
	return ret;
}

void dmabuf_buffer_free(struct dmabuf_buffer *buffer)
{
	unsigned int i;

	/* The mapping goes first: it holds the dma-bufs as well. */
	if (buffer->reserved)
		munmap(buffer->reserved, buffer->reserved_size);
	for (i = 0; i < buffer->plan.chunks; i++)
		buffer->source.kind->free(&buffer->source,
					  &buffer->chunks[i]);
	free(buffer->chunks);
	memset(buffer, 0, sizeof(*buffer));
}
