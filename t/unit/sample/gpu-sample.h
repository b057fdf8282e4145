/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the sources on a GPU do with any of them. */
#ifndef GPU_SAMPLE_H
#define GPU_SAMPLE_H

#include <stdbool.h>

#include "source.h"

/* Parses and opens. */
int gpu_open(struct dmabuf_source *source, const char *text,
	     struct dmabuf_error *err);
/* A fresh @chunk of @size bytes. */
int gpu_alloc(const struct dmabuf_source *source,
	      struct dmabuf_chunk *chunk, uint64_t size,
	      struct dmabuf_error *err);
/* Copies from the chunk to @address, or back. */
int gpu_copy(const struct dmabuf_source *source,
	     const struct dmabuf_chunk *chunk, bool out, void *address,
	     uint64_t offset, uint64_t size);

#endif
