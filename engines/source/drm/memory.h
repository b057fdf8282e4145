/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the source drm share: an open node, and the kinds of
 * memory that its driver can give.
 */
#ifndef DMABUF_DRM_MEMORY_H
#define DMABUF_DRM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "source.h"

struct dmabuf_drm;

/* A kind of memory. Its functions return 0 or -errno and set no line. */
struct dmabuf_drm_memory {
	const char *driver;	/* NULL: any */
	const char *placement;/* after the comma; NULL: nothing */
	const char *detail;
	bool shadowed;		/* whatever the dma-buf itself can do */
	bool ordinary_pages;		/* memory that /proc/meminfo knows of */

	/* Sets max_size, granule and region; -ENODEV: the device has none. */
	int (*query)(struct dmabuf_drm *drm);
	int (*create)(const struct dmabuf_drm *drm, uint64_t size,
		      uint32_t *handle);
	/* Where mmap of the node has the buffer. */
	int (*offset)(const struct dmabuf_drm *drm, uint32_t handle,
		      uint64_t *offset);
};

struct dmabuf_drm {
	int fd;
	char path[sizeof("/dev/dri/") + 128];
	char driver[32];	/* as it calls itself */
	bool render;		/* a render node */
	const struct dmabuf_drm_memory *memory;
	uint64_t max_size;		/* bytes of the largest buffer */
	uint64_t granule;	/* bytes that its size is a multiple of */
	uint32_t region;	/* the driver's own number for the memory */
};

/* NULL: this driver has no such memory. @placement NULL: dumb buffers. */
const struct dmabuf_drm_memory *dmabuf_drm_find_memory(const char *driver,
						       const char *placement);

/* VRAM of drivers i915 and xe; intel.c. */
extern const struct dmabuf_drm_memory dmabuf_drm_i915;
extern const struct dmabuf_drm_memory dmabuf_drm_xe;

/* Opens the node and asks the driver for its name. -errno with the line. */
int dmabuf_drm_open(struct dmabuf_drm *drm, const char *path,
		    const struct dmabuf_source *source,
		    struct dmabuf_error *err);
void dmabuf_drm_close(struct dmabuf_drm *drm);

/*
 * The node with the lowest number above @after; -1 when there is none. Primary
 * nodes are cardN, render nodes renderDN.
 */
int dmabuf_drm_next_node(bool render, int after);
void dmabuf_drm_node_path(char *path, size_t size, bool render, int number);

/* What is said when no node is named and there is none at all. */
int dmabuf_drm_no_node(bool render, struct dmabuf_error *err);

/* Fills in fd, and window where the source is shadowed. */
int dmabuf_drm_alloc(const struct dmabuf_drm *drm,
		     const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err);
void dmabuf_drm_free(struct dmabuf_chunk *chunk);

/*
 * Sets source->shadowed: whether a dma-buf can be mapped is known once one
 * has been.
 */
int dmabuf_drm_try_mapping(const struct dmabuf_drm *drm,
			   struct dmabuf_source *source,
			   struct dmabuf_error *err);

#endif
