/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the environment that belongs into the report of a result: kernel and
 * CPU from /proc, the drive and its IOMMU domain from /sys.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "environment.h"
#include "line.h"

/* The end of the release of kernels built by t/kernel/build. */
#define TEST_KERNEL	"-fio-dmabuf-test"

static void read_cpu(char *text, size_t size)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[256];

	text[0] = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (!colon || strncmp(line, "model name", 10))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(text, size, "%s", colon + 1 + strspn(colon + 1, " "));
		break;
	}
	if (f)
		fclose(f);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

void dmabuf_host_read(struct dmabuf_host *host)
{
	struct utsname uts;

	memset(host, 0, sizeof(*host));
	if (!uname(&uts))
		snprintf(host->release, sizeof(host->release), "%s",
			 uts.release);
	if (ends_with(host->release, TEST_KERNEL))
		strcpy(host->note,
		       "test kernel: interface only, speed means nothing");
	dmabuf_read_line("/proc/cmdline", host->cmdline, sizeof(host->cmdline));
	read_cpu(host->cpu, sizeof(host->cpu));
}

/* Removes the last component of @path; false when nothing is left. */
static bool parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return false;
	*slash = '\0';
	return true;
}

static bool read_attribute(const char *dir, const char *name, char *text,
			   size_t size)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    (int)sizeof(path))
		return false;
	return dmabuf_read_line(path, text, size);
}

static bool exists(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", dir, name) <
		(int)sizeof(path) && !access(path, F_OK);
}

/*
 * The IOMMU domain of the nearest device above @disk that is in a group. Empty
 * when unknown: the group does not tell its type, or the disk is virtual
 * (multipath, device mapper) and has no device above it.
 */
static void read_iommu(struct dmabuf_target *target, const char *disk)
{
	char path[PATH_MAX];

	if (strstr(disk, "/devices/virtual/"))
		return;
	snprintf(path, sizeof(path), "%s", disk);
	do {
		if (read_attribute(path, "iommu_group/type", target->iommu,
				   sizeof(target->iommu)))
			return;
		if (exists(path, "iommu_group"))
			return;
	} while (parent(path));
	strcpy(target->iommu, "none");
}

const char *dmabuf_target_kind_name(enum dmabuf_target_kind kind)
{
	static const char *const names[] = {
		[DMABUF_TARGET_FILE] = "file",
		[DMABUF_TARGET_BLOCK] = "block",
		[DMABUF_TARGET_NVME] = "nvme",
		[DMABUF_TARGET_NVME_FABRICS] = "nvme-fabrics",
		[DMABUF_TARGET_NVME_MULTIPATH] = "nvme-multipath",
	};

	return names[kind];
}

static enum dmabuf_target_kind block_kind(const char *disk)
{
	if (strstr(disk, "/nvme-subsystem/"))
		return DMABUF_TARGET_NVME_MULTIPATH;
	if (strstr(disk, "/nvme-fabrics/"))
		return DMABUF_TARGET_NVME_FABRICS;
	if (strstr(disk, "/nvme/nvme"))
		return DMABUF_TARGET_NVME;
	return DMABUF_TARGET_BLOCK;
}

void dmabuf_target_read(struct dmabuf_target *target, const char *sys,
			mode_t mode, dev_t rdev)
{
	char link[PATH_MAX], disk[PATH_MAX], partition[16];

	memset(target, 0, sizeof(*target));
	if (!S_ISBLK(mode)) {
		target->kind = DMABUF_TARGET_FILE;
		return;
	}
	target->kind = DMABUF_TARGET_BLOCK;
	snprintf(link, sizeof(link), "%s/dev/block/%u:%u", sys, major(rdev),
		 minor(rdev));
	if (!realpath(link, disk))
		return;
	if (read_attribute(disk, "partition", partition, sizeof(partition)))
		parent(disk);

	target->kind = block_kind(disk);
	snprintf(target->disk, sizeof(target->disk), "%.63s",
		 strrchr(disk, '/') + 1);
	read_attribute(disk, "device/model", target->model,
		       sizeof(target->model));
	read_attribute(disk, "device/firmware_rev", target->firmware,
		       sizeof(target->firmware));
	read_iommu(target, disk);
}
