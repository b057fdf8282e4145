/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The common part of the scripted system: the log, failures, descriptors,
 * the clock, the allocator, and copies within the process. Everything is off
 * outside of tests, so that CUnit and the C library see the real system.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "fake.h"

#define FIRST_FD	1000
#define NR_FDS		4096

struct fake fake;

static struct {
	bool on;
	int nr;
	bool open[NR_FDS];
	uint64_t size[NR_FDS];
	void *map[NR_FDS];
	const char *what[NR_FDS];
} system_state;

bool fake_on(void)
{
	return system_state.on;
}

void fake_turn_on(void)
{
	memset(&fake, 0, sizeof(fake));
	memset(&system_state, 0, sizeof(system_state));
	fake.now = 1000000000;
	fake.mode = S_IFBLK | 0600;
	fake.file_flags = O_RDWR | O_DIRECT;
	fake.block_size = 512;
	fake.memlock = RLIM_INFINITY;
	fake.disk = "/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1";
	system_state.on = true;
}

void fake_turn_off(void)
{
	system_state.on = false;
}

void fake_log(const char *format, ...)
{
	size_t used = strlen(fake.log);
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(fake.log + used, sizeof(fake.log) - used, format, args);
	va_end(args);
	used += n;
	if (used + 1 < sizeof(fake.log))
		strcpy(fake.log + used, "\n");
}

bool fake_fails(enum fake_call call)
{
	int error = fake.errors[call];

	fake.calls++;
	if (fake.calls == fake.fail_at)
		error = fake.fail_errno;
	if (error)
		errno = error;
	return error;
}

int fake_fd(const char *what)
{
	int i = system_state.nr++;

	if (i >= NR_FDS) {
		fprintf(stderr, "fake_fd: too many for %s\n", what);
		abort();
	}
	system_state.open[i] = true;
	system_state.what[i] = what;
	return FIRST_FD + i;
}

bool fake_is_fd(int fd)
{
	return fd >= FIRST_FD && fd < FIRST_FD + NR_FDS;
}

bool fake_is_open(int fd)
{
	return fake_is_fd(fd) && system_state.open[fd - FIRST_FD];
}

const char *fake_fd_of(int fd)
{
	return system_state.what[fd - FIRST_FD];
}

void fake_set_size(int fd, uint64_t size)
{
	system_state.size[fd - FIRST_FD] = size;
}

off_t __real_lseek64(int fd, off_t offset, int whence);
off_t __wrap_lseek64(int fd, off_t offset, int whence);
off_t __wrap_lseek64(int fd, off_t offset, int whence)
{
	if (!fake_on() || !fake_is_fd(fd))
		return __real_lseek64(fd, offset, whence);
	if (!offset && whence == SEEK_END && fake_is_open(fd) &&
	    system_state.size[fd - FIRST_FD])
		return system_state.size[fd - FIRST_FD];
	errno = EINVAL;
	return -1;
}

int fake_open_fds(void)
{
	int i, open = 0;

	for (i = 0; i < system_state.nr; i++)
		open += system_state.open[i];
	return open;
}

unsigned char fake_byte(uint64_t offset)
{
	return (offset * 2654435761u) >> 13;
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	if (!fake_on() || (fd >= 0 && !fake_is_fd(fd)))
		return __real_close(fd);
	fake_log("close %d", fd);
	if (fd < 0 || !system_state.open[fd - FIRST_FD]) {
		fake.bad_closes++;
		errno = EBADF;
		return -1;
	}
	system_state.open[fd - FIRST_FD] = false;
	return 0;
}

int __real_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	if (!fake_on() || clock != CLOCK_MONOTONIC)
		return __real_clock_gettime(clock, ts);
	fake.now += fake.tick;
	ts->tv_sec = fake.now / 1000000000;
	ts->tv_nsec = fake.now % 1000000000;
	return 0;
}

int __wrap_usleep(useconds_t us);
int __wrap_usleep(useconds_t us)
{
	fake.now += us * 1000ULL;
	return 0;
}

int __real_uname(struct utsname *uts);
int __wrap_uname(struct utsname *uts);
int __wrap_uname(struct utsname *uts)
{
	if (!fake_on())
		return __real_uname(uts);
	memset(uts, 0, sizeof(*uts));
	strcpy(uts->release, fake.release ? fake.release : "7.3.0-fake");
	return 0;
}

int __real_getrlimit64(int resource, struct rlimit *limit);
int __wrap_getrlimit64(int resource, struct rlimit *limit);
int __wrap_getrlimit64(int resource, struct rlimit *limit)
{
	if (!fake_on() || resource != RLIMIT_MEMLOCK)
		return __real_getrlimit64(resource, limit);
	limit->rlim_cur = fake.memlock;
	limit->rlim_max = fake.memlock;
	return 0;
}

void *__real_calloc(size_t nr, size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_calloc(size_t nr, size_t size)
{
	if (fake_on() && fake_fails(FAKE_ALLOC))
		return NULL;
	return __real_calloc(nr, size);
}

void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size)
{
	if (fake_on() && fake_fails(FAKE_ALLOC))
		return NULL;
	return __real_aligned_alloc(align, size);
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	if (fake_on() && fake_fails(FAKE_ALLOC))
		return NULL;
	return __real_malloc(size);
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
	if (fake_on() && fake_fails(FAKE_ALLOC))
		return NULL;
	return __real_strdup(text);
}

int __real_posix_memalign(void **memory, size_t align, size_t size);
int __wrap_posix_memalign(void **memory, size_t align, size_t size);
int __wrap_posix_memalign(void **memory, size_t align, size_t size)
{
	if (fake_on() && fake_fails(FAKE_ALLOC))
		return ENOMEM;
	return __real_posix_memalign(memory, align, size);
}

/* Copies within this process are real; fake.copy_max limits one call. */
typedef ssize_t copy_call(pid_t pid, const struct iovec *local,
			  unsigned long nr_local, const struct iovec *remote,
			  unsigned long nr_remote, unsigned long flags);

copy_call __real_process_vm_readv, __real_process_vm_writev;
copy_call __wrap_process_vm_readv, __wrap_process_vm_writev;

static struct iovec part_of(const struct iovec *whole)
{
	struct iovec part = *whole;

	if (fake.copy_max && part.iov_len > fake.copy_max)
		part.iov_len = fake.copy_max;
	return part;
}

ssize_t __wrap_process_vm_readv(pid_t pid, const struct iovec *local,
				unsigned long nr_local,
				const struct iovec *remote,
				unsigned long nr_remote, unsigned long flags)
{
	struct iovec part = part_of(local);

	if (fake_fails(FAKE_COPY))
		return -1;
	return __real_process_vm_readv(pid, &part, nr_local, remote, nr_remote,
				       flags);
}

ssize_t __wrap_process_vm_writev(pid_t pid, const struct iovec *local,
				 unsigned long nr_local,
				 const struct iovec *remote,
				 unsigned long nr_remote, unsigned long flags)
{
	struct iovec part = part_of(local);

	if (fake_fails(FAKE_COPY))
		return -1;
	return __real_process_vm_writev(pid, &part, nr_local, remote, nr_remote,
					flags);
}
