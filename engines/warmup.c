/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The DMA mapping of a registered dma-buf is made by its first I/O. This is
 * that I/O, kept out of the figures. A completion does not prove that data
 * moved (peer-to-peer writes can vanish), so the block is compared.
 */
#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "warmup.h"

/* Another job may write the very block in between: then read both again. */
#define TRIES	3

struct scratch {
	unsigned char *expected;	/* read the ordinary way */
	unsigned char *saved;		/* what the slice held */
	unsigned int size;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* One read through the dma-buf; bytes or -errno, and the time it took. */
static int read_through(struct dmabuf_job *job, unsigned int file,
			unsigned int chunk, unsigned int size, uint64_t *ns)
{
	struct dmabuf_queue *queue = &job->queue;
	struct dmabuf_unit *unit = &queue->units[0];
	struct io_uring_sqe *sqe = &unit->sqe;
	uint64_t start = now_ns();
	int ret;

	sqe->opcode = IORING_OP_READ_FIXED;
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->fd = file;
	sqe->off = 0;
	sqe->len = size;
	dmabuf_job_slice(job, sqe, job->buffer.chunks[chunk].map, file);
	dmabuf_queue_start(queue, unit);
	ret = dmabuf_queue_submit(queue);
	if (!ret)
		ret = dmabuf_queue_reap(queue, 1, 1);
	*ns = now_ns() - start;
	return ret < 0 ? ret : unit->result;
}

static int read_failed(const struct dmabuf_job *job,
		       const struct dmabuf_file *file, int error,
		       struct dmabuf_error *err)
{
	const char *source = job->settings.source.name;

	if (error == -ETIME)
		return dmabuf_error_set(err, error,
			"%s: the kernel answered the first read into memory from %s with nothing but EAGAIN for 10 s; see the kernel log",
			file->name, source);
	if (error == -EOPNOTSUPP && job->settings.ring.iopoll)
		return dmabuf_error_set(err, error,
			"%s: hipri needs a drive with poll queues; load nvme with poll_queues=N, or leave hipri out",
			file->name);
	if (error == -EINVAL || error == -EFAULT)
		return dmabuf_error_set(err, error,
			"%s: the dma-buf from %s cannot be mapped for this drive: %s; every piece of it must be a multiple of 4 KiB, try another dmabuf_source",
			file->name, source, strerror(-error));
	return dmabuf_error_set(err, error,
		"%s: the first read into memory from %s failed: %s; see the kernel log",
		file->name, source, strerror(-error));
}

static int compare(struct dmabuf_job *job, unsigned int file,
		   unsigned int chunk, struct scratch *scratch,
		   struct dmabuf_error *err)
{
	const struct dmabuf_file *f = &job->files[file];
	const struct dmabuf_chunk *c = &job->buffer.chunks[chunk];
	unsigned int i, tries;
	uint64_t ns;
	int ret;

	for (tries = 0; tries < TRIES; tries++) {
		unsigned char *slice = c->map;
		bool same;

		ret = pread(f->fd, scratch->expected, scratch->size, 0);
		if (ret != (int)scratch->size)
			return read_failed(job, f, ret < 0 ? -errno : -EIO,
					   err);
		/* Nothing that is there already may pass for the data. */
		dmabuf_access_begin(c->fd, DMABUF_ACCESS_WRITE);
		for (i = 0; i < scratch->size; i++)
			slice[i] = ~scratch->expected[i];
		dmabuf_access_end(c->fd, DMABUF_ACCESS_WRITE);

		ret = read_through(job, file, chunk, scratch->size, &ns);
		if (ret != (int)scratch->size)
			return read_failed(job, f, ret < 0 ? ret : -EIO, err);
		if (!tries) {
			job->times.warmups++;
			job->times.first_map_ns += ns;
			if (ns > job->times.first_map_max_ns)
				job->times.first_map_max_ns = ns;
		}
		dmabuf_access_begin(c->fd, DMABUF_ACCESS_READ);
		same = !memcmp(slice, scratch->expected, scratch->size);
		dmabuf_access_end(c->fd, DMABUF_ACCESS_READ);
		if (same)
			return 0;
	}
	return dmabuf_error_set(err, -EIO,
		"%s: the drive reported success but its data did not arrive in the dma-buf from %s; peer-to-peer does not work here, try iommu=pt or another slot, or dmabuf_path=staged",
		f->name, job->settings.source.name);
}

/* compare(), with the memory put back whatever comes of it. */
static int warm_one(struct dmabuf_job *job, unsigned int file,
		    unsigned int chunk, struct dmabuf_error *err)
{
	const struct dmabuf_chunk *c = &job->buffer.chunks[chunk];
	struct scratch scratch;
	int size = 0, ret = -ENOMEM;

	if (ioctl(job->files[file].fd, BLKSSZGET, &size) < 0 || size <= 0)
		size = 4096;
	scratch.size = size;
	scratch.saved = malloc(size);
	if (posix_memalign((void **)&scratch.expected, 4096, size))
		scratch.expected = NULL;
	if (!scratch.saved || !scratch.expected) {
		dmabuf_error_set(err, ret, "dmabuf_warmup: out of memory; lower iodepth or bs");
		goto free_scratch;
	}

	dmabuf_access_begin(c->fd, DMABUF_ACCESS_READ);
	memcpy(scratch.saved, c->map, size);
	dmabuf_access_end(c->fd, DMABUF_ACCESS_READ);

	ret = compare(job, file, chunk, &scratch, err);

	dmabuf_access_begin(c->fd, DMABUF_ACCESS_WRITE);
	memcpy(c->map, scratch.saved, size);
	dmabuf_access_end(c->fd, DMABUF_ACCESS_WRITE);

free_scratch:
	free(scratch.expected);
	free(scratch.saved);
	return ret;
}

int dmabuf_warmup(struct dmabuf_job *job, struct dmabuf_error *err)
{
	unsigned int file, chunk;
	int ret = 0;

	for (file = 0; !ret && file < job->nr_files; file++)
		for (chunk = 0; !ret && chunk < job->buffer.plan.chunks; chunk++)
			ret = warm_one(job, file, chunk, err);
	/* The job's own I/Os are counted from here. */
	memset(&job->queue.stats, 0, sizeof(job->queue.stats));
	return ret;
}
