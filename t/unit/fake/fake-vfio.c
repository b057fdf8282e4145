/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio as the tests script it: a group or a device's own file, one device
 * with BARs, and the export as dma-bufs. Layouts and numbers by hand.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "fake-bytes.h"
#include "fake-files.h"
#include "fake-vfio.h"
#include "fake.h"

struct fake_vfio fake_vfio;

void fake_vfio_reset(void)
{
	memset(&fake_vfio, 0, sizeof(fake_vfio));
	fake_vfio.bar_size[0] = 256;
	fake_vfio.bar_size[2] = 64 << 20;
	fake_vfio.command[0] = 3;
	fake_vfio.fd = -1;
}

/* struct { u32 argsz; u32 flags out } */
static int group_status(int fd, void *arg)
{
	uint32_t flags = fake_vfio.not_viable ? 0 : 1;

	if (fake_fails(FAKE_VFIO_STATUS))
		return -1;
	fake_log("status %d argsz %u", fd, u32_at(arg, 0));
	put_u32(arg, 4, flags);
	return 0;
}

static int set_container(int fd, void *arg)
{
	if (fake_fails(FAKE_VFIO_CONTAINER))
		return -1;
	fake_log("group %d into %u", fd, u32_at(arg, 0));
	return 0;
}

static int set_iommu(int fd, void *arg)
{
	if (fake_fails(FAKE_VFIO_IOMMU))
		return -1;
	fake_log("iommu %d type %ld", fd, (long)arg);
	return 0;
}

static int get_device(int fd, void *arg)
{
	if (fake_fails(FAKE_VFIO_DEVICE))
		return -1;
	fake_vfio.fd = fake_fd("vfio device");
	fake_log("device %d %s: %d", fd, (char *)arg, fake_vfio.fd);
	return fake_vfio.fd;
}

/*
 * struct { u32 argsz; u32 flags out; u32 index; u32 cap_offset out;
 * u64 size out; u64 offset out }
 */
static int region_info(void *arg)
{
	uint32_t index = u32_at(arg, 8);
	uint32_t flags = 3;		/* read, write */
	uint64_t size = 4096, offset = (uint64_t)index << 40;

	if (fake_fails(FAKE_VFIO_REGION))
		return -1;
	if (u32_at(arg, 0) != 32 || index > 7) {
		errno = EINVAL;
		return -1;
	}
	if (index < 6) {
		size = fake_vfio.bar_size[index];
		if (!size)
			flags = 0;
		else if (!fake_vfio.bar_unmapped[index])
			flags |= 4;
	}
	put_u32(arg, 4, flags);
	put_u64(arg, 16, size);
	put_u64(arg, 24, offset);
	return 0;
}

/* struct { u32 argsz; u32 flags; u32 index; u32 start; u32 count; s32 fd } */
static int set_irqs(int fd, void *arg)
{
	if (fake_fails(FAKE_VFIO_IRQS))
		return -1;
	fake_log("irqs %d argsz %u flags %#x index %u start %u count %u: %u",
		 fd, u32_at(arg, 0), u32_at(arg, 4), u32_at(arg, 8),
		 u32_at(arg, 12), u32_at(arg, 16), u32_at(arg, 20));
	return 0;
}

/*
 * struct { u32 argsz; u32 flags; u32 region_index; u32 open_flags;
 * u32 flags; u32 nr_ranges; struct { u64 offset; u64 length } [] }
 */
static int feature(int fd, void *arg)
{
	uint32_t flags = u32_at(arg, 4);
	int new;

	if (fake_fails(flags == (11 | 1 << 16) ? FAKE_VFIO_EXPORT :
		       FAKE_VFIO_FEATURE))
		return -1;
	if (flags == (11 | 1 << 16 | 1 << 18)) {
		fake_log("probe %d argsz %u", fd, u32_at(arg, 0));
		return 0;
	}
	if (flags != (11 | 1 << 16) || u32_at(arg, 0) != 40) {
		errno = ENOTTY;
		return -1;
	}
	new = fake_fd("vfio dma-buf");
	fake_log("export %d region %u open %#x flags %u ranges %u %llu+%llu: %d",
		 fd, u32_at(arg, 8), u32_at(arg, 12), u32_at(arg, 16),
		 u32_at(arg, 20), u64_at(arg, 24), u64_at(arg, 32), new);
	return new;
}

/* struct { u32 argsz; u32 flags; s32 iommufd; u32 out_devid out } */
static int bind_iommufd(int fd, void *arg)
{
	if (fake_fails(FAKE_VFIO_BIND))
		return -1;
	fake_vfio.fd = fd;
	fake_log("bind %d argsz %u flags %u to %u", fd, u32_at(arg, 0),
		 u32_at(arg, 4), u32_at(arg, 8));
	return 0;
}

bool fake_vfio_ioctl(int fd, unsigned int request, void *arg, int *ret)
{
	switch (request) {
	case 0x3b66:
		*ret = set_iommu(fd, arg);
		return true;
	case 0x3b67:
		*ret = group_status(fd, arg);
		return true;
	case 0x3b68:
		*ret = set_container(fd, arg);
		return true;
	case 0x3b6a:
		*ret = get_device(fd, arg);
		return true;
	case 0x3b6c:
		*ret = region_info(arg);
		return true;
	case 0x3b6e:
		*ret = set_irqs(fd, arg);
		return true;
	case 0x3b75:
		*ret = feature(fd, arg);
		return true;
	case 0x3b76:
		*ret = bind_iommufd(fd, arg);
		return true;
	}
	return false;
}

ssize_t __real_readlink(const char *path, char *target, size_t size);
ssize_t __wrap_readlink(const char *path, char *target, size_t size);
ssize_t __wrap_readlink(const char *path, char *target, size_t size)
{
	const char *text;
	size_t length;

	if (!fake_on() || strncmp(path, "/sys/", 5))
		return __real_readlink(path, target, size);
	text = fake_text(path);
	if (!text)
		return -1;
	length = strlen(text) < size ? strlen(text) : size;
	memcpy(target, text, length);
	return length;
}

int __wrap_eventfd(unsigned int count, int flags);
int __wrap_eventfd(unsigned int count, int flags)
{
	int fd;

	if (fake_fails(FAKE_EVENTFD))
		return -1;
	fd = fake_fd("eventfd");
	fake_log("eventfd %u %#x: %d", count, flags, fd);
	return fd;
}

ssize_t __real_pwrite64(int fd, const void *data, size_t size, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t size, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t size, off_t offset)
{
	if (!fake_on() || !fake_is_fd(fd))
		return __real_pwrite64(fd, data, size, offset);
	if (fake_fails(FAKE_PWRITE))
		return -1;
	fake_log("write %zu at %#llx: %#x", size, (long long)offset,
		 *(const unsigned char *)data);
	if (fake.medium)
		memcpy(fake.medium + offset, data, size);
	return size;
}
