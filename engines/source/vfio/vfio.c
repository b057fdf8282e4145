/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_source=vfio:BDF[,bar=N][,offset=SIZE][,size=SIZE]: a BAR of a PCI
 * device that is bound to vfio-pci, or a window in it. The kernel exports each
 * chunk, a successive piece of the window, as a dma-buf. Such a dma-buf cannot
 * be mapped: the CPU maps the region of the device instead.
 * Interface: uapi-vfio.h, Linux 6.19 and later.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "uapi-vfio.h"
#include "vfio.h"

struct vfio_state {
	struct dmabuf_vfio vfio;
	struct dmabuf_vfio_window window;
	uint64_t used;		/* bytes from the beginning of the window */
	unsigned int chunks;	/* allocated */
};

static int vfio_parse(struct dmabuf_source_option *option,
		      struct dmabuf_error *err)
{
	struct dmabuf_vfio_argument argument;

	return dmabuf_vfio_parse(option, &argument, err);
}

/* Asks whether the device supports it, without exporting anything. */
static int check_export(const struct dmabuf_source *source, int device,
			struct dmabuf_error *err)
{
	struct dmabuf_vfio_export probe = {
		.argsz = sizeof(probe),
		.feature_flags = DMABUF_VFIO_FEATURE_EXPORT |
			VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_PROBE,
	};

	if (!ioctl(device, VFIO_DEVICE_FEATURE, &probe))
		return 0;
	if (errno == ENOTTY)
		return dmabuf_error_set(err, -errno,
			"dmabuf_source=%s: this kernel cannot export the memory of a vfio device as a dma-buf; use Linux 6.19 or later with CONFIG_VFIO_PCI_DMABUF",
			source->name);
	return dmabuf_error_set(err, -errno,
		"dmabuf_source=%s: this device cannot be exported as a dma-buf: %s; see the kernel log",
		source->name, strerror(errno));
}

/* The kernel signals an eventfd when it wants the device back. */
static int watch(struct dmabuf_source *source, int device,
		 struct dmabuf_error *err)
{
	struct dmabuf_vfio_irq request = {
		.argsz = sizeof(request),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD |
			VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_REQ_IRQ_INDEX,
		.count = 1,
	};
	int ret;

	source->watch = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (source->watch < 0 && dmabuf_error_is_fd_limit(errno))
		return dmabuf_source_fd_limit(source, errno, err);
	request.eventfd = source->watch;
	if (source->watch >= 0 &&
	    !ioctl(device, VFIO_DEVICE_SET_IRQS, &request))
		return 0;
	ret = dmabuf_error_set(err, -errno,
		"dmabuf_source=%s: cannot watch for the removal of the device: %s; see the kernel log",
		source->name, strerror(errno));
	if (source->watch >= 0)
		close(source->watch);
	source->watch = -1;
	return ret;
}

static int vfio_open(struct dmabuf_source *source, struct dmabuf_error *err)
{
	struct dmabuf_vfio_argument argument;
	struct vfio_state *state;
	int device, ret;

	ret = dmabuf_vfio_parse(&source->option, &argument, err);
	if (ret)
		return ret;
	state = calloc(1, sizeof(*state));
	if (!state)
		return dmabuf_source_no_memory(source, err);
	ret = dmabuf_vfio_open(&state->vfio, source, argument.address, err);
	if (ret)
		goto free_state;
	device = state->vfio.device;
	ret = dmabuf_vfio_find_window(source, device, &argument,
				      &state->window, err);
	if (!ret)
		ret = check_export(source, device, err);
	if (!ret)
		ret = dmabuf_vfio_enable_memory(source, device, err);
	if (!ret)
		ret = watch(source, device, err);
	if (ret)
		goto close_device;
	source->shadowed = true;
	source->state = state;
	return 0;

close_device:
	dmabuf_vfio_close(&state->vfio);
free_state:
	free(state);
	return ret;
}

static void vfio_close(struct dmabuf_source *source)
{
	struct vfio_state *state = source->state;

	close(source->watch);
	source->watch = -1;
	dmabuf_vfio_close(&state->vfio);
	free(state);
}

static int vfio_limit(const struct dmabuf_source *source, uint64_t *bytes,
		      struct dmabuf_error *err)
{
	const struct vfio_state *state = source->state;

	(void)err;
	*bytes = state->window.size;
	return 0;
}

static int export(const struct dmabuf_source *source,
		  struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	const struct vfio_state *state = source->state;
	struct dmabuf_vfio_export request = {
		.argsz = sizeof(request),
		.feature_flags = DMABUF_VFIO_FEATURE_EXPORT |
			VFIO_DEVICE_FEATURE_GET,
		.region_index = state->window.bar,
		.open_flags = O_RDWR | O_CLOEXEC,
		.nr_ranges = 1,
		.range = {
			.offset = chunk->handle,
			.length = chunk->size,
		},
	};
	char size[32];
	int fd = ioctl(state->vfio.device, VFIO_DEVICE_FEATURE, &request);

	if (fd >= 0)
		return fd;
	if (dmabuf_error_is_fd_limit(errno))
		return dmabuf_source_fd_limit(source, errno, err);
	return dmabuf_error_set(err, -errno,
		"dmabuf_source=%s: cannot export %s as a dma-buf: %s; see the kernel log",
		source->name, dmabuf_size_text(chunk->size, size),
		strerror(errno));
}

static int vfio_alloc(const struct dmabuf_source *source,
		      struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	struct vfio_state *state = source->state;
	const struct dmabuf_vfio_window *window = &state->window;
	char size[32];
	int ret;

	if (chunk->size > window->size - state->used)
		return dmabuf_error_set(err, -ENOMEM,
			"dmabuf_source=%s: the job needs more than the window of %s; lower iodepth or bs, or use a larger BAR",
			source->name, dmabuf_size_text(window->size, size));
	chunk->handle = window->offset + state->used;
	ret = export(source, chunk, err);
	if (ret < 0)
		return ret;
	chunk->fd = ret;
	chunk->window = mmap(NULL, chunk->size, PROT_READ | PROT_WRITE,
			     MAP_SHARED, state->vfio.device,
			     window->region + chunk->handle);
	if (chunk->window == MAP_FAILED) {
		ret = dmabuf_error_set(err, -errno,
			"dmabuf_source=%s: cannot map %s of BAR %d: %s; see the kernel log",
			source->name, dmabuf_size_text(chunk->size, size),
			window->bar, strerror(errno));
		close(chunk->fd);
		return ret;
	}
	state->used += chunk->size;
	state->chunks++;
	return 0;
}

/* Chunks are freed all together; the window is empty then. */
static void vfio_free(const struct dmabuf_source *source,
		      struct dmabuf_chunk *chunk)
{
	struct vfio_state *state = source->state;

	munmap(chunk->window, chunk->size);
	close(chunk->fd);
	if (!--state->chunks)
		state->used = 0;
}

const struct dmabuf_source_kind dmabuf_source_vfio = {
	.name = "vfio",
	.exports = true,
	.pinnable = false,
	.parse = vfio_parse,
	.open = vfio_open,
	.close = vfio_close,
	.limit = vfio_limit,
	.alloc = vfio_alloc,
	.read = dmabuf_chunk_read,
	.write = dmabuf_chunk_write,
	.free = vfio_free,
};
