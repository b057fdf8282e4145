/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opens a PCI device that is bound to vfio-pci: through its group and a
 * container if /dev/vfio/N exists, otherwise through the device's own file and
 * an iommufd. Nothing is mapped for the device itself: only its memory is used,
 * and it does no DMA.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "uapi-vfio.h"
#include "vfio.h"

#define PCI_DEVICES	"/sys/bus/pci/devices"
#define CONTAINER	"/dev/vfio/vfio"
#define IOMMUFD		"/dev/iommu"

/* The last component of the target of the device's link @name. */
static bool device_link(const char *address, const char *name, char *text,
			size_t size)
{
	char path[128], target[256];
	ssize_t length;
	char *last;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", address, name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	last = strrchr(target, '/');
	snprintf(text, size, "%.*s", (int)size - 1,
		 last ? last + 1 : target);
	return true;
}

/*
 * The device's own file, "/dev/vfio/devices/vfio0". The name in sysfs exists
 * even if the kernel does not create the file.
 */
static bool device_file(const char *address, char *text, size_t size)
{
	struct dirent *entry;
	char path[128];
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/vfio-dev", address);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		found = !strncmp(entry->d_name, "vfio", 4);
		if (found)
			snprintf(text, size, "/dev/vfio/devices/%s",
				 entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found && !access(text, F_OK);
}

static int check_device(const struct dmabuf_source *source,
			const char *address, char *group, size_t size,
			struct dmabuf_error *err)
{
	char path[128], node[64], driver[64] = "";

	snprintf(path, sizeof(path), PCI_DEVICES "/%s", address);
	if (access(path, F_OK))
		return dmabuf_error_set(err, -ENODEV,
			"dmabuf_source=%s: no such PCI device; lspci -D lists the devices",
			source->name);
	if (!device_link(address, "iommu_group", group, size))
		group[0] = '\0';
	snprintf(node, sizeof(node), "/dev/vfio/noiommu-%s", group);
	if (!group[0] || !access(node, F_OK))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: the device is not behind an IOMMU, and vfio's noiommu mode is not supported; enable the IOMMU in the firmware and boot with intel_iommu=on",
			source->name);

	device_link(address, "driver", driver, sizeof(driver));
	/* Also variants such as nvgrace-gpu-vfio-pci */
	if (!strstr(driver, "vfio"))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: the device is bound to %s%s, not to vfio-pci; write vfio-pci to %s/driver_override, then %s to driver/unbind there and to /sys/bus/pci/drivers_probe",
			source->name, driver[0] ? "driver " : "no driver",
			driver, path, address);
	return 0;
}

static int open_node(const struct dmabuf_source *source, const char *path,
		     struct dmabuf_error *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (dmabuf_error_is_fd_limit(errno))
		return dmabuf_source_fd_limit(source, errno, err);
	if (errno == EACCES || errno == EPERM)
		return dmabuf_error_set(err, -errno,
			"%s: %s; run as root or give the user access with a udev rule",
			path, strerror(errno));
	if (errno == EBUSY)
		return dmabuf_error_set(err, -errno,
			"%s: in use; only one job or program at a time can use the device",
			path);
	return dmabuf_error_set(err, -errno, "%s: %s; see the kernel log",
				path, strerror(errno));
}

static int attach_failed(const char *path, const char *module,
			 struct dmabuf_error *err)
{
	if (errno == EBUSY)
		return dmabuf_error_set(err, -errno,
			"%s: in use; only one job or program at a time can use the device",
			path);
	if (errno == EPERM)
		return dmabuf_error_set(err, -errno,
			"%s: this machine does not remap interrupts, which vfio requires; enable interrupt remapping in the firmware, or trust the device with %s.allow_unsafe_interrupts=1",
			path, module);
	return dmabuf_error_set(err, -errno,
		"%s: cannot attach the device to the IOMMU: %s; see the kernel log",
		path, strerror(errno));
}

static int device_failed(const char *path, const char *address,
			 struct dmabuf_error *err)
{
	return dmabuf_error_set(err, -errno,
		"%s: cannot open device %s: %s; see the kernel log", path,
		address, strerror(errno));
}

static int attach_group(const struct dmabuf_vfio *vfio, const char *path,
			const char *group, struct dmabuf_error *err)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (ioctl(vfio->group, VFIO_GROUP_GET_STATUS, &status) < 0)
		return attach_failed(path, "vfio_iommu_type1", err);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return dmabuf_error_set(err, -EPERM,
			"%s: IOMMU group %s is not viable, other devices in it are bound to other drivers; bind all devices in /sys/kernel/iommu_groups/%s/devices to vfio-pci",
			path, group, group);
	if (ioctl(vfio->group, VFIO_GROUP_SET_CONTAINER,
		  &vfio->container) < 0 ||
	    ioctl(vfio->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return attach_failed(path, "vfio_iommu_type1", err);
	return 0;
}

static int open_group(struct dmabuf_vfio *vfio,
		      const struct dmabuf_source *source, const char *path,
		      const char *group, const char *address,
		      struct dmabuf_error *err)
{
	int ret;

	vfio->group = open_node(source, path, err);
	if (vfio->group < 0)
		return vfio->group;
	vfio->container = open_node(source, CONTAINER, err);
	if (vfio->container < 0)
		return vfio->container;
	ret = attach_group(vfio, path, group, err);
	if (ret)
		return ret;
	vfio->device = ioctl(vfio->group, VFIO_GROUP_GET_DEVICE_FD, address);
	return vfio->device < 0 ? device_failed(path, address, err) : 0;
}

static int open_file(struct dmabuf_vfio *vfio,
		     const struct dmabuf_source *source, const char *path,
		     struct dmabuf_error *err)
{
	struct dmabuf_vfio_bind bind = { .argsz = sizeof(bind) };

	vfio->device = open_node(source, path, err);
	if (vfio->device < 0)
		return vfio->device;
	vfio->group = open_node(source, IOMMUFD, err);
	if (vfio->group < 0)
		return vfio->group;
	bind.iommufd = vfio->group;
	if (ioctl(vfio->device, DMABUF_VFIO_BIND_IOMMUFD, &bind) < 0)
		return attach_failed(path, "iommufd", err);
	return 0;
}

int dmabuf_vfio_open(struct dmabuf_vfio *vfio,
		     const struct dmabuf_source *source, const char *address,
		     struct dmabuf_error *err)
{
	char group[16], path[64], file[320];
	int ret;

	*vfio = (struct dmabuf_vfio) { -1, -1, -1 };
	ret = check_device(source, address, group, sizeof(group), err);
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	if (!access(path, F_OK) && !access(CONTAINER, F_OK))
		ret = open_group(vfio, source, path, group, address, err);
	else if (device_file(address, file, sizeof(file)))
		ret = open_file(vfio, source, file, err);
	else
		return dmabuf_error_set(err, -ENOENT,
			"dmabuf_source=%s: neither %s with " CONTAINER " nor a device in /dev/vfio/devices exists; load the modules vfio-pci and vfio_iommu_type1",
			source->name, path);
	if (ret)
		dmabuf_vfio_close(vfio);
	return ret;
}

/* In this order: the IOMMU context must outlive the device. */
void dmabuf_vfio_close(struct dmabuf_vfio *vfio)
{
	if (vfio->device >= 0)
		close(vfio->device);
	if (vfio->group >= 0)
		close(vfio->group);
	if (vfio->container >= 0)
		close(vfio->container);
	*vfio = (struct dmabuf_vfio) { -1, -1, -1 };
}
