/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What <linux/vfio.h> lacks before Linux 6.19: exporting part of a device as a
 * dma-buf (6.19), and opening a device without its group (6.6). Numbers and
 * layouts as in include/uapi/linux/vfio.h of Linux 7.2, under separate names,
 * so that any installed header will do.
 * t/unit/fake/fake-vfio.c spells them out a second time.
 */
#ifndef DMABUF_UAPI_VFIO_H
#define DMABUF_UAPI_VFIO_H

#include <linux/types.h>
#include <linux/vfio.h>

/* VFIO_DEVICE_FEATURE: number 11, as struct vfio_device_feature_dma_buf */
#define DMABUF_VFIO_FEATURE_EXPORT	11

struct dmabuf_vfio_range {
	__u64 offset;
	__u64 length;
};

/* The header with one range; the kernel accepts several. */
struct dmabuf_vfio_export {
	__u32 argsz;
	__u32 feature_flags;
	__u32 region_index;
	__u32 open_flags;
	__u32 flags;
	__u32 nr_ranges;
	struct dmabuf_vfio_range range;
};

/* struct vfio_device_bind_iommufd, the members common to all versions */
#define DMABUF_VFIO_BIND_IOMMUFD	_IO(VFIO_TYPE, VFIO_BASE + 18)

struct dmabuf_vfio_bind {
	__u32 argsz;
	__u32 flags;
	__s32 iommufd;
	__u32 out_devid;
};

/* VFIO_DEVICE_SET_IRQS: struct vfio_irq_set with one eventfd */
struct dmabuf_vfio_irq {
	__u32 argsz;
	__u32 flags;
	__u32 index;
	__u32 start;
	__u32 count;
	__s32 eventfd;
};

#endif
