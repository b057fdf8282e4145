/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of the scripted system: a table of those below /dev, /proc and /sys,
 * memfds, and a table of what is mapped where.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	int refused;		/* errno of open(2), though it exists */
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

void fake_note_map(int fd, uint64_t offset, uint64_t size, void *address)
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
	if (flags & O_EXCL && fake.now < fake.exclusive_until) {
		errno = EBUSY;
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

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	if (!fake_on() || !fake_is_fd(fd))
		return __real_fsync(fd);
	if (fake_fails(FAKE_FSYNC))
		return -1;
	fake_log("fsync");
	return 0;
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
