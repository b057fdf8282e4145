/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls that several parts of the scripted system answer: ioctl, pread
 * and mmap go to the part that the request or the descriptor belongs to.
 * Mappings are real anonymous memory.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake-bytes.h"
#include "fake-drm.h"
#include "fake-files.h"
#include "fake-vfio.h"
#include "fake.h"

ssize_t __real_pread64(int fd, void *buffer, size_t size, off_t offset);
ssize_t __wrap_pread64(int fd, void *buffer, size_t size, off_t offset);
ssize_t __wrap_pread64(int fd, void *buffer, size_t size, off_t offset)
{
	unsigned char *to = buffer;
	size_t i;

	if (!fake_on() || !fake_is_fd(fd))
		return __real_pread64(fd, buffer, size, offset);
	if (fake_fails(FAKE_PREAD))
		return -1;
	if (fd == fake_vfio.fd) {
		fake_log("read %zu at %#llx", size, (long long)offset);
		if (fake_vfio.no_config)
			return 0;
		memcpy(buffer, fake_vfio.command, sizeof(fake_vfio.command));
		return size;
	}
	for (i = 0; i < size; i++)
		to[i] = fake.medium ? fake.medium[offset + i] :
				      fake_byte(offset + i);
	return size;
}

void *__real_mmap64(void *address, size_t size, int prot, int flags, int fd,
		    off_t offset);
int __real_munmap(void *address, size_t size);

/* An address that is aligned to a base page and to nothing larger. */
static void *misaligned(size_t size, int prot, int flags)
{
	size_t huge = 2 << 20, all = size + 2 * huge, before;
	char *map = __real_mmap64(NULL, all, prot, flags, -1, 0);

	if (map == MAP_FAILED)
		return map;
	before = huge - (uintptr_t)map % huge + 4096;
	__real_munmap(map, before);
	__real_munmap(map + before + size, all - before - size);
	fake.mapped += size;
	return map + before;
}

void *__wrap_mmap64(void *address, size_t size, int prot, int flags, int fd,
		    off_t offset);
void *__wrap_mmap64(void *address, size_t size, int prot, int flags, int fd,
		    off_t offset)
{
	int real = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *map;

	if (!fake_on())
		return __real_mmap64(address, size, prot, flags, fd, offset);
	if (fake_fails(FAKE_MMAP))
		return MAP_FAILED;
	errno = flags & MAP_ANONYMOUS ? 0 : fake_drm_map_error(fd);
	if (errno)
		return MAP_FAILED;
	if (!(flags & MAP_FIXED)) {
		map = misaligned(size, prot, real);
		if (!(flags & MAP_ANONYMOUS))
			fake_log("map %d %zu at %#llx%s", fd, size,
				 (unsigned long long)offset,
				 flags & MAP_SHARED ? " shared" : "");
		return map;
	}
	map = __real_mmap64(address, size, prot, real | MAP_FIXED, -1, 0);
	if (map == MAP_FAILED)
		return map;
	if (!(flags & MAP_ANONYMOUS) && (fd < 0 || fake_is_fd(fd)))
		fake_note_map(fd, offset, size, map);
	fake_log("map %d %zu%s%s", fd, size,
		 flags & MAP_SHARED ? " shared" : "",
		 flags & MAP_HUGETLB ? " huge" : "");
	return map;
}

int __wrap_munmap(void *address, size_t size);
int __wrap_munmap(void *address, size_t size)
{
	if (fake_on())
		fake.mapped -= size;
	return __real_munmap(address, size);
}

/* struct { u64 len; u32 fd; u32 fd_flags; u64 heap_flags } */
static int heap_alloc(int fd, void *arg)
{
	uint32_t new;

	if (fake_fails(FAKE_HEAP_ALLOC))
		return -1;
	new = fake_fd("dma-buf");
	fake_log("heap %d len %llu flags %#x %llu: %u", fd,
		 u64_at(arg, 0), u32_at(arg, 12), u64_at(arg, 16), new);
	put_u32(arg, 8, new);
	return 0;
}

/* struct { u32 memfd; u32 flags; u64 offset; u64 size } */
static int udmabuf_create(int fd, const void *arg)
{
	int new;

	if (fake_fails(FAKE_UDMABUF))
		return -1;
	new = fake_fd("udmabuf");
	fake_log("udmabuf %d memfd %u flags %u offset %llu size %llu: %d", fd,
		 u32_at(arg, 0), u32_at(arg, 4), u64_at(arg, 8),
		 u64_at(arg, 16), new);
	return new;
}

static int sync_access(int fd, const void *arg)
{
	static const char *const what[] = { "none", "read", "write", "both" };
	uint64_t flags = u64_at(arg, 0);
	bool refused = fake_fails(FAKE_SYNC);

	fake_log("%s %s %d%s", flags & 4 ? "end" : "start", what[flags & 3],
		 fd, refused ? " refused" : "");
	return refused ? -1 : 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;
	int ret;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fake_vfio_ioctl(fd, request, arg, &ret))
		return ret;
	switch ((unsigned int)request) {
	case 0xc0184800:
		return heap_alloc(fd, arg);
	case 0x40187542:
		return udmabuf_create(fd, arg);
	case 0x40086200:
		return sync_access(fd, arg);
	case 0x80081272:	/* BLKGETSIZE64 */
		*(uint64_t *)arg = fake.disk_size;
		return fake.disk_size ? 0 : -1;
	case 0x1268:		/* BLKSSZGET */
		*(int *)arg = fake.block_size;
		return fake.block_size ? 0 : -1;
	}
	errno = ENOTTY;
	return -1;
}
