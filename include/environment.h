/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a figure depends on besides the job: kernel, CPU, drive and IOMMU.
 * Everything is read, nothing is tried. Unknown strings are empty.
 */
#ifndef DMABUF_ENVIRONMENT_H
#define DMABUF_ENVIRONMENT_H

#include <stdbool.h>
#include <sys/types.h>

struct dmabuf_host {
	char release[80];	/* uname -r */
	char cmdline[4096];	/* /proc/cmdline */
	char cpu[128];		/* model name */
	/* What a figure taken there is worth, when it is not what it looks. */
	char note[64];
};

void dmabuf_host_read(struct dmabuf_host *host);

enum dmabuf_target_kind {
	DMABUF_TARGET_FILE,		/* anything but a block device */
	DMABUF_TARGET_BLOCK,		/* a block device that is no NVMe */
	DMABUF_TARGET_NVME,		/* namespace of a PCI controller */
	DMABUF_TARGET_NVME_FABRICS,
	DMABUF_TARGET_NVME_MULTIPATH,	/* head over several paths */
};

/* "nvme-fabrics" and so on, for reports */
const char *dmabuf_target_kind_name(enum dmabuf_target_kind kind);

struct dmabuf_target {
	enum dmabuf_target_kind kind;
	char disk[64];		/* nvme0n1, also for its partitions */
	char model[64];
	char firmware[32];
	char iommu[32];		/* DMA, DMA-FQ, identity, blocked, none */
};

/*
 * Describes the file behind @mode and @rdev (of struct stat) from @sys,
 * normally "/sys": the disk, its model and firmware, and the type of the IOMMU
 * domain of its controller. Source: Documentation/ABI/testing, sysfs-block,
 * sysfs-class-iommu and sysfs-kernel-iommu_groups.
 */
void dmabuf_target_read(struct dmabuf_target *target, const char *sys,
			mode_t mode, dev_t rdev);

#endif
