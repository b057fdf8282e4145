/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU access to a job's slices during the run: DMA_BUF_IOCTL_SYNC around what
 * fio reads and writes, the copies of the staged path, and those between the
 * memory of a shadowed source and the host memory that fio sees in its place.
 * Not called at all by jobs whose data the CPU never touches.
 */
#include <string.h>

#include "job.h"

/* One DMA_BUF_IOCTL_SYNC, counted. */
static int sync_chunk(struct dmabuf_job *job, unsigned int chunk,
		      int (*call)(int fd, enum dmabuf_access access),
		      enum dmabuf_access access)
{
	job->times.sync_calls++;
	return call(job->buffer.chunks[chunk].fd, access);
}

static int close_access(struct dmabuf_job *job, uint32_t index)
{
	struct dmabuf_open *open = &job->open[index];
	enum dmabuf_access access = open->access;

	open->access = 0;
	if (!access)
		return 0;
	return sync_chunk(job, open->chunk, dmabuf_access_end, access);
}

/* Makes @access the one that is open, if it is not already. */
static int open_access(struct dmabuf_job *job, uint32_t index,
		       const void *address, unsigned int access)
{
	struct dmabuf_open *open = &job->open[index];
	int ret;

	if ((open->access & access) == access)
		return 0;
	ret = close_access(job, index);
	if (ret)
		return ret;
	open->chunk = dmabuf_buffer_chunk(&job->buffer, address);
	ret = sync_chunk(job, open->chunk, dmabuf_access_begin, access);
	if (!ret)
		open->access = access;
	return ret;
}

void dmabuf_job_end_access(struct dmabuf_job *job)
{
	uint32_t index;

	for (index = 0; job->open && index < job->units; index++)
		close_access(job, index);
}

/* A copy that failed: the first is remembered for the line. */
static int copied(struct dmabuf_job *job, int ret)
{
	if (ret && !job->copy_error)
		job->copy_error = ret;
	return ret;
}

/*
 * Path staged: the copy between the memory at @address and @host, the buffer
 * that the drive uses.
 */
static int stage(struct dmabuf_job *job, void *address, void *host,
		 uint32_t bytes, bool write)
{
	enum dmabuf_access access = write ? DMABUF_ACCESS_READ :
					    DMABUF_ACCESS_WRITE;
	unsigned int chunk = dmabuf_buffer_chunk(&job->buffer, address);
	int ret = 0;

	if (job->sync_copies)
		ret = sync_chunk(job, chunk, dmabuf_access_begin, access);
	if (!ret)
		ret = copied(job, write ?
			dmabuf_buffer_read(&job->buffer, address, host, bytes) :
			dmabuf_buffer_write(&job->buffer, address, host, bytes));
	if (ret)
		return ret;
	job->times.copied_bytes += bytes;
	if (job->sync_copies)
		ret = sync_chunk(job, chunk, dmabuf_access_end, access);
	return ret;
}

static char *bounce(const struct dmabuf_job *job, const void *address)
{
	return job->bounce.base +
		((const char *)address - job->buffer.base);
}

/* Between what fio sees at @address and the memory that it stands for. */
static int shadow(struct dmabuf_job *job, void *address, uint32_t bytes,
		  bool write)
{
	job->times.shadow_bytes += bytes;
	return copied(job, write ?
		dmabuf_buffer_write(&job->buffer, address, address, bytes) :
		dmabuf_buffer_read(&job->buffer, address, address, bytes));
}

int dmabuf_job_open_refill(struct dmabuf_job *job, uint32_t index,
			   const void *address)
{
	if (!job->sync_refills)
		return 0;
	return open_access(job, index, address, DMABUF_ACCESS_WRITE);
}

int dmabuf_job_prep(struct dmabuf_job *job, uint32_t index,
		    const void *address, bool write)
{
	if (!write || !job->sync_writes)
		return 0;
	return open_access(job, index, address, DMABUF_ACCESS_WRITE);
}

int dmabuf_job_queue(struct dmabuf_job *job, uint32_t index, void *address,
		     uint32_t bytes, bool write)
{
	int ret = close_access(job, index);

	if (!ret && write && job->shadow_writes)
		ret = shadow(job, address, bytes, true);
	if (!ret && write && job->traits->copies)
		ret = stage(job, address, bounce(job, address), bytes, true);
	return ret;
}

int dmabuf_job_complete(struct dmabuf_job *job, uint32_t index, void *address,
			uint32_t bytes, bool write)
{
	unsigned int access = 0;
	int ret = 0;

	if (!write && job->traits->copies)
		ret = stage(job, address, bounce(job, address), bytes, false);
	if (!ret && !write && job->shadow_reads)
		ret = shadow(job, address, bytes, false);
	if (!write && job->sync_reads)
		access |= DMABUF_ACCESS_READ;
	if (job->sync_refills)
		access |= DMABUF_ACCESS_WRITE;
	if (ret || !access)
		return ret;
	return open_access(job, index, address, access);
}
