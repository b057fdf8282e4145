/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a result depends on besides the job: kernel, CPU, drive and IOMMU.
 * Nothing is probed, all of it is read from files. Unknown strings are empty.
 */
#ifndef DMABUF_ENVIRONMENT_H
#define DMABUF_ENVIRONMENT_H

#include <stdbool.h>
#include <sys/types.h>

struct dmabuf_host {
	char release[80];	/* uname -r */
	char cmdline[4096];	/* /proc/cmdline */
	char cpu[128];		/* model name */
	char note[64];		/* a caveat for results taken here, or "" */
};

void dmabuf_host_read(struct dmabuf_host *host);

enum dmabuf_target_kind {
	DMABUF_TARGET_FILE,		/* anything but a block device */
	DMABUF_TARGET_BLOCK,		/* a block device other than NVMe */
	DMABUF_TARGET_NVME,		/* namespace of a PCI controller */
	DMABUF_TARGET_NVME_FABRICS,
	DMABUF_TARGET_NVME_MULTIPATH,	/* the head of several paths */
};

/* "nvme-fabrics", for reports */
const char *dmabuf_target_kind_name(enum dmabuf_target_kind kind);

struct dmabuf_target {
	enum dmabuf_target_kind kind;
	char disk[64];		/* nvme0n1, also for its partitions */
	char model[64];
	char firmware[32];
	char iommu[32];		/* DMA, DMA-FQ, identity, blocked, none */
};

/*
 * Describes the file with @mode and @rdev (of struct stat) as seen in @sys,
 * normally "/sys": the disk, its model and firmware, and the type of the IOMMU
 * domain of its controller. Source: Documentation/ABI/testing, sysfs-block,
 * sysfs-class-iommu and sysfs-kernel-iommu_groups.
 */
void dmabuf_target_read(struct dmabuf_target *target, const char *sys,
			mode_t mode, dev_t rdev);

#endif
