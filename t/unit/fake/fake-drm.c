/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DRM devices of the scripted system, at the calls of libdrm: nodes with a
 * driver, its buffers, their export. Requests and structures of the drivers
 * amdgpu, i915 and xe are spelled out by hand, as bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake-bytes.h"
#include "fake-drm.h"
#include "fake-files.h"
#include "fake.h"

#define NR_NODES	8
#define NR_BUFFERS	64
#define DMABUF		"dma-buf of a DRM driver"

struct fake_drm fake_drm;

static struct {
	struct {
		const char *path;
		const struct fake_drm_device *gpu;
	} node[NR_NODES];
	struct {
		int node;	/* descriptor; 0: free */
		uint64_t size;
	} buffer[NR_BUFFERS];	/* the handle is the index plus one */
	int versions;
} drm;

void fake_drm_reset(void)
{
	memset(&drm, 0, sizeof(drm));
	memset(&fake_drm, 0, sizeof(fake_drm));
}

int fake_drm_left(void)
{
	int i, left = drm.versions;

	for (i = 0; i < NR_BUFFERS; i++)
		left += drm.buffer[i].node != 0;
	return left;
}

void fake_drm_node(const char *path, const struct fake_drm_device *gpu)
{
	int i = 0;

	fake_file(path, NULL);
	while (drm.node[i].path && strcmp(drm.node[i].path, path))
		i++;
	drm.node[i].path = path;
	drm.node[i].gpu = gpu;
}

static const struct fake_drm_device *gpu_of(int fd)
{
	int i;

	for (i = 0; i < NR_NODES; i++)
		if (drm.node[i].path == fake_fd_of(fd))
			return drm.node[i].gpu;
	fprintf(stderr, "descriptor %d is no DRM node\n", fd);
	abort();
}

static bool is_dmabuf(int fd)
{
	return fake_is_fd(fd) && !strcmp(fake_fd_of(fd), DMABUF);
}

int fake_drm_map_error(int fd)
{
	return fake_drm.unmappable && is_dmabuf(fd) ? ENODEV : 0;
}

static int refuse(int error)
{
	errno = error;
	return -1;
}

static uint32_t new_buffer(int fd, uint64_t size)
{
	int i = 0;

	while (drm.buffer[i].node)
		if (++i == NR_BUFFERS)
			abort();
	drm.buffer[i].node = fd;
	drm.buffer[i].size = size;
	return i + 1;
}

static uint64_t *size_of(int fd, uint32_t handle)
{
	if (!handle || handle > NR_BUFFERS ||
	    drm.buffer[handle - 1].node != fd) {
		fprintf(stderr, "no buffer %u of descriptor %d\n", handle, fd);
		abort();
	}
	return &drm.buffer[handle - 1].size;
}

static uint64_t offset_of(int fd, uint32_t handle)
{
	size_of(fd, handle);
	return (uint64_t)handle << 32;
}

/* ---- the calls that every driver knows ---- */

struct version {
	int major, minor, patch;
	int name_length;
	char *name;
	int date_length;
	char *date;
	int description_length;
	char *description;
};

struct version *__wrap_drmGetVersion(int fd);
struct version *__wrap_drmGetVersion(int fd)
{
	static struct version version;
	const char *driver = gpu_of(fd)->driver;

	if (fake_fails(FAKE_DRM_VERSION))
		return NULL;
	if (!driver) {
		errno = ENOTTY;
		return NULL;
	}
	version.name = (char *)driver;
	version.name_length = strlen(driver);
	drm.versions++;
	return &version;
}

void __wrap_drmFreeVersion(struct version *version);
void __wrap_drmFreeVersion(struct version *version)
{
	memset(version, 0, sizeof(*version));
	drm.versions--;
}

int __wrap_drmGetNodeTypeFromFd(int fd);
int __wrap_drmGetNodeTypeFromFd(int fd)
{
	return gpu_of(fd)->render ? 2 : 0;
}

/* These two return -errno. */
int __wrap_drmModeCreateDumbBuffer(int fd, uint32_t width, uint32_t height,
				   uint32_t bpp, uint32_t flags,
				   uint32_t *handle, uint32_t *pitch,
				   uint64_t *size);
int __wrap_drmModeCreateDumbBuffer(int fd, uint32_t width, uint32_t height,
				   uint32_t bpp, uint32_t flags,
				   uint32_t *handle, uint32_t *pitch,
				   uint64_t *size)
{
	const struct fake_drm_device *gpu = gpu_of(fd);

	if (gpu->render || gpu->dumb_error)
		return gpu->render ? -EACCES : -gpu->dumb_error;
	if (fake_fails(FAKE_DRM_CREATE))
		return -errno;
	*pitch = width * (bpp / 8);
	*size = (uint64_t)*pitch * height - fake_drm.dumb_missing;
	*handle = new_buffer(fd, *size);
	fake_log("dumb %d %u x %u of %u, flags %u: %u", fd, width, height, bpp,
		 flags, *handle);
	return 0;
}

int __wrap_drmModeMapDumbBuffer(int fd, uint32_t handle, uint64_t *offset);
int __wrap_drmModeMapDumbBuffer(int fd, uint32_t handle, uint64_t *offset)
{
	if (fake_fails(FAKE_DRM_OFFSET))
		return -errno;
	*offset = offset_of(fd, handle);
	return 0;
}

int __wrap_drmPrimeHandleToFD(int fd, uint32_t handle, uint32_t flags,
			      int *dmabuf);
int __wrap_drmPrimeHandleToFD(int fd, uint32_t handle, uint32_t flags,
			      int *dmabuf)
{
	uint64_t size = *size_of(fd, handle) - fake_drm.missing;

	if (fake_fails(FAKE_DRM_EXPORT))
		return -1;
	*dmabuf = fake_fd(DMABUF);
	fake_set_size(*dmabuf, size);
	fake_log("export %d %u flags %#x: %d", fd, handle, flags, *dmabuf);
	return 0;
}

int __wrap_drmCloseBufferHandle(int fd, uint32_t handle);
int __wrap_drmCloseBufferHandle(int fd, uint32_t handle)
{
	size_of(fd, handle);
	drm.buffer[handle - 1].node = 0;
	fake_log("drop %d %u", fd, handle);
	return 0;
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
	handle = new_buffer(fd, size);
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
	put_u64(arg, 0, offset_of(fd, u32_at(arg, 0)));
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
	handle = new_buffer(fd, u64_at(arg, 0));
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
	put_u64(arg, 8, offset_of(fd, u32_at(arg, 0)));
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
	handle = new_buffer(fd, u64_at(arg, 8));
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
	put_u64(arg, 16, offset_of(fd, u32_at(arg, 8)));
	return 0;
}

int __wrap_drmIoctl(int fd, unsigned long request, void *arg);
int __wrap_drmIoctl(int fd, unsigned long request, void *arg)
{
	const struct fake_drm_device *gpu = gpu_of(fd);

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
