/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the source drm share: an open node, and the kinds of
 * memory that its driver offers.
 */
#ifndef DMABUF_DRM_MEMORY_H
#define DMABUF_DRM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "source.h"

struct dmabuf_drm;

/* A kind of memory. Its functions return 0 or -errno and set no message. */
struct dmabuf_drm_memory {
	const char *driver;	/* NULL: any */
	const char *placement;	/* "vram", "gtt"; NULL: dumb buffers */
	const char *detail;	/* for the report */
	bool shadowed;		/* even if the dma-buf can be mapped */
	bool ordinary_pages;	/* RAM that MemAvailable counts */

	/* Sets max_size, granule and region; -ENODEV: no such memory. */
	int (*query)(struct dmabuf_drm *drm);
	int (*create)(const struct dmabuf_drm *drm, uint64_t size,
		      uint32_t *handle);
	/* The offset of the buffer for mmap() of the node. */
	int (*offset)(const struct dmabuf_drm *drm, uint32_t handle,
		      uint64_t *offset);
};

struct dmabuf_drm {
	int fd;
	char path[sizeof("/dev/dri/") + 128];
	char driver[32];	/* its name */
	bool render;		/* a render node */
	const struct dmabuf_drm_memory *memory;
	uint64_t max_size;	/* of a buffer, bytes */
	uint64_t granule;	/* its size is a multiple of this, bytes */
	uint32_t region;	/* the driver's number for the memory */
};

/* NULL when the driver has no such memory. @placement NULL: dumb buffers. */
const struct dmabuf_drm_memory *dmabuf_drm_find_memory(const char *driver,
						       const char *placement);

/* VRAM of drivers i915 and xe; intel.c. */
extern const struct dmabuf_drm_memory dmabuf_drm_i915;
extern const struct dmabuf_drm_memory dmabuf_drm_xe;

/* Opens the node and reads its driver's name. 0, or -errno with @err set. */
int dmabuf_drm_open(struct dmabuf_drm *drm, const char *path,
		    const struct dmabuf_source *source,
		    struct dmabuf_error *err);
void dmabuf_drm_close(struct dmabuf_drm *drm);

/*
 * The lowest number of a node above @after, -1 when there is none. Primary
 * nodes are called cardN, render nodes renderDN.
 */
int dmabuf_drm_next_node(bool render, int after);
void dmabuf_drm_node_path(char *path, size_t size, bool render, int number);

/* The error when the option names no node and none exists. */
int dmabuf_drm_no_node(bool render, struct dmabuf_error *err);

/* Sets chunk->fd, and chunk->window if the source is shadowed. */
int dmabuf_drm_alloc(const struct dmabuf_drm *drm,
		     const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err);
void dmabuf_drm_free(struct dmabuf_chunk *chunk);

/* Sets source->shadowed, by trying to map a dma-buf. */
int dmabuf_drm_try_mapping(const struct dmabuf_drm *drm,
			   struct dmabuf_source *source,
			   struct dmabuf_error *err);

#endif
