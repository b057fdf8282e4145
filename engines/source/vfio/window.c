/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The window of source vfio: choosing the BAR and the part of it, and enabling
 * memory accesses of the device.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "line.h"
#include "uapi-vfio.h"
#include "vfio.h"

#define NR_BARS			(VFIO_PCI_BAR5_REGION_INDEX + 1)
#define PCI_COMMAND		4
#define PCI_COMMAND_MEMORY	2

static int region_info(int device, unsigned int index,
		       struct vfio_region_info *info)
{
	memset(info, 0, sizeof(*info));
	info->argsz = sizeof(*info);
	info->index = index;
	return ioctl(device, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

/* The largest BAR that can be mapped, or -1; @list shows all of these. */
static int largest_bar(int device, uint64_t page, char *list,
		       size_t list_size)
{
	uint64_t most = 0;
	size_t used = 0;
	int bar, largest = -1;

	snprintf(list, list_size, "none");
	for (bar = 0; bar < NR_BARS; bar++) {
		struct vfio_region_info info;
		char text[32];

		if (region_info(device, bar, &info) || info.size < page ||
		    !(info.flags & VFIO_REGION_INFO_FLAG_MMAP))
			continue;
		used += snprintf(list + used, list_size - used,
				 "%sbar=%d of %s", used ? ", " : "", bar,
				 dmabuf_size_text(info.size, text));
		if (info.size > most) {
			most = info.size;
			largest = bar;
		}
	}
	return largest;
}

static int find_bar(const struct dmabuf_source *source, int device,
		    int wanted, struct vfio_region_info *info,
		    struct dmabuf_error *err)
{
	char list[256];		/* at most 6 * 37 characters */
	int bar = largest_bar(device, source->granule, list, sizeof(list));
	int ret;

	if (wanted >= 0)
		bar = wanted;
	if (bar < 0)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: the device has no BAR that can be mapped; use another device",
			source->name);
	ret = region_info(device, bar, info);
	if (ret)
		return dmabuf_error_set(err, ret,
			"dmabuf_source=%s: the kernel cannot describe BAR %d: %s; see the kernel log",
			source->name, bar, strerror(-ret));
	if (!info->size)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: BAR %d has no memory; available: %s",
			source->name, bar, list);
	if (!(info->flags & VFIO_REGION_INFO_FLAG_MMAP))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: BAR %d cannot be mapped, it is I/O ports or smaller than a page; available: %s",
			source->name, bar, list);
	return bar;
}

/* "4k", as in the argument */
static const char *short_size(uint64_t bytes, char text[32])
{
	static const char unit[] = "\0kmg";
	int i = 0;

	while (bytes && i < 3 && !(bytes & 1023)) {
		bytes >>= 10;
		i++;
	}
	snprintf(text, 32, "%llu%.1s", (unsigned long long)bytes, unit + i);
	return text;
}

static void describe(struct dmabuf_source *source,
		     const struct dmabuf_vfio_argument *argument,
		     const struct dmabuf_vfio_window *window, uint64_t bar_size)
{
	static const char *const names[] = { "vendor", "device" };
	unsigned int id[2] = { 0, 0 };
	char path[128], text[32];
	size_t used;
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s",
			 argument->address, names[i]);
		/* "0x1af4" */
		if (dmabuf_read_line(path, text, sizeof(text)))
			id[i] = strtoul(text, NULL, 16);
	}
	snprintf(source->detail, sizeof(source->detail),
		 "%04x:%04x BAR %d of %s", id[0], id[1], window->bar,
		 dmabuf_size_text(bar_size, text));

	used = snprintf(source->name, sizeof(source->name), "vfio:%s,bar=%d",
			argument->address, window->bar);
	if (argument->offset)
		used += snprintf(source->name + used,
				 sizeof(source->name) - used, ",offset=%s",
				 short_size(argument->offset, text));
	if (argument->size)
		snprintf(source->name + used, sizeof(source->name) - used,
			 ",size=%s", short_size(argument->size, text));
}

int dmabuf_vfio_find_window(struct dmabuf_source *source, int device,
			    const struct dmabuf_vfio_argument *argument,
			    struct dmabuf_vfio_window *window,
			    struct dmabuf_error *err)
{
	uint64_t least = argument->size ? argument->size : source->granule;
	struct vfio_region_info info;
	char has[32], asked[32], from[32];
	int bar = find_bar(source, device, argument->bar, &info, err);

	if (bar < 0)
		return bar;
	if (argument->offset > info.size ||
	    least > info.size - argument->offset)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: BAR %d has %s, too little for %s at offset %s; lower offset or size",
			source->name, bar, dmabuf_size_text(info.size, has),
			dmabuf_size_text(least, asked),
			short_size(argument->offset, from));
	*window = (struct dmabuf_vfio_window) {
		.bar = bar,
		.region = info.offset,
		.offset = argument->offset,
		.size = argument->size ? argument->size :
			info.size - argument->offset,
	};
	window->size -= window->size % source->granule;
	describe(source, argument, window, info.size);
	return 0;
}

/* 0 or -errno for a pread() or pwrite() that must transfer @size bytes. */
static int whole(ssize_t done, size_t size)
{
	return done == (ssize_t)size ? 0 : done < 0 ? -errno : -EIO;
}

int dmabuf_vfio_enable_memory(const struct dmabuf_source *source, int device,
			      struct dmabuf_error *err)
{
	struct vfio_region_info info;
	unsigned char command[2];
	int ret = region_info(device, VFIO_PCI_CONFIG_REGION_INDEX, &info);

	if (!ret)
		ret = whole(pread(device, command, 2,
				  info.offset + PCI_COMMAND), 2);
	if (!ret && !(command[0] & PCI_COMMAND_MEMORY)) {
		command[0] |= PCI_COMMAND_MEMORY;
		ret = whole(pwrite(device, command, 2,
				   info.offset + PCI_COMMAND), 2);
	}
	if (!ret)
		return 0;
	return dmabuf_error_set(err, ret,
		"dmabuf_source=%s: cannot enable the device's memory: %s; see the kernel log",
		source->name, strerror(-ret));
}
