/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The four paths that data can take between drive and memory, and the sources
 * that each of them can use.
 */
#ifndef DMABUF_PATH_H
#define DMABUF_PATH_H

#include <stdbool.h>

#include "error.h"
#include "source.h"

enum dmabuf_path {
	DMABUF_PATH_DIRECT,	/* the dma-buf, registered for the drive */
	DMABUF_PATH_PINNED,	/* the memory behind it, as ordinary buffers */
	DMABUF_PATH_STAGED,	/* host buffers plus a CPU copy */
	DMABUF_PATH_HOST,	/* ordinary buffers, no dma-buf */
	DMABUF_NR_PATHS,
};

struct dmabuf_path_traits {
	const char *name;
	const char *default_source;
	bool uses_dmabuf;	/* the source must export */
	bool maps_backing;	/* the source must be pinnable */
	bool copies;		/* the CPU copies the data */
};

const struct dmabuf_path_traits *dmabuf_path_traits(enum dmabuf_path path);

/* -EINVAL with the remedy when @path cannot use @source. */
int dmabuf_path_check(enum dmabuf_path path,
		      const struct dmabuf_source_option *source,
		      struct dmabuf_error *err);

#endif
