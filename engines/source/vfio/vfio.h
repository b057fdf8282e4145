/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of source vfio share: the parsed argument, the open device,
 * and the window in one of the device's BARs.
 */
#ifndef DMABUF_VFIO_H
#define DMABUF_VFIO_H

#include "error.h"
#include "pci.h"
#include "source.h"

struct dmabuf_vfio_argument {
	char address[DMABUF_PCI_ADDRESS];
	int bar;		/* -1: the largest */
	uint64_t offset;	/* bytes, a multiple of the page size */
	uint64_t size;		/* the same; 0: up to the end of the BAR */
};

struct dmabuf_vfio {
	int device;
	int group;		/* or the device's iommufd */
	int container;		/* -1 without a group */
};

struct dmabuf_vfio_window {
	int bar;
	uint64_t region;	/* offset of the BAR in the device's file */
	uint64_t offset;	/* of the window in the BAR, bytes */
	uint64_t size;
};

/* Each returns 0, or -errno with @err set; the message names @source. */
int dmabuf_vfio_parse(const struct dmabuf_source_option *option,
		      struct dmabuf_vfio_argument *argument,
		      struct dmabuf_error *err);
int dmabuf_vfio_open(struct dmabuf_vfio *vfio,
		     const struct dmabuf_source *source, const char *address,
		     struct dmabuf_error *err);
void dmabuf_vfio_close(struct dmabuf_vfio *vfio);
/* Completes source->name and source->detail as well. */
int dmabuf_vfio_find_window(struct dmabuf_source *source, int device,
			    const struct dmabuf_vfio_argument *argument,
			    struct dmabuf_vfio_window *window,
			    struct dmabuf_error *err);
int dmabuf_vfio_enable_memory(const struct dmabuf_source *source, int device,
			      struct dmabuf_error *err);

#endif
