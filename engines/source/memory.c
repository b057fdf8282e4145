/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_source=memory[:2M|:1G]: anonymous memory, no dma-buf. The baseline of
 * path host, optionally on huge pages to compare with sources that use them.
 */
#include <errno.h>
#include <sys/mman.h>

#include "source.h"

static int memory_alloc(const struct dmabuf_source *source,
			struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	(void)source;
	(void)chunk;
	(void)err;
	return 0;
}

static int memory_map(const struct dmabuf_source *source,
		      const struct dmabuf_chunk *chunk,
		      const struct dmabuf_part *part, bool backing)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	(void)backing;
	/*
	 * Do not populate base pages: registering the buffer faults them in,
	 * as pages that are fit to be pinned for long. fio's own engines get
	 * their pages in the same way.
	 */
	if (source->option.arg[0])
		flags |= MAP_POPULATE | MAP_HUGETLB |
			 dmabuf_source_huge_flags(source);
	if (mmap(part->address, part->size, PROT_READ | PROT_WRITE, flags, -1,
		 0) == MAP_FAILED)
		return -errno;
	return 0;
}

static void memory_free(const struct dmabuf_source *source,
			struct dmabuf_chunk *chunk)
{
	(void)source;
	(void)chunk;
}

const struct dmabuf_source_kind dmabuf_source_memory = {
	.name = "memory",
	.exports = false,
	.pinnable = false,
	.parse = dmabuf_source_parse_page_size,
	.alloc = memory_alloc,
	.map = memory_map,
	.free = memory_free,
};
