/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_source=p2pmem:BDF: memory of a PCI device, namely the controller
 * memory buffer of an NVMe drive, mapped through p2pmem/allocate in sysfs. It
 * has no dma-buf, so it is for path host. Interface: Linux 6.2 and later with
 * CONFIG_PCI_P2PDMA.
 *
 * Up to Linux 7.3, io_uring uses the mapping in plain requests but cannot
 * register it (EFAULT). The kernel revokes the mapping when the drive's driver
 * is unbound, so fio does not access it directly: see window.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "line.h"
#include "pci.h"
#include "source.h"

#define DEVICES	"/sys/bus/pci/devices"

struct p2pmem {
	int fd;			/* p2pmem/allocate */
	char device[sizeof(DEVICES) + DMABUF_PCI_ADDRESS];
};

static int p2pmem_parse(struct dmabuf_source_option *option,
			struct dmabuf_error *err)
{
	char address[DMABUF_PCI_ADDRESS];

	if (dmabuf_pci_address(option->arg, address))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: not the PCI address of a drive; write p2pmem:0000:01:00.0, as lspci -D shows it",
			option->name);
	strcpy(option->arg, address);
	snprintf(option->name, sizeof(option->name), "p2pmem:%s", address);
	return 0;
}

/* The number in the device's file p2pmem/@name, 0 when it cannot be read. */
static uint64_t read_number(const struct p2pmem *p2pmem, const char *name)
{
	char path[sizeof(p2pmem->device) + 32];
	uint64_t number = 0;

	snprintf(path, sizeof(path), "%s/p2pmem/%s", p2pmem->device, name);
	dmabuf_line_number(path, &number);
	return number;
}

static int open_failed(const struct p2pmem *p2pmem, const char *path,
		       int error, struct dmabuf_error *err)
{
	char dir[sizeof(p2pmem->device) + 32];

	if (error == ENOENT && access(p2pmem->device, F_OK))
		return dmabuf_error_set(err, -ENODEV,
			"%s: no such PCI device; lspci -D lists the devices",
			p2pmem->device);
	snprintf(dir, sizeof(dir), "%s/p2pmem", p2pmem->device);
	if (error == ENOENT && access(dir, F_OK))
		return dmabuf_error_set(err, -ENODEV,
			"%s: the device offers no memory; use an NVMe drive with a controller memory buffer for data, and a kernel with CONFIG_PCI_P2PDMA",
			dir);
	if (error == ENOENT)
		return dmabuf_error_set(err, -error,
			"%s: %s; use Linux 6.2 or later", path,
			strerror(error));
	if (error == EACCES || error == EPERM)
		return dmabuf_error_set(err, -error,
			"%s: %s; run as root, or give the user access to the file",
			path, strerror(error));
	if (dmabuf_error_is_fd_limit(error))
		return dmabuf_error_set(err, -error,
			"%s: %s; raise the limit with ulimit -n", path,
			strerror(error));
	return dmabuf_error_set(err, -error, "%s: %s; see the kernel log",
				path, strerror(error));
}

static void p2pmem_close(struct dmabuf_source *source)
{
	struct p2pmem *p2pmem = source->state;

	close(p2pmem->fd);
	free(p2pmem);
}

static int no_memory_left(const struct dmabuf_source *source, uint64_t bytes,
			  struct dmabuf_error *err)
{
	const struct p2pmem *p2pmem = source->state;
	char need[32], have[32];

	return dmabuf_error_set(err, -ENOMEM,
		"dmabuf_source=%s: %s needed, %s of the drive's memory free; lower iodepth, bs or numjobs",
		source->name, dmabuf_size_text(bytes, need),
		dmabuf_size_text(read_number(p2pmem, "available"), have));
}

static int p2pmem_open(struct dmabuf_source *source, struct dmabuf_error *err)
{
	struct p2pmem *p2pmem = calloc(1, sizeof(*p2pmem));
	char path[sizeof(p2pmem->device) + 32], size[32];
	int ret;

	if (!p2pmem)
		return dmabuf_source_no_memory(source, err);
	snprintf(p2pmem->device, sizeof(p2pmem->device), DEVICES "/%.15s",
		 source->option.arg);
	snprintf(path, sizeof(path), "%s/p2pmem/allocate", p2pmem->device);
	p2pmem->fd = open(path, O_RDWR | O_CLOEXEC);
	if (p2pmem->fd < 0) {
		ret = open_failed(p2pmem, path, errno, err);
		free(p2pmem);
		return ret;
	}
	source->state = p2pmem;
	source->shadowed = true;
	snprintf(source->detail, sizeof(source->detail), "memory of %s",
		 dmabuf_size_text(read_number(p2pmem, "size"), size));
	return 0;
}

static int p2pmem_limit(const struct dmabuf_source *source, uint64_t *bytes,
			struct dmabuf_error *err)
{
	*bytes = read_number(source->state, "available");
	*bytes -= *bytes % source->granule;
	return *bytes ? 0 : no_memory_left(source, source->granule, err);
}

/* Mapping allocates the memory, and unmapping frees it. */
static int p2pmem_alloc(const struct dmabuf_source *source,
			struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	const struct p2pmem *p2pmem = source->state;
	char size[32];

	if (chunk->size > read_number(p2pmem, "available"))
		return no_memory_left(source, chunk->size, err);
	chunk->window = mmap(NULL, chunk->size, PROT_READ | PROT_WRITE,
			     MAP_SHARED, p2pmem->fd, 0);
	if (chunk->window != MAP_FAILED)
		return 0;
	if (errno == ENOMEM)
		return no_memory_left(source, chunk->size, err);
	return dmabuf_error_set(err, -errno,
		"dmabuf_source=%s: cannot allocate %s of the drive's memory: %s; see the kernel log",
		source->name, dmabuf_size_text(chunk->size, size),
		strerror(errno));
}

static void p2pmem_free(const struct dmabuf_source *source,
			struct dmabuf_chunk *chunk)
{
	(void)source;
	munmap(chunk->window, chunk->size);
}

const struct dmabuf_source_kind dmabuf_source_p2pmem = {
	.name = "p2pmem",
	.exports = false,
	.pinnable = false,
	.unregistered = true,
	.parse = p2pmem_parse,
	.open = p2pmem_open,
	.close = p2pmem_close,
	.limit = p2pmem_limit,
	.alloc = p2pmem_alloc,
	.read = dmabuf_chunk_read,
	.write = dmabuf_chunk_write,
	.free = p2pmem_free,
};
