/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DRM devices of the scripted system: nodes, their buffers, and the calls of
 * libdrm that every driver answers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

const struct fake_drm_device *fake_drm_device_of(int fd)
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

uint32_t fake_drm_new_buffer(int fd, uint64_t size)
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

uint64_t fake_drm_map_offset(int fd, uint32_t handle)
{
	size_of(fd, handle);
	return (uint64_t)handle << 32;
}

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
	const char *driver = fake_drm_device_of(fd)->driver;

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
	return fake_drm_device_of(fd)->render ? 2 : 0;
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
	const struct fake_drm_device *gpu = fake_drm_device_of(fd);

	if (gpu->render || gpu->dumb_error)
		return gpu->render ? -EACCES : -gpu->dumb_error;
	if (fake_fails(FAKE_DRM_CREATE))
		return -errno;
	*pitch = width * (bpp / 8);
	*size = (uint64_t)*pitch * height - fake_drm.dumb_missing;
	*handle = fake_drm_new_buffer(fd, *size);
	fake_log("dumb %d %u x %u of %u, flags %u: %u", fd, width, height, bpp,
		 flags, *handle);
	return 0;
}

int __wrap_drmModeMapDumbBuffer(int fd, uint32_t handle, uint64_t *offset);
int __wrap_drmModeMapDumbBuffer(int fd, uint32_t handle, uint64_t *offset)
{
	if (fake_fails(FAKE_DRM_OFFSET))
		return -errno;
	*offset = fake_drm_map_offset(fd, handle);
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
