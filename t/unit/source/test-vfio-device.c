/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opening a device that is bound to vfio-pci: by its group, by its own file,
 * and each failure.
 */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake-vfio.h"
#include "t/unit/fake/fake.h"
#include "t/unit/sample/vfio-sample.h"
#include "engines/source/vfio/vfio.h"

#define DEVICE	"/sys/bus/pci/devices/0000:01:00.0"
#define NAME	"dmabuf_source=vfio:01:00.0: "

static const struct dmabuf_source source = { .name = "vfio:01:00.0" };
static struct dmabuf_vfio vfio;
static struct dmabuf_error err;

static int open_device(void)
{
	memset(&err, 0, sizeof(err));
	return dmabuf_vfio_open(&vfio, &source, "0000:01:00.0", &err);
}

static void refused(int code, const char *line)
{
	CHECK_INT(open_device(), code);
	CHECK_ERROR(&err, code, line);
	CHECK_INT(vfio.device, -1);
	CHECK_INT(fake_left(), 0);
}

static void test_group(void)
{
	vfio_sample();
	CHECK_INT(open_device(), 0);
	CHECK_INT(vfio.group, 1000);
	CHECK_INT(vfio.container, 1001);
	CHECK_INT(vfio.device, 1002);
	dmabuf_vfio_close(&vfio);
	/* 3 is VFIO_TYPE1v2_IOMMU */
	CHECK_TEXT(fake.log, "open /dev/vfio/7 1000\n"
		   "open /dev/vfio/vfio 1001\n"
		   "status 1000 argsz 8\n"
		   "group 1000 into 1001\n"
		   "iommu 1001 type 3\n"
		   "device 1000 0000:01:00.0: 1002\n"
		   "close 1002\nclose 1000\nclose 1001\n");
	dmabuf_vfio_close(&vfio);
	CHECK_INT(fake_left(), 0);
}

static void test_file(void)
{
	vfio_sample_file();
	CHECK_INT(open_device(), 0);
	CHECK_INT(vfio.device, 1000);
	CHECK_INT(vfio.group, 1001);
	CHECK_INT(vfio.container, -1);
	dmabuf_vfio_close(&vfio);
	CHECK_TEXT(fake.log, "open /dev/vfio/devices/vfio3 1000\n"
		   "open /dev/iommu 1001\n"
		   "bind 1000 argsz 16 flags 0 to 1001\n"
		   "close 1000\nclose 1001\n");
	/* If both exist, the group is used. */
	fake_file("/dev/vfio/7", NULL);
	fake.log[0] = '\0';
	CHECK_INT(open_device(), 0);
	dmabuf_vfio_close(&vfio);
	CHECK_HAS(fake.log, "open /dev/vfio/devices/vfio3");
	fake_file("/dev/vfio/vfio", NULL);
	fake.log[0] = '\0';
	CHECK_INT(open_device(), 0);
	dmabuf_vfio_close(&vfio);
	CHECK_HAS(fake.log, "open /dev/vfio/7");
	vfio_sample_file_end();
}

static void test_another_driver_of_vfio(void)
{
	vfio_sample();
	fake_file(DEVICE "/driver", "../drivers/nvgrace-gpu-vfio-pci");
	CHECK_INT(open_device(), 0);
	dmabuf_vfio_close(&vfio);
}

#define BIND	"; write vfio-pci to " DEVICE "/driver_override, then 0000:01:00.0 to driver/unbind there and to /sys/bus/pci/drivers_probe"
#define NO_IOMMU	"the device is not behind an IOMMU, and vfio's noiommu mode is not supported; enable the IOMMU in the firmware and boot with intel_iommu=on"

static void test_device_refused(void)
{
	refused(-ENODEV, NAME "no such PCI device; lspci -D lists the devices");
	vfio_sample();
	fake_file(DEVICE "/driver", "../../bus/pci/drivers/nvme");
	refused(-EINVAL, NAME "the device is bound to driver nvme, not to vfio-pci" BIND);
	fake_file_error(DEVICE "/driver", ENOENT);
	refused(-EINVAL, NAME "the device is bound to no driver, not to vfio-pci" BIND);
	fake_file_error(DEVICE "/iommu_group", ENOENT);
	refused(-EINVAL, NAME NO_IOMMU);
}

static void test_noiommu(void)
{
	vfio_sample();
	fake_file_error("/dev/vfio/7", ENOENT);
	fake_file("/dev/vfio/noiommu-7", NULL);
	refused(-EINVAL, NAME NO_IOMMU);
}

static void test_no_vfio(void)
{
	static const char line[] = NAME "neither /dev/vfio/7 with /dev/vfio/vfio nor a device in /dev/vfio/devices exists; load the modules vfio-pci and vfio_iommu_type1";

	vfio_sample();
	fake_file_error("/dev/vfio/vfio", ENOENT);
	refused(-ENOENT, line);
	/* sysfs names a file that does not exist. */
	fake_reset();
	vfio_sample_file();
	fake_file_error("/dev/vfio/devices/vfio3", ENOENT);
	refused(-ENOENT, line);
	vfio_sample_file_end();
}

static void test_not_viable(void)
{
	vfio_sample();
	fake_vfio.not_viable = true;
	refused(-EPERM, "/dev/vfio/7: IOMMU group 7 is not viable, other devices in it are bound to other drivers; bind all devices in /sys/kernel/iommu_groups/7/devices to vfio-pci");
}

static void test_open_refused(void)
{
#define MANY	": each dma-buf takes one or two; raise the limit with ulimit -n, or raise dmabuf_chunk"
	static const struct {
		bool file;
		const char *path;
		int error;
		const char *line;
	} vectors[] = {
		{ false, "/dev/vfio/7", EACCES, "/dev/vfio/7: Permission denied; run as root or give the user access with a udev rule" },
		{ false, "/dev/vfio/7", EBUSY, "/dev/vfio/7: in use; only one job or program at a time can use the device" },
		{ false, "/dev/vfio/7", ENODEV, "/dev/vfio/7: No such device; see the kernel log" },
		{ false, "/dev/vfio/7", EMFILE, NAME "Too many open files" MANY },
		{ true, "/dev/vfio/devices/vfio3", EACCES, "/dev/vfio/devices/vfio3: Permission denied; run as root or give the user access with a udev rule" },
		{ true, "/dev/iommu", ENOENT, "/dev/iommu: No such file or directory; see the kernel log" },
		{ true, "/dev/iommu", EPERM, "/dev/iommu: Operation not permitted; run as root or give the user access with a udev rule" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_reset();
		if (vectors[i].file)
			vfio_sample_file();
		else
			vfio_sample();
		/* An existing file may still fail to open. */
		fake_file_refuses(vectors[i].path, vectors[i].error);
		refused(-vectors[i].error, vectors[i].line);
		if (vectors[i].file)
			vfio_sample_file_end();
	}
}

static void test_steps_refused(void)
{
#define UNSAFE	": this machine does not remap interrupts, which vfio requires; enable interrupt remapping in the firmware, or trust the device with "
	static const struct {
		enum fake_call call;
		int error;
		const char *line;
	} vectors[] = {
		{ FAKE_VFIO_STATUS, EIO, "/dev/vfio/7: cannot attach the device to the IOMMU: Input/output error; see the kernel log" },
		{ FAKE_VFIO_CONTAINER, EINVAL, "/dev/vfio/7: cannot attach the device to the IOMMU: Invalid argument; see the kernel log" },
		{ FAKE_VFIO_IOMMU, EPERM, "/dev/vfio/7" UNSAFE "vfio_iommu_type1.allow_unsafe_interrupts=1" },
		{ FAKE_VFIO_IOMMU, EBUSY, "/dev/vfio/7: in use; only one job or program at a time can use the device" },
		{ FAKE_VFIO_DEVICE, EINVAL, "/dev/vfio/7: cannot open device 0000:01:00.0: Invalid argument; see the kernel log" },
		{ FAKE_VFIO_BIND, EPERM, "/dev/vfio/devices/vfio3" UNSAFE "iommufd.allow_unsafe_interrupts=1" },
		{ FAKE_VFIO_BIND, EBUSY, "/dev/vfio/devices/vfio3: in use; only one job or program at a time can use the device" },
		{ FAKE_VFIO_BIND, EINVAL, "/dev/vfio/devices/vfio3: cannot attach the device to the IOMMU: Invalid argument; see the kernel log" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		bool file = vectors[i].call == FAKE_VFIO_BIND;

		fake_reset();
		if (file)
			vfio_sample_file();
		else
			vfio_sample();
		fake.errors[vectors[i].call] = vectors[i].error;
		refused(-vectors[i].error, vectors[i].line);
		if (file)
			vfio_sample_file_end();
	}
}

static const struct check checks[] = {
	{ "by its group", test_group },
	{ "by its own file", test_file },
	{ "another driver of vfio", test_another_driver_of_vfio },
	{ "device refused", test_device_refused },
	{ "noiommu", test_noiommu },
	{ "no vfio", test_no_vfio },
	{ "a group that is not viable", test_not_viable },
	{ "open refused", test_open_refused },
	{ "each step refused", test_steps_refused },
};

CHECK_MAIN("vfio-device", checks)
