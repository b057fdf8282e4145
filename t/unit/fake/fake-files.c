/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files and memory of the scripted system: a table of what is below /dev,
 * /proc and /sys, memfds, dma-bufs, and mappings (of real anonymous memory).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fake-files.h"
#include "fake.h"

#define NR_FILES	32

static struct {
	const char *path;
	const char *text;
	int error;
	int refused;		/* by open, though it is there */
} files[NR_FILES];

#define NR_MAPS		4096

static struct {
	int fd;
	uint64_t offset;
	uint64_t size;
	char *address;
} maps[NR_MAPS];

static unsigned int nr_maps;

void fake_files_reset(void)
{
	memset(files, 0, sizeof(files));
	nr_maps = 0;
}

static void note_map(int fd, uint64_t offset, uint64_t size, void *address)
{
	if (!fake_is_open(fd) || nr_maps == NR_MAPS) {
		fprintf(stderr, "mmap of descriptor %d\n", fd);
		abort();
	}
	maps[nr_maps].fd = fd;
	maps[nr_maps].offset = offset;
	maps[nr_maps].size = size;
	maps[nr_maps++].address = address;
}

void *fake_map_of(int fd, uint64_t offset)
{
	unsigned int i = nr_maps;

	while (i--)
		if (maps[i].fd == fd && offset >= maps[i].offset &&
		    offset - maps[i].offset < maps[i].size)
			return maps[i].address + (offset - maps[i].offset);
	return NULL;
}

static int find(const char *path)
{
	int i;

	for (i = 0; i < NR_FILES && files[i].path; i++)
		if (!strcmp(files[i].path, path))
			return i;
	return i;
}

static void put(const char *path, const char *text, int error)
{
	int i = find(path);

	if (i == NR_FILES)
		abort();
	files[i].path = path;
	files[i].text = text;
	files[i].error = error;
	files[i].refused = 0;
}

void fake_file(const char *path, const char *text)
{
	put(path, text, 0);
}

void fake_file_error(const char *path, int error)
{
	put(path, NULL, error);
}

void fake_file_refuses(const char *path, int error)
{
	put(path, NULL, 0);
	files[find(path)].refused = error;
}

static bool scripted(const char *path)
{
	return fake_on() && (!strncmp(path, "/dev/", 5) ||
			     !strncmp(path, "/proc/", 6) ||
			     !strncmp(path, "/sys/", 5));
}

/* The entry for @path, or -1 with errno. */
static int look_up(const char *path)
{
	int i = find(path);

	if (i < NR_FILES && files[i].path && !files[i].error)
		return i;
	errno = i < NR_FILES && files[i].error ? files[i].error : ENOENT;
	return -1;
}

const char *fake_text(const char *path)
{
	int i = look_up(path);

	return i < 0 ? NULL : files[i].text;
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
	int fd, i;

	if (!scripted(path)) {
		va_list args;
		int mode;

		va_start(args, flags);
		mode = flags & O_CREAT ? va_arg(args, int) : 0;
		va_end(args);
		return __real_open64(path, flags, mode);
	}
	if (fake_fails(FAKE_OPEN))
		return -1;
	i = look_up(path);
	if (i < 0)
		return -1;
	if (files[i].refused) {
		errno = files[i].refused;
		return -1;
	}
	fd = fake_fd(files[i].path);
	fake_log("open %s %d", path, fd);
	return fd;
}

FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode)
{
	int i;

	if (!scripted(path))
		return __real_fopen64(path, mode);
	i = look_up(path);
	if (i < 0)
		return NULL;
	return fmemopen((void *)files[i].text, strlen(files[i].text), "r");
}

DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
DIR *__wrap_opendir(const char *path)
{
	if (scripted(path)) {
		path = strstr(path, "/vfio-dev") ? fake.vfio_dir :
			!strcmp(path, "/dev/dma_heap") ? fake.heap_dir :
			!strcmp(path, "/dev/dri") ? fake.dri_dir : NULL;
		if (!path) {
			errno = ENOENT;
			return NULL;
		}
	}
	return __real_opendir(path);
}

int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
int __wrap_access(const char *path, int mode)
{
	if (!scripted(path))
		return __real_access(path, mode);
	return look_up(path) < 0 ? -1 : 0;
}

char *__real_realpath(const char *path, char *resolved);
char *__wrap_realpath(const char *path, char *resolved);
char *__wrap_realpath(const char *path, char *resolved)
{
	if (!scripted(path))
		return __real_realpath(path, resolved);
	if (!fake.disk) {
		errno = ENOENT;
		return NULL;
	}
	return strcpy(resolved, fake.disk);
}

int __real_fstat64(int fd, struct stat *st);
int __wrap_fstat64(int fd, struct stat *st);
int __wrap_fstat64(int fd, struct stat *st)
{
	if (!fake_on() || !fake_is_fd(fd))
		return __real_fstat64(fd, st);
	if (fake_fails(FAKE_FSTAT))
		return -1;
	memset(st, 0, sizeof(*st));
	st->st_mode = fake.mode;
	st->st_rdev = makedev(259, 1);
	return 0;
}

int __real_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...)
{
	va_list args;
	long arg;

	va_start(args, command);
	arg = va_arg(args, long);
	va_end(args);
	if (!fake_on() || !fake_is_fd(fd))
		return __real_fcntl64(fd, command, arg);
	switch (command) {
	case 1033:		/* F_ADD_SEALS, which needs an int */
		if (fake_fails(FAKE_SEAL))
			return -1;
		fake_log("seal %d %d", fd, (int)arg);
		return 0;
	case F_GETFL:
		return fake.file_flags;
	case F_SETFD:
		fake_log("flags %d %d", fd, (int)arg);
		return 0;
	case F_SETFL:
		fake.file_flags = (int)arg;
		return 0;
	}
	errno = EINVAL;
	return -1;
}

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
		to[i] = fake_byte(offset + i);
	return size;
}

int __wrap_memfd_create(const char *name, unsigned int flags);
int __wrap_memfd_create(const char *name, unsigned int flags)
{
	int fd;

	if (fake_fails(FAKE_MEMFD))
		return -1;
	fd = fake_fd("memfd");
	fake_log("memfd %d flags %#x", fd, flags);
	return fd;
}

int __wrap_ftruncate64(int fd, off_t size);
int __wrap_ftruncate64(int fd, off_t size)
{
	if (fake_fails(FAKE_FTRUNCATE))
		return -1;
	fake_log("ftruncate %d %lld", fd, (long long)size);
	return 0;
}

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t size);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t size)
{
	if (fake_fails(FAKE_FALLOCATE))
		return -1;
	fake_log("fallocate %d %d %lld %lld", fd, mode, (long long)offset,
		 (long long)size);
	return 0;
}

void *__real_mmap64(void *address, size_t size, int prot, int flags, int fd,
		    off_t offset);
int __real_munmap(void *address, size_t size);

/* An address that is good for one base page and nothing larger. */
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
		note_map(fd, offset, size, map);
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

static uint64_t u64_at(const unsigned char *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static uint32_t u32_at(const unsigned char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* struct { u64 len; u32 fd; u32 fd_flags; u64 heap_flags } */
static int heap_alloc(int fd, unsigned char *arg)
{
	uint32_t new;

	if (fake_fails(FAKE_HEAP_ALLOC))
		return -1;
	new = fake_fd("dma-buf");
	fake_log("heap %d len %llu flags %#x %llu: %u", fd,
		 (unsigned long long)u64_at(arg), u32_at(arg + 12),
		 (unsigned long long)u64_at(arg + 16), new);
	memcpy(arg + 8, &new, sizeof(new));
	return 0;
}

/* struct { u32 memfd; u32 flags; u64 offset; u64 size } */
static int udmabuf_create(int fd, const unsigned char *arg)
{
	int new;

	if (fake_fails(FAKE_UDMABUF))
		return -1;
	new = fake_fd("udmabuf");
	fake_log("udmabuf %d memfd %u flags %u offset %llu size %llu: %d", fd,
		 u32_at(arg), u32_at(arg + 4),
		 (unsigned long long)u64_at(arg + 8),
		 (unsigned long long)u64_at(arg + 16), new);
	return new;
}

static int sync_access(int fd, const unsigned char *arg)
{
	static const char *const what[] = { "none", "read", "write", "both" };
	uint64_t flags = u64_at(arg);
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
	case 0x1268:		/* BLKSSZGET */
		*(int *)arg = fake.block_size;
		return fake.block_size ? 0 : -1;
	}
	errno = ENOTTY;
	return -1;
}
