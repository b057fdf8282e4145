/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_source=heap[:NAME]: memory of the dma-heap /dev/dma_heap/NAME, by
 * default "system". Interface: <linux/dma-heap.h>, Linux 5.6 and later.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "source.h"

#define HEAP_DIR	"/dev/dma_heap"

static int heap_parse(struct dmabuf_source_option *option,
		      struct dmabuf_error *err)
{
	if (!option->arg[0]) {
		strcpy(option->arg, "system");
		strcpy(option->name, "heap:system");
	}
	if (strchr(option->arg, '/'))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: a heap is named as in " HEAP_DIR "; leave the path out",
			option->name);
	/* Other heaps have reserved memory. */
	option->ordinary_pages = !strcmp(option->arg, "system");
	return 0;
}

/* Lists the heaps as "system, reserved", or "none". */
static void heap_list(char *text, size_t size)
{
	DIR *dir = opendir(HEAP_DIR);
	struct dirent *entry;
	size_t used = 0;

	text[0] = '\0';
	while (dir && (entry = readdir(dir)) && used < size) {
		if (entry->d_name[0] == '.')
			continue;
		used += snprintf(text + used, size - used, "%s%s",
				 used ? ", " : "", entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (!used)
		snprintf(text, size, "none");
}

static int heap_open_failed(const char *path, const char *name, int error,
			    struct dmabuf_error *err)
{
	char list[160];

	if (error == ENOENT && access(HEAP_DIR, F_OK))
		return dmabuf_error_set(err, -error,
			HEAP_DIR ": this kernel has no dma-heaps; use one with CONFIG_DMABUF_HEAPS and CONFIG_DMABUF_HEAPS_SYSTEM, or dmabuf_source=udmabuf");
	if (error == ENOENT) {
		heap_list(list, sizeof(list));
		return dmabuf_error_set(err, -error,
			"%s: no heap named %s; available: %s",
			path, name, list);
	}
	if (error == EACCES || error == EPERM)
		return dmabuf_error_set(err, -error,
			"%s: %s; run as root or give the user access with a udev rule",
			path, strerror(error));
	return dmabuf_error_set(err, -error,
		"%s: %s; see the kernel log", path, strerror(error));
}

static int heap_alloc(const struct dmabuf_source *source,
		      struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	struct dma_heap_allocation_data data = {
		.len = chunk->size,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	char path[sizeof(HEAP_DIR) + sizeof(source->option.arg)];
	char size[32];
	int heap, ret = 0;

	snprintf(path, sizeof(path), HEAP_DIR "/%s", source->option.arg);
	heap = open(path, O_RDWR | O_CLOEXEC);
	if (heap < 0 && dmabuf_error_is_fd_limit(errno))
		return dmabuf_source_fd_limit(source, errno, err);
	if (heap < 0)
		return heap_open_failed(path, source->option.arg, errno, err);

	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data) < 0)
		ret = dmabuf_error_is_fd_limit(errno) ?
			dmabuf_source_fd_limit(source, errno, err) :
			dmabuf_error_set(err, -errno,
			"%s: cannot allocate %s: %s; lower iodepth or bs, or dmabuf_chunk if the heap has no piece that large",
			path, dmabuf_size_text(chunk->size, size),
			strerror(errno));
	close(heap);
	if (ret)
		return ret;
	chunk->fd = data.fd;
	return 0;
}

static void heap_free(const struct dmabuf_source *source,
		      struct dmabuf_chunk *chunk)
{
	(void)source;
	close(chunk->fd);
}

const struct dmabuf_source_kind dmabuf_source_heap = {
	.name = "heap",
	.exports = true,
	.pinnable = false,
	.parse = heap_parse,
	.alloc = heap_alloc,
	.map = dmabuf_chunk_map,
	.free = heap_free,
};
