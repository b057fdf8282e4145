/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the memory of a job comes from: dmabuf_source=KIND[:ARG].
 * Each kind is one file and one row of the table in source.c.
 */
#ifndef DMABUF_SOURCE_H
#define DMABUF_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* One piece of memory. The source's alloc fills it in, free undoes it. */
struct dmabuf_chunk {
	uint64_t size;		/* bytes, a multiple of the granule */
	int fd;			/* the dma-buf, -1 when there is none */
	int memfd;		/* the memory behind a udmabuf, else -1 */
	void *map;		/* CPU mapping, owned by the buffer */
};

struct dmabuf_source {
	const struct dmabuf_source_kind *kind;
	char name[80];		/* as a job file would say it, complete */
	char arg[64];		/* what follows the colon, or the default */
	uint64_t granule;	/* page size of the memory, bytes */
	bool ordinary;		/* memory that /proc/meminfo knows of */
};

struct dmabuf_source_kind {
	const char *name;
	bool exports;		/* chunks are dma-bufs */
	bool pinnable;		/* the memory behind them can be mapped */

	/* Checks source->arg and sets the granule. Allocates nothing. */
	int (*configure)(struct dmabuf_source *source,
			 struct dmabuf_error *err);
	/* The largest single chunk that can be had; NULL: 1 GiB. */
	int (*limit)(const struct dmabuf_source *source, uint64_t *bytes,
		     struct dmabuf_error *err);
	/* Fills in fd and memfd for chunk->size bytes. */
	int (*alloc)(const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err);
	/*
	 * Maps the whole chunk at @address, which is reserved: the dma-buf
	 * itself, or with @backing the memory behind it. 0 or -errno.
	 */
	int (*map)(const struct dmabuf_source *source,
		   const struct dmabuf_chunk *chunk, void *address,
		   bool backing);
	void (*free)(struct dmabuf_chunk *chunk);
};

extern const struct dmabuf_source_kind dmabuf_source_heap;
extern const struct dmabuf_source_kind dmabuf_source_memory;
extern const struct dmabuf_source_kind dmabuf_source_udmabuf;

/*
 * The largest dma-buf that every known version of the interface takes, and
 * the largest ordinary buffer that io_uring takes.
 */
#define DMABUF_CHUNK_MAX	(1ULL << 30)

/*
 * Parses "KIND[:ARG]" into @source. -EINVAL with the kinds there are when
 * it is none of them.
 */
int dmabuf_source_parse(struct dmabuf_source *source, const char *text,
			struct dmabuf_error *err);

/*
 * For kinds on huge pages: no argument is the base page, "2M" and "1G" are
 * huge pages. Sets source->granule; -EINVAL names the object.
 */
int dmabuf_source_page_size(struct dmabuf_source *source,
			    struct dmabuf_error *err);

/*
 * What is said when @bytes of huge pages cannot be had: which pool, how many
 * pages are free, how to reserve. Returns -ENOMEM.
 */
int dmabuf_source_no_huge_pages(const struct dmabuf_source *source,
				uint64_t bytes, struct dmabuf_error *err);

/*
 * The kernel kills a process rather than refuse it the last page, so what
 * cannot fit is refused here: -ENOMEM when @bytes of ordinary pages are more
 * than /proc/meminfo calls available.
 */
int dmabuf_source_fits(const struct dmabuf_source *source, uint64_t bytes,
		       struct dmabuf_error *err);

/* One line for the limit on open files, @error; returns it negative. */
int dmabuf_source_too_many(const struct dmabuf_source *source, int error,
			   struct dmabuf_error *err);

/* MAP_HUGETLB and MFD_HUGETLB share the encoding of the page size. */
#define DMABUF_HUGE_SHIFT	26
unsigned int dmabuf_source_huge_flags(const struct dmabuf_source *source);

#endif
