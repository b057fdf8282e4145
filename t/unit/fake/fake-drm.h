/* SPDX-License-Identifier: GPL-2.0-only */
/* DRM devices of the scripted system, at the calls of libdrm. */
#ifndef FAKE_DRM_H
#define FAKE_DRM_H

#include <stdbool.h>
#include <stdint.h>

/* A DRM device. */
struct fake_drm_device {
	const char *driver;	/* NULL: not a DRM device */
	bool render;
	int dumb_error;		/* errno of dumb buffers; 0: success */
	uint64_t gtt;		/* bytes; 0: none */
	uint64_t vram;
	uint64_t visible;	/* of the VRAM */
	uint32_t min_page;
};

struct fake_drm {
	bool unmappable;	/* its dma-bufs cannot be mapped */
	uint64_t missing;	/* bytes that a dma-buf lacks */
	uint64_t dumb_missing;	/* bytes that a dumb buffer lacks */
	int query_error;	/* i915: errno in place of the length */
	bool query_nothing;	/* an empty answer */
};

extern struct fake_drm fake_drm;

/* Adds a node; @path and @gpu must stay valid. */
void fake_drm_node(const char *path, const struct fake_drm_device *gpu);

/* For the requests: the device of a node, and its buffers by handle. */
const struct fake_drm_device *fake_drm_device_of(int fd);
uint32_t fake_drm_new_buffer(int fd, uint64_t size);
/* Where mmap(2) of the node finds the buffer. */
uint64_t fake_drm_map_offset(int fd, uint32_t handle);

/* The errno of mapping this descriptor, or 0. */
int fake_drm_map_error(int fd);
/* Handles of buffers and versions that were not given back. */
int fake_drm_left(void);
void fake_drm_reset(void);

#endif
