/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a result depends on, read from a /sys and a /proc made for the test:
 * every kind of target, and IOMMU domains where the kernel shows them.
 */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "t/unit/check.h"
#include "environment.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake.h"

static char root[] = "/tmp/test-environment-XXXXXX";
static struct dmabuf_target target;

/* @path below the tree, as a format, with all its directories. */
static char *make(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

static char *make(const char *format, ...)
{
	static char path[PATH_MAX];
	va_list args;
	char *slash;
	int n;

	n = snprintf(path, sizeof(path), "%s/", root);
	va_start(args, format);
	vsnprintf(path + n, sizeof(path) - n, format, args);
	va_end(args);
	for (slash = path + n; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	return path;
}

static void text(const char *content, const char *dir, const char *name)
{
	FILE *f = fopen(make("%s/%s", dir, name), "w");

	if (CHECK(f)) {
		fputs(content, f);
		fclose(f);
	}
}

static void link_to(const char *to, const char *name)
{
	CHECK_INT(symlink(to, make("%s", name)), 0);
}

/* /sys/dev/block/M:m, and the device that it links to */
static void block(unsigned int minor_number, const char *disk)
{
	char to[PATH_MAX], name[64];

	make("%s/x", disk);
	snprintf(to, sizeof(to), "../../%s", disk);
	snprintf(name, sizeof(name), "dev/block/259:%u", minor_number);
	link_to(to, name);
}

#define PCI	"devices/pci0000:00/0000:00:04.0"
#define NVME	PCI "/nvme/nvme0/nvme0n1"
#define HEAD	"devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1"
#define FABRIC	"devices/virtual/nvme-fabrics/ctl/nvme2/nvme2n1"
#define VIRTIO	"devices/pci0000:00/0000:00:05.0/virtio1/block/vda"
#define SCSI	"devices/pci0000:00/0000:00:06.0/ata1/host0/target0:0:0/0:0:0:0/block/sda"
#define LOOP	"devices/virtual/block/loop0"

static void build(void)
{
	CHECK(mkdtemp(root));

	block(0, NVME);
	text("QEMU NVMe Ctrl                          \n", PCI "/nvme/nvme0",
	     "model");
	text("8.2.2   \n", PCI "/nvme/nvme0", "firmware_rev");
	link_to("../../nvme0", NVME "/device");
	text("DMA-FQ\n", "kernel/iommu_groups/3", "type");
	link_to("../../../kernel/iommu_groups/3", PCI "/iommu_group");
	block(1, NVME "/nvme0n1p1");
	text("1\n", NVME "/nvme0n1p1", "partition");

	block(2, HEAD);
	text("Dual Port Drive\n", "devices/virtual/nvme-subsystem/nvme-subsys1",
	     "model");
	text("F1\n", "devices/virtual/nvme-subsystem/nvme-subsys1",
	     "firmware_rev");
	link_to("../../nvme-subsys1", HEAD "/device");
	block(3, HEAD "/nvme1n1p2");
	text("2\n", HEAD "/nvme1n1p2", "partition");

	block(4, FABRIC);
	block(5, VIRTIO);
	text("identity\n", "kernel/iommu_groups/4", "type");
	link_to("../../../kernel/iommu_groups/4",
		"devices/pci0000:00/0000:00:05.0/iommu_group");
	block(6, SCSI);
	text("SAMSUNG SSD\n", "devices/pci0000:00/0000:00:06.0/ata1/host0/target0:0:0/0:0:0:0",
	     "model");
	link_to("../../../0:0:0:0", SCSI "/device");
	block(7, LOOP);
}

static int drop(const char *path, const struct stat *st, int type,
		struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void clean(void)
{
	CHECK_INT(nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS), 0);
	strcpy(root + strlen(root) - 6, "XXXXXX");
}

static void test_targets(void)
{
	static const struct {
		unsigned int minor_number;
		enum dmabuf_target_kind kind;
		const char *disk, *model, *firmware, *iommu;
	} vectors[] = {
		{ 0, DMABUF_TARGET_NVME, "nvme0n1", "QEMU NVMe Ctrl", "8.2.2",
		  "DMA-FQ" },
		{ 1, DMABUF_TARGET_NVME, "nvme0n1", "QEMU NVMe Ctrl", "8.2.2",
		  "DMA-FQ" },
		{ 2, DMABUF_TARGET_NVME_MULTIPATH, "nvme1n1",
		  "Dual Port Drive", "F1", "" },
		{ 3, DMABUF_TARGET_NVME_MULTIPATH, "nvme1n1",
		  "Dual Port Drive", "F1", "" },
		{ 4, DMABUF_TARGET_NVME_FABRICS, "nvme2n1", "", "", "" },
		{ 5, DMABUF_TARGET_BLOCK, "vda", "", "", "identity" },
		{ 6, DMABUF_TARGET_BLOCK, "sda", "SAMSUNG SSD", "", "none" },
		{ 7, DMABUF_TARGET_BLOCK, "loop0", "", "", "" },
		/* a node without a device behind it */
		{ 99, DMABUF_TARGET_BLOCK, "", "", "", "" },
	};
	size_t i;

	build();
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		memset(&target, 'x', sizeof(target));
		dmabuf_target_read(&target, root, S_IFBLK | 0660,
				   makedev(259, vectors[i].minor_number));
		CHECK_INT(target.kind, vectors[i].kind);
		CHECK_TEXT(target.disk, vectors[i].disk);
		CHECK_TEXT(target.model, vectors[i].model);
		CHECK_TEXT(target.firmware, vectors[i].firmware);
		CHECK_TEXT(target.iommu, vectors[i].iommu);
	}
	clean();
}

static void test_iommu_domains(void)
{
	static const char *const types[] = {
		"DMA", "DMA-FQ", "identity", "blocked", "unmanaged",
	};
	size_t i;

	build();
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		char line[32];

		snprintf(line, sizeof(line), "%s\n", types[i]);
		text(line, "kernel/iommu_groups/3", "type");
		dmabuf_target_read(&target, root, S_IFBLK, makedev(259, 1));
		CHECK_TEXT(target.iommu, types[i]);
	}
	/* A group without a type is unknown; no group is "none". */
	CHECK_INT(unlink(make("kernel/iommu_groups/3/type")), 0);
	dmabuf_target_read(&target, root, S_IFBLK, makedev(259, 0));
	CHECK_TEXT(target.iommu, "");
	CHECK_INT(unlink(make(PCI "/iommu_group")), 0);
	dmabuf_target_read(&target, root, S_IFBLK, makedev(259, 0));
	CHECK_TEXT(target.iommu, "none");
	clean();
}

static void test_no_block_device(void)
{
	static const mode_t modes[] = { S_IFREG, S_IFCHR, S_IFIFO, S_IFSOCK };
	size_t i;

	for (i = 0; i < 4; i++) {
		memset(&target, 'x', sizeof(target));
		dmabuf_target_read(&target, "/nonexistent", modes[i],
				   makedev(259, 0));
		CHECK_INT(target.kind, DMABUF_TARGET_FILE);
		CHECK_TEXT(target.disk, "");
		CHECK_TEXT(target.iommu, "");
	}
}

/* Strings longer than the fields are cut off and terminated. */
static void test_long_attributes(void)
{
	char line[5000];

	build();
	memset(line, 'm', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	text(line, PCI "/nvme/nvme0", "model");
	text("\n", PCI "/nvme/nvme0", "firmware_rev");
	dmabuf_target_read(&target, root, S_IFBLK, makedev(259, 0));
	CHECK_INT(strlen(target.model), sizeof(target.model) - 1);
	CHECK_TEXT(target.firmware, "");
	CHECK_TEXT(target.disk, "nvme0n1");
	clean();
}

static void test_host(void)
{
	struct dmabuf_host host;

	memset(&host, 'x', sizeof(host));
	dmabuf_host_read(&host);
	CHECK_TEXT(host.release, "7.3.0-fake");
	CHECK_TEXT(host.cmdline, "");
	CHECK_TEXT(host.cpu, "");

	fake_file("/proc/cmdline",
		  "BOOT_IMAGE=/vmlinuz root=\"/dev/sda 1\" iommu=pt \n");
	fake_file("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: AMD\n"
		  "model\t\t: 17\nmodel name\t: AMD EPYC 9654 96-Core\n"
		  "model name\t: the second\n");
	dmabuf_host_read(&host);
	CHECK_TEXT(host.cmdline,
		   "BOOT_IMAGE=/vmlinuz root=\"/dev/sda 1\" iommu=pt");
	CHECK_TEXT(host.cpu, "AMD EPYC 9654 96-Core");

	CHECK_TEXT(host.note, "");
	fake.release = "6.12.1-fio-dmabuf-test";
	dmabuf_host_read(&host);
	CHECK_TEXT(host.note,
		   "test kernel: interface only, speed means nothing");
	fake.release = "6.12.1-fio-dmabuf-test-2";
	dmabuf_host_read(&host);
	CHECK_TEXT(host.note, "");
	fake.release = "-test";
	dmabuf_host_read(&host);
	CHECK_TEXT(host.note, "");

	/* A CPU without a name, as on other architectures. */
	fake_file("/proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 50.00\n");
	dmabuf_host_read(&host);
	CHECK_TEXT(host.cpu, "");
}

static void test_long_command_line(void)
{
	static char line[6000];
	struct dmabuf_host host;

	/* As long as x86 and arm64 allow, and longer. */
	memset(line, 'c', 2047);
	fake_file("/proc/cmdline", line);
	dmabuf_host_read(&host);
	CHECK_TEXT(host.cmdline, line);
	memset(line, 'c', sizeof(line) - 1);
	dmabuf_host_read(&host);
	CHECK_INT(strlen(host.cmdline), 4095);
}

static const struct check checks[] = {
	{ "targets", test_targets },
	{ "IOMMU domains", test_iommu_domains },
	{ "no block device", test_no_block_device },
	{ "long attributes", test_long_attributes },
	{ "the host", test_host },
	{ "a long command line", test_long_command_line },
};

CHECK_MAIN("environment", checks)
