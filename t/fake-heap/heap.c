/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dma-heap on any host, for LD_PRELOAD: its dma-bufs are memfds that the CPU
 * can reach only inside DMA_BUF_IOCTL_SYNC. What is done wrong is a line in the
 * file $FAKE_HEAP_LOG, and the job goes on; the first dma-buf of a process is
 * one, too. $FAKE_HEAP_FAIL=N makes the Nth such call of a process fail with
 * EIO.
 *
 * A bracket covers a whole dma-buf. To see the brackets of each unit, give each
 * unit a dma-buf of its own with dmabuf_chunk.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define FDS	4096
#define MAPS	8192

enum kind { OTHER, HEAP, DMABUF };

static struct {
	enum kind kind;
	int reads, writes;		/* open brackets */
} files[FDS];

static struct {
	char *start;
	size_t size;			/* 0: unused */
	int fd;
} maps[MAPS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int calls;			/* DMA_BUF_IOCTL_SYNC so far */
static int used_by;			/* the newest process with a dma-buf */

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static void note(const char *what, int fd)
{
	const char *path = getenv("FAKE_HEAP_LOG");
	char line[160];
	int log, size;

	size = snprintf(line, sizeof(line),
			"%s: process %d, dma-buf %d, open for %d reads and %d writes\n",
			what, getpid(), fd, files[fd].reads, files[fd].writes);
	log = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0644) : 2;
	if (log < 0 || write(log, line, size) != size)
		abort();
	if (path)
		close(log);
}

static int protection(int fd)
{
	if (files[fd].writes)
		return PROT_READ | PROT_WRITE;
	return files[fd].reads ? PROT_READ : PROT_NONE;
}

static void protect(int fd)
{
	int i;

	for (i = 0; i < MAPS; i++)
		if (maps[i].size && maps[i].fd == fd)
			mprotect(maps[i].start, maps[i].size, protection(fd));
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	char *at = info->si_addr;
	int i;

	(void)context;
	for (i = 0; i < MAPS; i++) {
		if (at < maps[i].start || at >= maps[i].start + maps[i].size)
			continue;
		note("the CPU touches the memory", maps[i].fd);
		mprotect(maps[i].start, maps[i].size, PROT_READ | PROT_WRITE);
		return;
	}
	signal(number, SIG_DFL);
}

static int sync_access(int fd, unsigned long long flags)
{
	const char *fail = getenv("FAKE_HEAP_FAIL");
	int step = flags & DMA_BUF_SYNC_END ? -1 : 1;
	bool fails = fail && ++calls == atoi(fail);

	/* An end that fails is an end all the same. */
	if (fails && step > 0)
		step = 0;
	files[fd].reads += flags & DMA_BUF_SYNC_READ ? step : 0;
	files[fd].writes += flags & DMA_BUF_SYNC_WRITE ? step : 0;
	if (files[fd].reads < 0 || files[fd].writes < 0)
		note("an end without a beginning", fd);
	protect(fd);
	errno = EIO;
	return fails ? -1 : 0;
}

static int allocate(struct dma_heap_allocation_data *data)
{
	struct sigaction action = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO,
	};
	int fd = memfd_create("dma-buf", MFD_CLOEXEC);

	if (fd < 0 || fd >= FDS || ftruncate(fd, data->len))
		return -1;
	sigaction(SIGSEGV, &action, NULL);
	memset(&files[fd], 0, sizeof(files[fd]));
	files[fd].kind = DMABUF;
	if (used_by != getpid())
		note("first", fd);
	used_by = getpid();
	data->fd = fd;
	return 0;
}

static enum kind kind_of(int fd)
{
	return fd >= 0 && fd < FDS ? files[fd].kind : OTHER;
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, void *) = real("ioctl");
	va_list arguments;
	void *data;
	int ret;

	va_start(arguments, request);
	data = va_arg(arguments, void *);
	va_end(arguments);
	if (kind_of(fd) == OTHER)
		return next(fd, request, data);
	pthread_mutex_lock(&lock);
	if (request == DMA_BUF_IOCTL_SYNC)
		ret = sync_access(fd, ((struct dma_buf_sync *)data)->flags);
	else
		ret = allocate(data);
	pthread_mutex_unlock(&lock);
	return ret;
}

int open64(const char *path, int flags, ...)
{
	int (*next)(const char *, int, ...) = real("open64");
	bool heap = !strcmp(path, "/dev/dma_heap/system");
	va_list arguments;
	int fd, mode;

	va_start(arguments, flags);
	mode = va_arg(arguments, int);
	va_end(arguments);
	fd = next(heap ? "/dev/null" : path, flags, mode);
	if (heap && fd >= 0 && fd < FDS)
		files[fd].kind = HEAP;
	return fd;
}

int close(int fd)
{
	int (*next)(int) = real("close");

	if (kind_of(fd) == DMABUF && (files[fd].reads || files[fd].writes))
		note("closed", fd);
	if (kind_of(fd) != OTHER)
		files[fd].kind = OTHER;
	return next(fd);
}

void *mmap64(void *address, size_t size, int prot, int flags, int fd,
	     off_t offset)
{
	void *(*next)(void *, size_t, int, int, int, off_t) = real("mmap64");
	bool ours = kind_of(fd) == DMABUF;
	char *start;
	int i;

	start = next(address, size, ours ? protection(fd) : prot, flags, fd,
		     offset);
	if (!ours || start == MAP_FAILED)
		return start;
	pthread_mutex_lock(&lock);
	for (i = 0; i < MAPS && maps[i].size; i++)
		;
	if (i == MAPS)
		abort();
	maps[i].start = start;
	maps[i].size = size;
	maps[i].fd = fd;
	pthread_mutex_unlock(&lock);
	return start;
}

int munmap(void *address, size_t size)
{
	int (*next)(void *, size_t) = real("munmap");
	char *start = address;
	int i;

	for (i = 0; i < MAPS; i++)
		if (maps[i].start >= start && maps[i].start < start + size)
			maps[i].size = 0;
	return next(address, size);
}
