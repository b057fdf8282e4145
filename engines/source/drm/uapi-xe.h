/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the xe driver's interface that is used here, restated from the
 * facts of Linux 6.8's include/uapi/drm/xe_drm.h: libdrm 2.4.114 does not have
 * it. Every reserved field is 0.
 */
#ifndef DMABUF_UAPI_XE_H
#define DMABUF_UAPI_XE_H

#include <stdint.h>
#include <xf86drm.h>

/* Called twice: with size 0, then with the size that it returned. */
#define XE_QUERY_MEM_REGIONS	1

struct xe_device_query {
	uint64_t extensions;
	uint32_t query;
	uint32_t size;		/* bytes at data */
	uint64_t data;		/* an address */
	uint64_t reserved[2];
};

#define XE_CLASS_VRAM		1

struct xe_mem_region {
	uint16_t mem_class;
	uint16_t instance;	/* the bit of a placement */
	uint32_t min_page_size;
	uint64_t total_size;
	uint64_t used;
	uint64_t cpu_visible_size;	/* less than all: a small BAR */
	uint64_t cpu_visible_used;
	uint64_t reserved[6];
};

struct xe_mem_regions {
	uint32_t nr;
	uint32_t pad;
	struct xe_mem_region region[];
};

#define XE_GEM_NEEDS_VISIBLE_VRAM	(1 << 2)
#define XE_GEM_CACHING_WC		2	/* required for VRAM */

struct xe_gem_create {
	uint64_t extensions;
	uint64_t size;		/* a multiple of min_page_size */
	uint32_t placement;
	uint32_t flags;
	uint32_t vm_id;		/* 0: the buffer can be exported */
	uint32_t handle;	/* returned */
	uint16_t cpu_caching;
	uint16_t pad[3];
	uint64_t reserved[2];
};

struct xe_gem_mmap_offset {
	uint64_t extensions;
	uint32_t handle;
	uint32_t flags;
	uint64_t offset;	/* returned */
	uint64_t reserved[2];
};

#define XE_DEVICE_QUERY	\
	DRM_IOWR(DRM_COMMAND_BASE + 0, struct xe_device_query)
#define XE_GEM_CREATE	\
	DRM_IOWR(DRM_COMMAND_BASE + 1, struct xe_gem_create)
#define XE_GEM_MMAP_OFFSET	\
	DRM_IOWR(DRM_COMMAND_BASE + 2, struct xe_gem_mmap_offset)

#endif
