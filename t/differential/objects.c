/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opens and closes buffers and files, and compares the contents of buffers
 * and drives with the model's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "objects.h"
#include "run.h"
#include "tally.h"

static const char *const memory_names[] = { "heap", "udmabuf", "ordinary" };

/* ---- buffers ---- */

static int heap_alloc(const struct run *run, size_t size)
{
	struct dma_heap_allocation_data data = {
		.len = size,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);

	if (heap < 0 || ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		fail(run, "/dev/dma_heap/system: %s", strerror(errno));
	close(heap);
	return data.fd;
}

static int udmabuf_alloc(const struct run *run, size_t size)
{
	struct udmabuf_create create = {
		.flags = UDMABUF_FLAGS_CLOEXEC,
		.size = size,
	};
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int fd;

	create.memfd = memfd_create("differential",
				    MFD_ALLOW_SEALING | MFD_CLOEXEC);
	if (ftruncate(create.memfd, size) ||
	    fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		fail(run, "memfd: %s", strerror(errno));
	fd = ioctl(device, UDMABUF_CREATE, &create);
	if (fd < 0)
		fail(run, "/dev/udmabuf: %s", strerror(errno));
	close(create.memfd);
	close(device);
	return fd;
}

struct buffer *buffer_new(struct run *run, enum memory memory,
			  size_t size)
{
	struct buffer *buffer;
	unsigned int i;

	for (i = 0; i < BUFFERS_MAX && run->buffers[i]; i++)
		;
	if (i == BUFFERS_MAX)
		return NULL;
	buffer = calloc(1, sizeof(*buffer));
	if (!buffer)
		abort();
	*buffer = (struct buffer){
		.memory = memory,
		.size = size,
		.refs = 1,
		.fd = memory == MEMORY_HEAP ? heap_alloc(run, size) :
		      memory == MEMORY_UDMABUF ? udmabuf_alloc(run, size) :
						 -1,
		.contents = calloc(1, size),
	};
	buffer->map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   buffer->fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS :
					    MAP_SHARED, buffer->fd, 0);
	if (buffer->map == MAP_FAILED || !buffer->contents)
		fail(run, "mmap: %s", strerror(errno));
	run->buffers[i] = buffer;
	buffer_compare(run, buffer, 0, size);
	buffer_fill(run, buffer);
	tally("buffer: %s", memory_names[memory]);
	note(run, "buffer %p: %s, %zu bytes, fd %d", buffer,
	     memory_names[memory], size, buffer->fd);
	return buffer;
}

static void buffer_sync(const struct buffer *buffer, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	if (buffer->fd >= 0)
		ioctl(buffer->fd, DMA_BUF_IOCTL_SYNC, &sync);
}

void buffer_fill(struct run *run, struct buffer *buffer)
{
	uint32_t word[64];
	size_t at;
	unsigned int i;

	buffer_sync(buffer, DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE);
	for (at = 0; at < buffer->size; at += sizeof(word)) {
		for (i = 0; i < 64; i++)
			word[i] = i % 16 ? word[i - 1] * 0x9e3779b1 + 1 :
					   below(run, UINT32_MAX);
		memcpy(buffer->contents + at, word, sizeof(word));
		memcpy(buffer->map + at, word, sizeof(word));
	}
	buffer_sync(buffer, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
}

static uint64_t first_difference(const uint8_t *a, const uint8_t *b,
				 uint64_t length)
{
	uint64_t i;

	for (i = 0; i < length && a[i] == b[i]; i++)
		;
	return i;
}

/* Includes 64 bytes before and after; skips an unmapped buffer. */
void buffer_compare(const struct run *run, const struct buffer *buffer,
		    uint64_t offset, uint64_t length)
{
	uint64_t from = offset < 64 ? 0 : offset - 64;
	uint64_t to = offset + length + 64;

	if (!buffer->map || offset > buffer->size)
		return;
	if (to > buffer->size)
		to = buffer->size;
	buffer_sync(buffer, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
	if (memcmp(buffer->map + from, buffer->contents + from, to - from))
		fail(run,
		     "buffer %p (%s, %zu bytes): wrong data at %llu, asked for %llu+%llu",
		     buffer, memory_names[buffer->memory], buffer->size,
		     (unsigned long long)(from + first_difference(
			       buffer->map + from, buffer->contents + from,
			       to - from)),
		     (unsigned long long)offset, (unsigned long long)length);
	buffer_sync(buffer, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
}

void buffer_close_fd(struct buffer *buffer)
{
	if (buffer->fd >= 0)
		close(buffer->fd);
	buffer->fd = -1;
}

void buffer_drop(struct run *run, unsigned int index)
{
	struct buffer *buffer = run->buffers[index];

	run->buffers[index] = NULL;
	buffer_close_fd(buffer);
	munmap(buffer->map, buffer->size);
	buffer->map = NULL;
	buffer_put(buffer);
}

/* ---- files ---- */

static int open_other(struct run *run, struct file *file)
{
	static const char *const names[] = {
		"a file", "a tmpfs file", "a pipe", "a socket", "/dev/null",
	};
	unsigned int which = below(run, 5);
	int fds[2];

	file->name = names[which];
	switch (which) {
	case 0:
		return open("/tmp/differential", O_RDWR | O_CREAT, 0600);
	case 1:
		return open("/dev/shm/differential", O_RDWR | O_CREAT, 0600);
	case 2:
		if (pipe(fds))
			return -1;
		close(fds[0]);
		return fds[1];
	case 3:
		return socket(AF_UNIX, SOCK_STREAM, 0);
	}
	return open("/dev/null", O_RDWR);
}

static int open_target(struct run *run, struct file *file)
{
	switch (file->target) {
	case TARGET_NVME:
	case TARGET_BUFFERED:
		file->drive = below(run, run->nr_drives);
		file->name = run->drive_names[file->drive];
		return open(file->name, file->target == TARGET_NVME ?
			    O_RDWR | O_DIRECT : O_RDWR);
	case TARGET_BLOCK:
		file->name = "/dev/nullb0";
		return open(file->name, O_RDWR | O_DIRECT);
	case TARGET_OTHER:
		break;
	}
	return open_other(run, file);
}

struct file *file_new(struct run *run, enum target target)
{
	struct file *file;
	unsigned int i;

	for (i = 0; i < FILES_MAX && run->files[i]; i++)
		;
	if (i == FILES_MAX)
		return NULL;
	file = calloc(1, sizeof(*file));
	if (!file)
		abort();
	file->target = target;
	file->fd[0] = open_target(run, file);
	file->fd[1] = dup(file->fd[0]);
	if (file->fd[1] < 0)
		fail(run, "%s: %s", file->name, strerror(errno));
	run->files[i] = file;
	tally("file: %s", target == TARGET_NVME ? "drive" :
			  target == TARGET_BUFFERED ? "drive, buffered" :
						      file->name);
	note(run, "file %p: %s, fds %d %d%s", file, file->name, file->fd[0],
	     file->fd[1], target == TARGET_BUFFERED ? ", buffered" : "");
	return file;
}

void file_close(struct run *run, unsigned int index, unsigned int which)
{
	struct file *file = run->files[index];

	if (file->fd[which] >= 0)
		close(file->fd[which]);
	file->fd[which] = -1;
	if (file->fd[!which] >= 0)
		return;
	run->files[index] = NULL;
	run->closed = realloc(run->closed, (run->nr_closed + 1) *
						sizeof(*run->closed));
	if (!run->closed)
		abort();
	run->closed[run->nr_closed++] = file;
}

int file_any_fd(struct run *run, const struct file *file)
{
	unsigned int which = below(run, 2);

	return file->fd[which] >= 0 ? file->fd[which] : file->fd[!which];
}

/* ---- drives ---- */

/* Includes a block before and after; reads without the ring. */
void drive_compare(const struct run *run, unsigned int drive,
		   uint64_t position, uint64_t length)
{
	static uint8_t seen[REGION] __attribute__((aligned(4096)));
	const uint8_t *expected = run->model.drives[drive];
	uint64_t block = run->model.block;
	uint64_t from = position / block * block;
	uint64_t to = (position + length + 2 * block - 1) / block * block;

	if (from)
		from -= block;
	if (to > REGION)
		to = REGION;
	if (pread(run->drive_fds[drive], seen, to - from, from) !=
	    (ssize_t)(to - from))
		fail(run, "%s: %s", run->drive_names[drive],
		     strerror(errno));
	if (memcmp(seen, expected + from, to - from))
		fail(run,
		     "%s: wrong data at %llu, asked for %llu+%llu",
		     run->drive_names[drive],
		     (unsigned long long)(from + first_difference(
			       seen, expected + from, to - from)),
		     (unsigned long long)position,
		     (unsigned long long)length);
}

void everything_compare(const struct run *run)
{
	unsigned int i;

	for (i = 0; i < BUFFERS_MAX; i++)
		if (run->buffers[i])
			buffer_compare(run, run->buffers[i], 0,
				       run->buffers[i]->size);
	for (i = 0; i < run->nr_drives; i++)
		drive_compare(run, i, 0, REGION);
}
