/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_source=fd:PATH: dma-bufs that another process owns and passes over
 * the unix socket PATH. Each is checked before it is used. A job allocates them
 * in the order in which they arrived.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpu-access.h"
#include "handover.h"
#include "source.h"

struct fd_state {
	int socket;		/* stays open while the memory is in use */
	struct dmabuf_handover handover;
	struct {
		uint64_t size;
		ino_t inode;
		bool used;	/* by a chunk */
	} buffers[DMABUF_HANDOVER_MAX];
	uint64_t smallest;
};

static int fd_parse(struct dmabuf_source_option *option,
		    struct dmabuf_error *err)
{
	if (!option->arg[0])
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: no socket given; write fd:PATH",
			option->name);
	return 0;
}

/*
 * Reads the exporter's name from fdinfo, where only a dma-buf has one. Do this
 * before anything else: every other operation on an unknown file runs code of
 * whoever made it. 0, -EINVAL when @fd is not a dma-buf, or another -errno when
 * its fdinfo cannot be read.
 */
static int read_exporter(int fd, char *name, size_t size)
{
	static const char key[] = "exp_name:\t";
	char path[48], line[256];
	bool found = false;
	char *c;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? -EINVAL : -errno;
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, key, strlen(key));
	fclose(f);
	if (!found)
		return -EINVAL;
	line[strcspn(line, "\n")] = '\0';
	for (c = line; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	snprintf(name, size, "%.40s", line + strlen(key));
	return 0;
}

/* Adds @name to "exporter udmabuf, system", unless it no longer fits. */
static void note_exporter(struct dmabuf_source *source, unsigned int i,
			  const char *name)
{
	size_t used = strlen(source->detail);

	if (strstr(source->detail, name) ||
	    used + strlen(name) + strlen("exporter , ") >=
	    sizeof(source->detail))
		return;
	snprintf(source->detail + used, sizeof(source->detail) - used, "%s%s",
		 i ? ", " : "exporter ", name);
}

static bool is_duplicate(const struct fd_state *state, unsigned int i)
{
	unsigned int earlier;

	for (earlier = 0; earlier < i; earlier++)
		if (state->buffers[earlier].inode ==
		    state->buffers[i].inode)
			return true;
	return false;
}

static int check_access(const char *path, unsigned int number, int fd,
			struct dmabuf_error *err)
{
	int flags = fcntl(fd, F_GETFL);
	int ret = dmabuf_access_begin(fd, DMABUF_ACCESS_READ);

	if (!ret)
		ret = dmabuf_access_end(fd, DMABUF_ACCESS_READ);
	if (ret)
		return dmabuf_error_set(err, ret,
			"%s: dma-buf %u: DMA_BUF_IOCTL_SYNC: %s; its exporter does not allow CPU access, use another exporter",
			path, number, strerror(-ret));
	if ((flags & O_ACCMODE) != O_RDWR)
		return dmabuf_error_set(err, -EACCES,
			"%s: dma-buf %u is not open for reading and writing; the giver must export it with O_RDWR",
			path, number);
	return 0;
}

static int check_buffer(struct dmabuf_source *source, unsigned int i,
			struct dmabuf_error *err)
{
	struct fd_state *state = source->state;
	int fd = state->handover.fds[i], ret;
	const char *path = source->option.arg;
	char exporter[64];
	struct stat st;
	off_t size;

	ret = read_exporter(fd, exporter, sizeof(exporter));
	if (ret && ret != -EINVAL)
		return dmabuf_error_set(err, ret,
			"%s: cannot read the fdinfo of dma-buf %u: %s; %s",
			path, i + 1, strerror(-ret),
			dmabuf_error_is_fd_limit(ret) ?
			"raise the limit with ulimit -n" :
			"check that /proc is mounted and readable");
	if (ret)
		return dmabuf_error_set(err, ret,
			"%s: descriptor %u of %u is not a dma-buf; the giver must pass only dma-bufs",
			path, i + 1, state->handover.nr);
	ret = check_access(path, i + 1, fd, err);
	if (ret)
		return ret;

	size = lseek(fd, 0, SEEK_END);
	if (size <= 0 || size % source->granule || fstat(fd, &st) < 0)
		return dmabuf_error_set(err, -EINVAL,
			"%s: dma-buf %u has %lld bytes, which is not a multiple of the page size; give dma-bufs whose size is a multiple of %llu bytes",
			path, i + 1, (long long)size,
			(unsigned long long)source->granule);
	state->buffers[i].size = size;
	state->buffers[i].inode = st.st_ino;
	if (is_duplicate(state, i))
		return dmabuf_error_set(err, -EINVAL,
			"%s: dma-buf %u was given twice; give each dma-buf once, because the I/Os of a job must not share memory",
			path, i + 1);
	ret = dmabuf_chunk_try_map(fd, source->granule);
	if (ret)
		return dmabuf_error_set(err, ret,
			"%s: dma-buf %u (exporter %s) cannot be mapped: %s; fio fills and verifies memory with the CPU, use an exporter that supports mmap",
			path, i + 1, exporter, strerror(-ret));
	note_exporter(source, i, exporter);
	if (!state->smallest || (uint64_t)size < state->smallest)
		state->smallest = size;
	return 0;
}

static void fd_close(struct dmabuf_source *source)
{
	struct fd_state *state = source->state;

	dmabuf_handover_close(&state->handover);
	close(state->socket);
	free(state);
	source->state = NULL;
}

static int fd_open(struct dmabuf_source *source, struct dmabuf_error *err)
{
	struct fd_state *state = calloc(1, sizeof(*state));
	unsigned int i;
	int ret;

	if (!state)
		return dmabuf_source_no_memory(source, err);
	state->socket = dmabuf_handover_connect(source->option.arg, err);
	if (state->socket < 0) {
		ret = state->socket;
		free(state);
		return ret;
	}
	source->state = state;
	ret = dmabuf_handover_receive(state->socket, source->option.arg,
				      &state->handover, err);
	for (i = 0; !ret && i < state->handover.nr; i++)
		ret = check_buffer(source, i, err);
	if (ret)
		fd_close(source);
	return ret;
}

static int fd_limit(const struct dmabuf_source *source, uint64_t *bytes,
		    struct dmabuf_error *err)
{
	const struct fd_state *state = source->state;

	(void)err;
	*bytes = state->smallest;
	return 0;
}

static int fd_alloc(const struct dmabuf_source *source,
		    struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	struct fd_state *state = source->state;
	char smallest[32], wanted[32];
	unsigned int i;

	for (i = 0; i < state->handover.nr; i++) {
		if (state->buffers[i].used ||
		    state->buffers[i].size < chunk->size)
			continue;
		state->buffers[i].used = true;
		chunk->fd = state->handover.fds[i];
		chunk->handle = i;
		return 0;
	}
	return dmabuf_error_set(err, -ENOSPC,
		"dmabuf_source=%s: %u dma-bufs were given, the smallest has %s, and none is left for another %s; give more or larger ones, or lower iodepth, bs or dmabuf_chunk",
		source->name, state->handover.nr,
		dmabuf_size_text(state->smallest, smallest),
		dmabuf_size_text(chunk->size, wanted));
}

/* The open source owns the descriptors. */
static void fd_free(const struct dmabuf_source *source,
		    struct dmabuf_chunk *chunk)
{
	struct fd_state *state = source->state;

	state->buffers[chunk->handle].used = false;
	chunk->fd = -1;
}

const struct dmabuf_source_kind dmabuf_source_fd = {
	.name = "fd",
	.exports = true,
	.pinnable = false,
	.parse = fd_parse,
	.open = fd_open,
	.close = fd_close,
	.limit = fd_limit,
	.alloc = fd_alloc,
	.map = dmabuf_chunk_map,
	.free = fd_free,
};
