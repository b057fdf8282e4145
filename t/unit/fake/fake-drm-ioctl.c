/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The requests of the drivers amdgpu, i915 and xe that create and map buffers,
 * with their numbers and structures spelled out by hand.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "fake-bytes.h"
#include "fake-drm.h"
#include "fake.h"

static int refuse(int error)
{
	errno = error;
	return -1;
}

/* ---- amdgpu ---- */

/* { u64 to; u32 bytes; u32 query }, 0x19: three heaps of four numbers */
static int amdgpu_info(const struct fake_drm_device *gpu, const void *arg)
{
	uint64_t heaps[12] = {
		[0] = gpu->vram, [3] = gpu->vram,
		[4] = gpu->visible, [7] = gpu->visible,
		[8] = gpu->gtt, [11] = gpu->gtt,
	};
	uint64_t bytes = u32_at(arg, 8);

	if (fake_fails(FAKE_DRM_QUERY))
		return -1;
	if (u32_at(arg, 12) != 0x19 || bytes > sizeof(heaps))
		return refuse(EINVAL);
	memcpy((void *)(uintptr_t)u64_at(arg, 0), heaps, bytes);
	return 0;
}

/* { u64 size; u64 alignment; u64 domains; u64 flags }, then u32 handle */
static int amdgpu_create(int fd, void *arg)
{
	unsigned long long size = u64_at(arg, 0), align = u64_at(arg, 8);
	unsigned long long domains = u64_at(arg, 16), flags = u64_at(arg, 24);
	uint32_t handle;

	if (fake_fails(FAKE_DRM_CREATE))
		return -1;
	handle = fake_drm_new_buffer(fd, size);
	fake_log("amdgpu %d size %llu align %llu domains %#llx flags %#llx: %u",
		 fd, size, align, domains, flags, handle);
	memset(arg, 0, 32);
	put_u32(arg, 0, handle);
	return 0;
}

/* { u32 handle; u32 }, then u64 offset */
static int amdgpu_mmap(int fd, void *arg)
{
	if (fake_fails(FAKE_DRM_OFFSET))
		return -1;
	put_u64(arg, 0, fake_drm_map_offset(fd, u32_at(arg, 0)));
	return 0;
}

/* ---- i915 ---- */

/*
 * { u64 id; s32 length; u32 flags; u64 to }, id 4: { u32 nr; u32[3] }, then
 * 88 bytes each: { u16 class; u16 instance; u32; u64 all; u64; u64 visible }
 */
static int i915_query(const struct fake_drm_device *gpu, const void *arg)
{
	char *item = (char *)(uintptr_t)u64_at(arg, 8), *to;
	int nr = gpu->vram ? 2 : 1, length = 16 + nr * 88;

	if (fake_fails(FAKE_DRM_QUERY))
		return -1;
	if (u32_at(arg, 0) != 1 || u64_at(item, 0) != 4)
		return refuse(EINVAL);
	if (fake_drm.query_error)
		length = -fake_drm.query_error;
	if (fake_drm.query_nothing)
		length = 0;
	to = (char *)(uintptr_t)u64_at(item, 16);
	if (to && u32_at(item, 8) != (uint32_t)length)
		return refuse(EINVAL);
	put_u32(item, 8, length);
	if (!to || length <= 0)
		return 0;
	memset(to, 0, length);
	put_u32(to, 0, nr);
	put_u64(to, 16 + 8, 16ULL << 30);	/* the host's */
	if (nr < 2)
		return 0;
	put_u16(to, 16 + 88, 1);
	put_u16(to, 16 + 88 + 2, 3);
	put_u64(to, 16 + 88 + 8, gpu->vram);
	put_u64(to, 16 + 88 + 24, gpu->visible);
	return 0;
}

/*
 * { u64 size; u32 handle; u32 flags; u64 extension }; the extension
 * { u64 next; u32 name; u32 flags; u32[4]; u32; u32 nr; u64 places }; a place
 * { u16 class; u16 instance }
 */
static int i915_create(int fd, void *arg)
{
	const char *extension = (char *)(uintptr_t)u64_at(arg, 16), *place;
	uint32_t handle;

	if (fake_fails(FAKE_DRM_CREATE))
		return -1;
	if (!extension || u64_at(extension, 0) || u32_at(extension, 8) ||
	    u32_at(extension, 36) != 1)
		return refuse(EINVAL);
	place = (char *)(uintptr_t)u64_at(extension, 40);
	handle = fake_drm_new_buffer(fd, u64_at(arg, 0));
	fake_log("i915 %d size %llu flags %u class %u instance %u: %u",
		 fd, u64_at(arg, 0), u32_at(arg, 12), u16_at(place, 0),
		 u16_at(place, 2), handle);
	put_u32(arg, 8, handle);
	return 0;
}

/* { u32 handle; u32; u64 offset; u64 flags; u64 } */
static int i915_mmap(int fd, void *arg)
{
	if (fake_fails(FAKE_DRM_OFFSET))
		return -1;
	if (u64_at(arg, 16) != 4 || u64_at(arg, 24))
		return refuse(ENODEV);
	put_u64(arg, 8, fake_drm_map_offset(fd, u32_at(arg, 0)));
	return 0;
}

/* ---- xe ---- */

/*
 * { u64; u32 query; u32 size; u64 to; u64[2] }, query 1: { u32 nr; u32 },
 * then 88 bytes each: { u16 class; u16 instance; u32 page; u64 all; u64 used;
 * u64 visible }
 */
static int xe_query(const struct fake_drm_device *gpu, void *arg)
{
	uint32_t nr = gpu->vram ? 2 : 1, size = 8 + nr * 88;
	char *to = (char *)(uintptr_t)u64_at(arg, 16);

	if (fake_fails(FAKE_DRM_QUERY))
		return -1;
	if (u32_at(arg, 8) != 1)
		return refuse(EINVAL);
	if (!u32_at(arg, 12)) {
		put_u32(arg, 12, fake_drm.query_nothing ? 0 : size);
		return 0;
	}
	if (u32_at(arg, 12) != size)
		return refuse(EINVAL);
	memset(to, 0, size);
	put_u32(to, 0, nr);
	put_u32(to, 8 + 4, 4096);
	put_u64(to, 8 + 8, 16ULL << 30);
	if (nr < 2)
		return 0;
	put_u16(to, 8 + 88, 1);
	put_u16(to, 8 + 88 + 2, 2);
	put_u32(to, 8 + 88 + 4, gpu->min_page);
	put_u64(to, 8 + 88 + 8, gpu->vram);
	put_u64(to, 8 + 88 + 24, gpu->visible);
	return 0;
}

/*
 * { u64; u64 size; u32 placement; u32 flags; u32 vm; u32 handle; u16 caching;
 * u16[3]; u64[2] }
 */
static int xe_create(int fd, void *arg)
{
	uint32_t handle;

	if (fake_fails(FAKE_DRM_CREATE))
		return -1;
	handle = fake_drm_new_buffer(fd, u64_at(arg, 8));
	fake_log("xe %d size %llu place %#x flags %u vm %u caching %u: %u",
		 fd, u64_at(arg, 8), u32_at(arg, 16), u32_at(arg, 20),
		 u32_at(arg, 24), u16_at(arg, 32), handle);
	put_u32(arg, 28, handle);
	return 0;
}

/* { u64; u32 handle; u32 flags; u64 offset; u64[2] } */
static int xe_mmap(int fd, void *arg)
{
	if (fake_fails(FAKE_DRM_OFFSET))
		return -1;
	put_u64(arg, 16, fake_drm_map_offset(fd, u32_at(arg, 8)));
	return 0;
}

int __wrap_drmIoctl(int fd, unsigned long request, void *arg);
int __wrap_drmIoctl(int fd, unsigned long request, void *arg)
{
	const struct fake_drm_device *gpu = fake_drm_device_of(fd);

	if (!strcmp(gpu->driver, "amdgpu")) {
		switch ((uint32_t)request) {
		case 0x40206445:
			return amdgpu_info(gpu, arg);
		case 0xc0206440:
			return amdgpu_create(fd, arg);
		case 0xc0086441:
			return amdgpu_mmap(fd, arg);
		}
	} else if (!strcmp(gpu->driver, "i915")) {
		switch ((uint32_t)request) {
		case 0xc0106479:
			return i915_query(gpu, arg);
		case 0xc018647c:
			return i915_create(fd, arg);
		case 0xc0206464:
			return i915_mmap(fd, arg);
		}
	} else if (!strcmp(gpu->driver, "xe")) {
		switch ((uint32_t)request) {
		case 0xc0286440:
			return xe_query(gpu, arg);
		case 0xc0386441:
			return xe_create(fd, arg);
		case 0xc0286442:
			return xe_mmap(fd, arg);
		}
	}
	return refuse(ENOTTY);
}
