/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of DRM memory, with dumb buffers, which most display drivers have,
 * and VRAM and GTT of amdgpu. Interfaces: <drm_mode.h>, <amdgpu_drm.h>.
 */
#include <amdgpu_drm.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "memory.h"

/* ---- dumb buffers: images whose lines are 4 KiB ---- */

#define DUMB_BPP	32	/* the only depth of virtio-gpu */
#define DUMB_LINE	4096	/* bytes */

static int dumb_query_memory(struct dmabuf_drm *drm)
{
	/* The kernel computes their size in 32 bits. */
	drm->max_size = (1ULL << 32) - DUMB_LINE;
	drm->granule = sysconf(_SC_PAGESIZE);
	return 0;
}

static int dumb_create(const struct dmabuf_drm *drm, uint64_t size,
		       uint32_t *handle)
{
	uint32_t lines = (size + DUMB_LINE - 1) / DUMB_LINE;
	uint32_t pitch;
	uint64_t got;
	int ret;

	ret = drmModeCreateDumbBuffer(drm->fd, DUMB_LINE / (DUMB_BPP / 8),
				      lines, DUMB_BPP, 0, handle, &pitch,
				      &got);
	if (ret)
		return ret;
	if (got >= size)
		return 0;
	drmCloseBufferHandle(drm->fd, *handle);
	return -EMSGSIZE;
}

static int dumb_offset(const struct dmabuf_drm *drm, uint32_t handle,
		       uint64_t *offset)
{
	return drmModeMapDumbBuffer(drm->fd, handle, offset);
}

/* ---- amdgpu ---- */

static int amdgpu_query_memory(struct dmabuf_drm *drm)
{
	struct drm_amdgpu_memory_info memory = { 0 };
	struct drm_amdgpu_info info = {
		.return_pointer = (uintptr_t)&memory,
		.return_size = sizeof(memory),
		.query = AMDGPU_INFO_MEMORY,
	};

	if (drmIoctl(drm->fd, DRM_IOCTL_AMDGPU_INFO, &info))
		return -errno;
	/* Only what the CPU can map, at least as a window */
	if (drm->memory->shadowed) {
		drm->region = AMDGPU_GEM_DOMAIN_VRAM;
		drm->max_size = memory.cpu_accessible_vram.max_allocation;
	} else {
		drm->region = AMDGPU_GEM_DOMAIN_GTT;
		drm->max_size = memory.gtt.max_allocation;
	}
	drm->granule = sysconf(_SC_PAGESIZE);
	return drm->max_size ? 0 : -ENODEV;
}

static int amdgpu_create(const struct dmabuf_drm *drm, uint64_t size,
			 uint32_t *handle)
{
	union drm_amdgpu_gem_create create = {
		.in = {
			.bo_size = size,
			.alignment = drm->granule,
			.domains = drm->region,
			.domain_flags = AMDGPU_GEM_CREATE_CPU_ACCESS_REQUIRED,
		},
	};

	if (drmIoctl(drm->fd, DRM_IOCTL_AMDGPU_GEM_CREATE, &create))
		return -errno;
	*handle = create.out.handle;
	return 0;
}

static int amdgpu_offset(const struct dmabuf_drm *drm, uint32_t handle,
			 uint64_t *offset)
{
	union drm_amdgpu_gem_mmap map = { .in = { .handle = handle } };

	if (drmIoctl(drm->fd, DRM_IOCTL_AMDGPU_GEM_MMAP, &map))
		return -errno;
	*offset = map.out.addr_ptr;
	return 0;
}

/* ---- the table: the first matching row counts ---- */

#define DUMB				\
	.detail = "dumb buffers",	\
	.query = dumb_query_memory,		\
	.create = dumb_create,		\
	.offset = dumb_offset

#define AMDGPU				\
	.driver = "amdgpu",		\
	.query = amdgpu_query_memory,		\
	.create = amdgpu_create,	\
	.offset = amdgpu_offset

/* Drivers whose dumb buffers are known to be host pages */
static const struct dmabuf_drm_memory dumb_vgem = {
	.driver = "vgem", .ordinary_pages = true, DUMB
};
static const struct dmabuf_drm_memory dumb_virtio = {
	.driver = "virtio_gpu", .ordinary_pages = true, DUMB
};
static const struct dmabuf_drm_memory dumb_vkms = {
	.driver = "vkms", .ordinary_pages = true, DUMB
};
static const struct dmabuf_drm_memory dumb = { DUMB };

static const struct dmabuf_drm_memory amdgpu_gtt = {
	.placement = "gtt", .detail = "GTT", .ordinary_pages = true, AMDGPU
};
static const struct dmabuf_drm_memory amdgpu_vram = {
	.placement = "vram", .detail = "VRAM", .shadowed = true, AMDGPU
};

static const struct dmabuf_drm_memory *const memories[] = {
	&dumb_vgem,
	&dumb_virtio,
	&dumb_vkms,
	&dumb,
	&amdgpu_gtt,
	&amdgpu_vram,
	&dmabuf_drm_i915,
	&dmabuf_drm_xe,
};

static bool same(const char *is, const char *wanted)
{
	return is && wanted ? !strcmp(is, wanted) : is == wanted;
}

const struct dmabuf_drm_memory *dmabuf_drm_find_memory(const char *driver,
						       const char *placement)
{
	size_t i;

	for (i = 0; i < sizeof(memories) / sizeof(memories[0]); i++)
		if (same(memories[i]->placement, placement) &&
		    (!memories[i]->driver ||
		     !strcmp(memories[i]->driver, driver)))
			return memories[i];
	return NULL;
}
