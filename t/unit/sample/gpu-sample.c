/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources on a GPU, used as a job uses them. */
#include "t/unit/check.h"
#include "gpu-sample.h"

int gpu_open(struct dmabuf_source *source, const char *text,
	     struct dmabuf_error *err)
{
	struct dmabuf_source_option option;

	CHECK_INT(dmabuf_source_parse(&option, text, err), 0);
	return dmabuf_source_open(source, &option, err);
}

int gpu_alloc(const struct dmabuf_source *source,
	      struct dmabuf_chunk *chunk, uint64_t size,
	      struct dmabuf_error *err)
{
	*chunk = (struct dmabuf_chunk) { .size = size, .fd = -1, .memfd = -1 };
	return source->kind->alloc(source, chunk, err);
}

int gpu_copy(const struct dmabuf_source *source,
	     const struct dmabuf_chunk *chunk, bool out, void *address,
	     uint64_t offset, uint64_t size)
{
	struct dmabuf_part part = {
		.address = address,
		.offset = offset,
		.size = size,
	};

	return out ? source->kind->read(source, chunk, &part) :
		source->kind->write(source, chunk, &part);
}
