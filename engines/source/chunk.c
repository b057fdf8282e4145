/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU access to chunks, shared by many kinds: a mapping of the dma-buf, or
 * copies through a window that the source has mapped.
 */
#include <errno.h>
#include <sys/mman.h>

#include "source.h"
#include "window.h"

int dmabuf_chunk_map(const struct dmabuf_source *source,
		     const struct dmabuf_chunk *chunk,
		     const struct dmabuf_part *part, bool backing)
{
	(void)source;
	if (backing)
		return -EOPNOTSUPP;
	if (mmap(part->address, part->size, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, chunk->fd, part->offset) == MAP_FAILED)
		return -errno;
	return 0;
}

int dmabuf_chunk_try_map(int fd, uint64_t bytes)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 0);

	if (map == MAP_FAILED)
		return -errno;
	munmap(map, bytes);
	return 0;
}

int dmabuf_chunk_read(const struct dmabuf_source *source,
		      const struct dmabuf_chunk *chunk,
		      const struct dmabuf_part *part)
{
	(void)source;
	return dmabuf_window_read(part->address,
				  (const char *)chunk->window + part->offset,
				  part->size);
}

int dmabuf_chunk_write(const struct dmabuf_source *source,
		       const struct dmabuf_chunk *chunk,
		       const struct dmabuf_part *part)
{
	(void)source;
	return dmabuf_window_write((char *)chunk->window + part->offset,
				   part->address, part->size);
}
