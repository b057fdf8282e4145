/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Facts about a drive, from /sys and from the controller. Asking the controller
 * whether it supports SGL takes the right to send admin commands.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "check/sysfs.h"
#include "drive.h"
#include "pci-topology.h"

const char *check_drive_kind(const struct check_drive *drive)
{
	return drive->target.disk[0] ?
		dmabuf_target_kind_name(drive->target.kind) : "";
}

const char *check_iommu_mode(const char *domain)
{
	static const struct {
		const char *domain, *mode;
	} modes[] = {
		{ "DMA", "strict" },
		{ "DMA-FQ", "lazy" },
		{ "identity", "pass-through" },
		{ "none", "no IOMMU" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(domain, modes[i].domain))
			return modes[i].mode;
	return "";
}

/* NVMe Base Specification, Identify Controller: SGLS, bytes 536 to 539 */
#define IDENTIFY	0x06
#define CONTROLLER	1
#define SGLS		536

static void read_sgl(struct check_drive *drive, int fd)
{
	unsigned char data[4096] __attribute__((aligned(4096)));
	struct nvme_admin_cmd command = {
		.opcode = IDENTIFY,
		.addr = (uintptr_t)data,
		.data_len = sizeof(data),
		.cdw10 = CONTROLLER,
		.timeout_ms = 5000,
	};
	int ret = ioctl(fd, NVME_IOCTL_ADMIN_CMD, &command);

	if (ret < 0)
		check_say(&drive->sgl, CHECK_UNKNOWN,
			  "cannot send Identify to the controller: %s; run as root",
			  strerror(errno));
	else if (ret)
		check_say(&drive->sgl, CHECK_UNKNOWN,
			  "the controller fails Identify with status %#x", ret);
	else if (data[SGLS] & 3)
		check_ok(&drive->sgl);
	else
		check_say(&drive->sgl, CHECK_NO,
			  "the controller supports PRP only, not SGL");
}

static void read_queue(struct check_drive *drive, const char *sys, dev_t rdev)
{
	char dir[CHECK_PATH], word[16];

	if (!check_path(dir, "%s/dev/block/%u:%u", sys, major(rdev),
			minor(rdev)))
		return;
	drive->partition = check_read(word, sizeof(word), "%.4000s/partition",
				      dir);
	if (drive->partition)
		strncat(dir, "/..", sizeof(dir) - strlen(dir) - 1);
	check_read_number(&drive->logical_block,
			  "%.4000s/queue/logical_block_size", dir);
	check_read_number(&drive->max_kib, "%.4000s/queue/max_sectors_kb",
			  dir);
	check_read_number(&drive->max_hw_kib,
			  "%.4000s/queue/max_hw_sectors_kb", dir);
}

static void open_failed(struct check_drive *drive, int error)
{
	if (error == EACCES || error == EPERM)
		check_say(&drive->opened, CHECK_NO,
			  "%s: %s; run as root or give the user access with a udev rule",
			  drive->name, strerror(error));
	else
		check_say(&drive->opened, CHECK_NO,
			  "%s: %s; give an existing drive, /dev/nvmeXnY",
			  drive->name, strerror(error));
}

void check_drive_read(struct check_drive *drive, const char *name,
		      const char *sys)
{
	struct stat st;
	int fd;

	drive->name = name;
	check_say(&drive->sgl, CHECK_UNKNOWN, "not a PCI NVMe drive");
	if (stat(name, &st)) {
		open_failed(drive, errno);
		return;
	}
	dmabuf_target_read(&drive->target, sys, st.st_mode, st.st_rdev);
	if (!S_ISBLK(st.st_mode)) {
		check_say(&drive->opened, CHECK_NO,
			  "%s: not a block device; use /dev/nvmeXnY", name);
		return;
	}
	read_queue(drive, sys, st.st_rdev);
	check_pci_of_node(drive->pci, sys, st.st_mode, st.st_rdev);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		open_failed(drive, errno);
		if (drive->target.kind == DMABUF_TARGET_NVME)
			check_say(&drive->sgl, CHECK_UNKNOWN,
				  "the drive cannot be opened");
		return;
	}
	check_ok(&drive->opened);
	if (drive->target.kind == DMABUF_TARGET_NVME)
		read_sgl(drive, fd);
	close(fd);
}

/* Whether --verify found wrong data or could not look at it. */
static bool is_wrong(const struct check_transfer *t)
{
	unsigned int d;

	for (d = 0; d < CHECK_NR_DIRECTIONS; d++)
		if (t->verified_by[d].asked &&
		    t->verified_by[d].result.state != CHECK_OK)
			return true;
	return false;
}

void check_drive_judge(struct check_drive *drive, bool all)
{
	const struct check_transfer *no = NULL, *unknown = NULL;
	unsigned int ok = 0, i;

	if (drive->opened.state != CHECK_OK) {
		drive->result = drive->opened;
		return;
	}
	for (i = 0; i < drive->nr_transfers; i++) {
		const struct check_transfer *t = &drive->transfers[i];

		if (t->lost || is_wrong(t)) {
			drive->result = t->result;
			return;
		}
		if (t->result.state == CHECK_OK)
			ok++;
		else if (t->result.state == CHECK_NO)
			no = no ? no : t;
		else
			unknown = unknown ? unknown : t;
	}
	if (ok && (!all || ok == drive->nr_transfers))
		check_ok(&drive->result);
	else if (no)
		drive->result = no->result;
	else if (unknown)
		drive->result = unknown->result;
	else
		check_say(&drive->result, CHECK_UNKNOWN,
			  "not tried: no dma-buf source works; name one with --source");
}
