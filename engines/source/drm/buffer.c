/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One buffer of a DRM driver as a chunk: created, exported as a dma-buf
 * (PRIME), and mapped as a window where the source is shadowed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include "memory.h"

static int create_failed(const struct dmabuf_drm *drm, uint64_t size,
			 int error, struct dmabuf_error *err)
{
	char text[32];

	dmabuf_size_text(size, text);
	if (error == -ENOMEM || error == -ENOSPC)
		return dmabuf_error_set(err, error,
			"%s: out of device memory: the driver %s has no %s (%s) left; lower iodepth or bs, or stop what else uses the device",
			drm->path, drm->driver, text, drm->memory->detail);
	if (error == -EACCES || error == -EPERM)
		return dmabuf_error_set(err, error,
			"%s: %s: another program controls the display of this device; use its render node, /dev/dri/renderD*",
			drm->path, strerror(-error));
	return dmabuf_error_set(err, error,
		"%s: the driver %s refused a buffer of %s (%s): %s; lower dmabuf_chunk, or see the kernel log",
		drm->path, drm->driver, text, drm->memory->detail,
		strerror(-error));
}

/* Exports @handle as a dma-buf, which must be as large as the chunk. */
static int export(const struct dmabuf_drm *drm,
		  const struct dmabuf_source *source, uint32_t handle,
		  struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	char wanted[32], got[32];
	off_t size;

	dmabuf_size_text(chunk->size, wanted);
	if (drmPrimeHandleToFD(drm->fd, handle, DRM_CLOEXEC | DRM_RDWR,
			       &chunk->fd))
		return dmabuf_error_is_fd_limit(errno) ?
			dmabuf_source_fd_limit(source, errno, err) :
			dmabuf_error_set(err, -errno,
				"%s: the driver %s cannot export a buffer of %s: %s; use another device, or another dmabuf_source",
				drm->path, drm->driver, wanted,
				strerror(errno));
	size = lseek(chunk->fd, 0, SEEK_END);
	if (size >= 0 && (uint64_t)size >= chunk->size)
		return 0;
	close(chunk->fd);
	chunk->fd = -1;
	return dmabuf_error_set(err, -EMSGSIZE,
		"%s: the driver %s exported a dma-buf of %s for a buffer of %s; use another device, or another dmabuf_source",
		drm->path, drm->driver,
		dmabuf_size_text(size < 0 ? 0 : size, got), wanted);
}

static int open_window(const struct dmabuf_drm *drm, uint32_t handle,
		       struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	uint64_t offset;
	char text[32];
	int ret = drm->memory->offset(drm, handle, &offset);

	if (!ret) {
		chunk->window = mmap(NULL, chunk->size, PROT_READ | PROT_WRITE,
				     MAP_SHARED, drm->fd, offset);
		if (chunk->window != MAP_FAILED)
			return 0;
		ret = -errno;
		chunk->window = NULL;
	}
	return dmabuf_error_set(err, ret,
		"%s: the CPU cannot map a buffer of %s (%s): %s; lower dmabuf_chunk, or use another device",
		drm->path, dmabuf_size_text(chunk->size, text),
		drm->memory->detail, strerror(-ret));
}

int dmabuf_drm_alloc(const struct dmabuf_drm *drm,
		     const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	char size[32], max[32];
	uint32_t handle;
	int ret;

	if (chunk->size > drm->max_size)
		return dmabuf_error_set(err, -EINVAL,
			"%s: a buffer of %s is more than the %s that the driver %s allows (%s); lower dmabuf_chunk",
			drm->path, dmabuf_size_text(chunk->size, size),
			dmabuf_size_text(drm->max_size, max), drm->driver,
			drm->memory->detail);
	ret = drm->memory->create(drm, chunk->size, &handle);
	if (ret)
		return create_failed(drm, chunk->size, ret, err);
	ret = export(drm, source, handle, chunk, err);
	if (!ret && source->shadowed) {
		ret = open_window(drm, handle, chunk, err);
		if (ret) {
			close(chunk->fd);
			chunk->fd = -1;
		}
	}
	/* The dma-buf and the window keep the buffer. */
	drmCloseBufferHandle(drm->fd, handle);
	return ret;
}

void dmabuf_drm_free(struct dmabuf_chunk *chunk)
{
	if (chunk->window)
		munmap(chunk->window, chunk->size);
	chunk->window = NULL;
	close(chunk->fd);
}

int dmabuf_drm_try_mapping(const struct dmabuf_drm *drm,
			   struct dmabuf_source *source,
			   struct dmabuf_error *err)
{
	struct dmabuf_chunk chunk = { .size = drm->granule, .fd = -1 };
	int ret;

	source->shadowed = drm->memory->shadowed;
	if (source->shadowed)
		return 0;
	ret = dmabuf_drm_alloc(drm, source, &chunk, err);
	if (ret)
		return ret;
	source->shadowed = dmabuf_chunk_try_map(chunk.fd, chunk.size);
	dmabuf_drm_free(&chunk);
	return 0;
}
