/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first I/O to a registered dma-buf sets up its DMA mapping. The warm-up
 * does that I/O before the measurement. A completion does not prove that data
 * moved (peer-to-peer writes can be lost), so the block is compared.
 */
#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "warmup.h"

/* Another job may write the block between the two reads: read both again. */
#define TRIES	100

/* Bytes of the fill that do not survive a read by chance. */
#define STALE_BYTES	16

/* One logical block each, in one allocation that begins at expected. */
struct scratch {
	unsigned char *expected;	/* what an ordinary read returns */
	unsigned char *saved;		/* what the slice held before */
	unsigned char *fill;		/* the complement of expected */
	unsigned char *actual;		/* what the slice holds afterwards */
	unsigned int size;
};

/* One read through the dma-buf: bytes or -errno, and its time in *ns. */
static int read_through(struct dmabuf_job *job, unsigned int file,
			void *slice, unsigned int size, uint64_t *ns)
{
	struct dmabuf_queue *queue = &job->queue;
	struct dmabuf_unit *unit = &queue->units[0];
	struct io_uring_sqe *sqe = &unit->sqe;
	uint64_t start = dmabuf_clock();
	int ret;

	sqe->opcode = job->read_opcode;
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->fd = file;
	sqe->off = 0;
	sqe->len = size;
	dmabuf_job_slice(job, sqe, slice, file);
	dmabuf_queue_start(queue, unit);
	ret = dmabuf_queue_submit(queue);
	if (!ret)
		ret = dmabuf_queue_reap(queue, 1, 1);
	*ns = dmabuf_clock() - start;
	/* read_failed() explains it. */
	queue->unexplained = 0;
	return ret < 0 ? ret : unit->result;
}

static int read_failed(const struct dmabuf_job *job,
		       const struct dmabuf_file *file, int error,
		       struct dmabuf_error *err)
{
	const char *source = job->source.name;

	if (error == -ETIME)
		return dmabuf_error_set(err, error,
			"%s: the kernel answered the first read into memory from %s with nothing but EAGAIN for 10 s; see the kernel log",
			file->name, source);
	if (error == -EOPNOTSUPP && job->settings.ring.iopoll)
		return dmabuf_error_set(err, error,
			"%s: hipri needs a drive with poll queues; load nvme with poll_queues=N, or leave hipri out",
			file->name);
	if (job->settings.source.kind->unregistered)
		return dmabuf_error_set(err, error,
			"%s: the drive cannot use the memory of dmabuf_source=%s: %s; use the drive that the memory belongs to, or one behind the same PCI switch",
			file->name, source, strerror(-error));
	if (error == -EINVAL || error == -EFAULT)
		return dmabuf_error_set(err, error,
			"%s: the dma-buf from %s cannot be mapped for this drive: %s (every segment must be a multiple of 4 KiB); try another dmabuf_source",
			file->name, source, strerror(-error));
	return dmabuf_error_set(err, error,
		"%s: the first read into memory from %s failed: %s; see the kernel log",
		file->name, source, strerror(-error));
}

/* Begins or ends the CPU access to @slice, where dmabuf_sync= wants one. */
static int access_slice(struct dmabuf_job *job, void *slice,
			int (*call)(int fd, enum dmabuf_access access),
			enum dmabuf_access access, struct dmabuf_error *err)
{
	const struct dmabuf_buffer *buffer = &job->buffer;
	int ret;

	if (job->settings.sync == DMABUF_SYNC_NEVER || buffer->shadowed)
		return 0;
	ret = call(buffer->chunks[dmabuf_buffer_chunk(buffer, slice)].fd,
		   access);
	return ret ? dmabuf_sync_failed(job, ret, err) : 0;
}

/* Copies between @host and the slice, inside a CPU access. */
static int copy_slice(struct dmabuf_job *job, void *slice, void *host,
		      unsigned int size, enum dmabuf_access access,
		      struct dmabuf_error *err)
{
	const struct dmabuf_buffer *buffer = &job->buffer;
	int ret = access_slice(job, slice, dmabuf_access_begin, access, err);

	if (ret)
		return ret;
	ret = access == DMABUF_ACCESS_WRITE ?
		dmabuf_buffer_write(buffer, slice, host, size) :
		dmabuf_buffer_read(buffer, slice, host, size);
	if (ret)
		return dmabuf_copy_failed(job, ret, err);
	return access_slice(job, slice, dmabuf_access_end, access, err);
}

/* Whether some of the fill is left: no data arrived there. */
static bool is_stale(const struct scratch *scratch)
{
	unsigned int i;

	for (i = 0; i < scratch->size; i += STALE_BYTES)
		if (!memcmp(scratch->actual + i, scratch->fill + i,
			    STALE_BYTES))
			return true;
	return false;
}

/* One ordinary read, one through the dma-buf; 1 if they are equal. */
static int try_once(struct dmabuf_job *job, unsigned int file,
		    void *slice, struct scratch *scratch, uint64_t *ns,
		    struct dmabuf_error *err)
{
	const struct dmabuf_file *f = &job->files[file];
	unsigned int i;
	int ret;

	ret = pread(f->fd, scratch->expected, scratch->size, 0);
	if (ret != (int)scratch->size)
		return dmabuf_error_set(err, ret < 0 ? -errno : -EIO,
			"%s: cannot read the first block: %s; see the kernel log",
			f->name, strerror(ret < 0 ? errno : EIO));
	/* Data that is already in memory must not pass for what was read. */
	for (i = 0; i < scratch->size; i++)
		scratch->fill[i] = ~scratch->expected[i];
	ret = copy_slice(job, slice, scratch->fill, scratch->size,
			 DMABUF_ACCESS_WRITE, err);
	if (ret)
		return ret;

	ret = read_through(job, file, slice, scratch->size, ns);
	if (ret != (int)scratch->size)
		return read_failed(job, f, ret < 0 ? ret : -EIO, err);

	ret = copy_slice(job, slice, scratch->actual, scratch->size,
			 DMABUF_ACCESS_READ, err);
	if (ret)
		return ret;
	if (is_stale(scratch))
		return dmabuf_error_set(err, -EIO,
			"%s: the drive reported success, but the data did not arrive in the dma-buf from %s, so peer-to-peer DMA does not work here; try iommu=pt, another PCI slot or dmabuf_path=staged",
			f->name, job->source.name);
	return !memcmp(scratch->actual, scratch->expected, scratch->size);
}

static int compare(struct dmabuf_job *job, unsigned int file, void *slice,
		   struct scratch *scratch, struct dmabuf_error *err)
{
	struct dmabuf_job_stats *stats = &job->stats;
	unsigned int tries;
	uint64_t ns = 0;
	int ret;

	for (tries = 0; tries < TRIES; tries++) {
		ret = try_once(job, file, slice, scratch, &ns, err);
		if (ret < 0)
			return ret;
		if (!tries) {
			stats->warmups++;
			stats->first_map_ns += ns;
			if (ns > stats->first_map_max_ns)
				stats->first_map_max_ns = ns;
		}
		if (ret)
			return 0;
	}
	return dmabuf_error_set(err, -EIO,
		"%s: the first block read through the dma-buf from %s never equals an ordinary read, so another job keeps writing it or data is corrupted on the way; start that job later, or set dmabuf_warmup=0",
		job->files[file].name, job->source.name);
}

/* A regular file may be shorter than a block. */
static bool needs_warmup(const struct dmabuf_job *job, unsigned int file)
{
	return !job->settings.source.kind->unregistered ||
	       job->files[file].target.kind != DMABUF_TARGET_FILE;
}

/* Bytes to read: one logical block of the drive. */
static unsigned int block_size(const struct dmabuf_file *file)
{
	int size = 0;

	if (ioctl(file->fd, BLKSSZGET, &size) < 0 || size < STALE_BYTES)
		return 4096;
	return size;
}

/* @slice begins a piece, and a read must not go past its end. */
static int check_room(const struct dmabuf_job *job, unsigned int file,
		      const void *slice, unsigned int size,
		      struct dmabuf_error *err)
{
	const struct dmabuf_buffer *buffer = &job->buffer;
	unsigned int i = dmabuf_buffer_piece(buffer, slice);
	uint64_t room = dmabuf_cut_size(&buffer->plan.pieces, i);
	char block[32], has[32];

	if (size <= room)
		return 0;
	return dmabuf_error_set(err, -EINVAL,
		"%s: logical blocks of %s do not fit into buffers of %s; raise bs to a multiple of the logical block size",
		job->files[file].name, dmabuf_size_text(size, block),
		dmabuf_size_text(room, has));
}

/* compare(), and restores the memory whatever the result. */
static int warm_one(struct dmabuf_job *job, unsigned int file, void *slice,
		    struct dmabuf_error *err)
{
	unsigned int size = block_size(&job->files[file]);
	struct dmabuf_error ignored;
	struct scratch scratch;
	int ret = check_room(job, file, slice, size, err);

	if (ret)
		return ret;
	scratch.size = size;
	if (posix_memalign((void **)&scratch.expected, 4096, 4 * size))
		return dmabuf_error_no_memory(err, "dmabuf_warmup", "lower bs");
	scratch.saved = scratch.expected + size;
	scratch.fill = scratch.expected + 2 * size;
	scratch.actual = scratch.expected + 3 * size;

	ret = copy_slice(job, slice, scratch.saved, size, DMABUF_ACCESS_READ,
			 err);
	if (ret)
		goto free_scratch;
	ret = compare(job, file, slice, &scratch, err);
	if (copy_slice(job, slice, scratch.saved, size, DMABUF_ACCESS_WRITE,
		       &ignored) && !ret) {
		*err = ignored;
		ret = ignored.code;
	}

free_scratch:
	free(scratch.expected);
	return ret;
}

/* The first slice in each chunk, NULL for a chunk without one. */
static void **first_slices(const struct dmabuf_buffer *buffer)
{
	void **slices = calloc(buffer->plan.chunks.nr, sizeof(*slices));
	unsigned int i = buffer->plan.pieces.nr;

	while (slices && i--)
		slices[buffer->pieces[i].chunk] =
			dmabuf_buffer_address(buffer, i);
	return slices;
}

int dmabuf_warmup(struct dmabuf_job *job, struct dmabuf_error *err)
{
	struct dmabuf_queue_stats stats = job->queue.stats;
	unsigned int chunks = job->buffer.plan.chunks.nr, file, chunk;
	void **slices = first_slices(&job->buffer);
	int ret = 0;

	if (!slices)
		return dmabuf_error_no_memory(err, "dmabuf_warmup",
					      "lower iodepth or bs");
	for (file = 0; !ret && file < job->nr_files; file++)
		for (chunk = 0; !ret && chunk < chunks; chunk++)
			if (slices[chunk] && needs_warmup(job, file))
				ret = warm_one(job, file, slices[chunk], err);
	free(slices);
	/* Warm-up reads are not the job's I/Os, and unit 0 must be as new. */
	job->queue.stats = stats;
	job->queue.units[0].sqe.opcode = IORING_OP_NOP;
	return ret;
}
