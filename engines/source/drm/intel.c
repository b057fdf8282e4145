/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Local memory of the drivers i915 and xe. They list their memory regions and
 * place a buffer in one of them. It is allowed in no other region, so that the
 * driver cannot silently move it to host memory.
 * Interfaces: <i915_drm.h>, uapi-xe.h.
 */
#include <errno.h>
#include <i915_drm.h>
#include <stdlib.h>
#include <unistd.h>
#include <xf86drm.h>

#include "memory.h"
#include "uapi-xe.h"

/* The part of a region that the CPU can map; @visible may be unset (0). */
static uint64_t reachable(uint64_t all, uint64_t visible)
{
	return visible && visible < all ? visible : all;
}

/* ---- i915 ---- */

static int i915_query(const struct dmabuf_drm *drm,
		      struct drm_i915_query_item *item)
{
	struct drm_i915_query query = {
		.num_items = 1,
		.items_ptr = (uintptr_t)item,
	};

	if (drmIoctl(drm->fd, DRM_IOCTL_I915_QUERY, &query))
		return -errno;
	/* An error of this item is returned as its length. */
	return item->length < 0 ? item->length : 0;
}

static int i915_query_memory(struct dmabuf_drm *drm)
{
	struct drm_i915_query_item item = {
		.query_id = DRM_I915_QUERY_MEMORY_REGIONS,
	};
	struct drm_i915_query_memory_regions *regions;
	uint32_t i;
	int ret;

	ret = i915_query(drm, &item);
	if (ret)
		return ret;
	if ((size_t)item.length < sizeof(*regions))
		return -ENODEV;
	regions = calloc(1, item.length);
	if (!regions)
		return -ENOMEM;
	item.data_ptr = (uintptr_t)regions;
	ret = i915_query(drm, &item);
	for (i = 0; !ret && i < regions->num_regions && !drm->max_size; i++) {
		const struct drm_i915_memory_region_info *info =
			&regions->regions[i];

		if (info->region.memory_class != I915_MEMORY_CLASS_DEVICE)
			continue;
		drm->region = info->region.memory_instance;
		drm->max_size = reachable(info->probed_size,
					  info->probed_cpu_visible_size);
	}
	free(regions);
	drm->granule = sysconf(_SC_PAGESIZE);
	return ret || drm->max_size ? ret : -ENODEV;
}

static int i915_create(const struct dmabuf_drm *drm, uint64_t size,
		       uint32_t *handle)
{
	struct drm_i915_gem_memory_class_instance place = {
		.memory_class = I915_MEMORY_CLASS_DEVICE,
		.memory_instance = drm->region,
	};
	struct drm_i915_gem_create_ext_memory_regions regions = {
		.base = { .name = I915_GEM_CREATE_EXT_MEMORY_REGIONS },
		.num_regions = 1,
		.regions = (uintptr_t)&place,
	};
	struct drm_i915_gem_create_ext create = {
		.size = size,
		.extensions = (uintptr_t)&regions,
	};

	if (drmIoctl(drm->fd, DRM_IOCTL_I915_GEM_CREATE_EXT, &create))
		return -errno;
	*handle = create.handle;
	return 0;
}

static int i915_offset(const struct dmabuf_drm *drm, uint32_t handle,
		       uint64_t *offset)
{
	struct drm_i915_gem_mmap_offset map = {
		.handle = handle,
		/* The only mode for local memory */
		.flags = I915_MMAP_OFFSET_FIXED,
	};

	if (drmIoctl(drm->fd, DRM_IOCTL_I915_GEM_MMAP_OFFSET, &map))
		return -errno;
	*offset = map.offset;
	return 0;
}

const struct dmabuf_drm_memory dmabuf_drm_i915 = {
	.driver = "i915",
	.placement = "vram",
	.detail = "VRAM",
	.shadowed = true,
	.query = i915_query_memory,
	.create = i915_create,
	.offset = i915_offset,
};

/* ---- xe ---- */

static int xe_query_memory(struct dmabuf_drm *drm)
{
	struct xe_device_query query = { .query = XE_QUERY_MEM_REGIONS };
	struct xe_mem_regions *regions;
	uint32_t i;
	int ret = 0;

	if (drmIoctl(drm->fd, XE_DEVICE_QUERY, &query))
		return -errno;
	if (query.size < sizeof(*regions))
		return -ENODEV;
	regions = calloc(1, query.size);
	if (!regions)
		return -ENOMEM;
	query.data = (uintptr_t)regions;
	if (drmIoctl(drm->fd, XE_DEVICE_QUERY, &query))
		ret = -errno;
	drm->granule = sysconf(_SC_PAGESIZE);
	for (i = 0; !ret && i < regions->nr && !drm->max_size; i++) {
		const struct xe_mem_region *region = &regions->region[i];

		if (region->mem_class != XE_CLASS_VRAM)
			continue;
		drm->region = 1U << region->instance;
		drm->max_size = reachable(region->total_size,
					  region->cpu_visible_size);
		if (region->min_page_size > drm->granule)
			drm->granule = region->min_page_size;
	}
	free(regions);
	return ret || drm->max_size ? ret : -ENODEV;
}

static int xe_create(const struct dmabuf_drm *drm, uint64_t size,
		     uint32_t *handle)
{
	struct xe_gem_create create = {
		.size = size,
		.placement = drm->region,
		.flags = XE_GEM_NEEDS_VISIBLE_VRAM,
		.cpu_caching = XE_GEM_CACHING_WC,
	};

	if (drmIoctl(drm->fd, XE_GEM_CREATE, &create))
		return -errno;
	*handle = create.handle;
	return 0;
}

static int xe_offset(const struct dmabuf_drm *drm, uint32_t handle,
		     uint64_t *offset)
{
	struct xe_gem_mmap_offset map = { .handle = handle };

	if (drmIoctl(drm->fd, XE_GEM_MMAP_OFFSET, &map))
		return -errno;
	*offset = map.offset;
	return 0;
}

const struct dmabuf_drm_memory dmabuf_drm_xe = {
	.driver = "xe",
	.placement = "vram",
	.detail = "VRAM",
	.shadowed = true,
	.query = xe_query_memory,
	.create = xe_create,
	.offset = xe_offset,
};
