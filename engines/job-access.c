/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU access to a job's slices during the run: DMA_BUF_IOCTL_SYNC around what
 * fio reads and writes, and the copies of the staged path. Not called at all
 * by jobs whose data the CPU never touches.
 */
#include <string.h>

#include "job.h"

static int chunk_fd(const struct dmabuf_job *job, const void *address)
{
	return job->buffer.chunks[dmabuf_job_chunk(job, address)].fd;
}

static int begin(struct dmabuf_job *job, const void *address,
		 enum dmabuf_access access)
{
	job->times.sync_calls++;
	return dmabuf_access_begin(chunk_fd(job, address), access);
}

static int end(struct dmabuf_job *job, const void *address,
	       enum dmabuf_access access)
{
	job->times.sync_calls++;
	return dmabuf_access_end(chunk_fd(job, address), access);
}

/* The host buffer that stands in for the slice at @address. */
static char *bounce(const struct dmabuf_job *job, const void *address)
{
	return job->bounce.base +
		((const char *)address - job->buffer.base);
}

int dmabuf_job_before_write(struct dmabuf_job *job, uint32_t index,
			    const void *address, bool write)
{
	int ret = 0;

	if (job->read_open[index]) {
		job->read_open[index] = false;
		ret = end(job, address, DMABUF_ACCESS_READ);
	}
	if (!ret && write && job->sync_writes)
		ret = begin(job, address, DMABUF_ACCESS_WRITE);
	return ret;
}

int dmabuf_job_before_queue(struct dmabuf_job *job, const void *address,
			    uint32_t bytes, bool write)
{
	int ret = 0;

	if (!write)
		return 0;
	if (job->sync_writes)
		ret = end(job, address, DMABUF_ACCESS_WRITE);
	if (ret || !job->traits->copies)
		return ret;

	if (job->sync_copies)
		ret = begin(job, address, DMABUF_ACCESS_READ);
	if (ret)
		return ret;
	memcpy(bounce(job, address), address, bytes);
	job->times.copied_bytes += bytes;
	return job->sync_copies ? end(job, address, DMABUF_ACCESS_READ) : 0;
}

int dmabuf_job_after_read(struct dmabuf_job *job, uint32_t index,
			  void *address, uint32_t bytes)
{
	int ret = 0;

	if (job->traits->copies) {
		if (job->sync_copies)
			ret = begin(job, address, DMABUF_ACCESS_WRITE);
		if (ret)
			return ret;
		memcpy(address, bounce(job, address), bytes);
		job->times.copied_bytes += bytes;
		if (job->sync_copies)
			ret = end(job, address, DMABUF_ACCESS_WRITE);
	}
	if (!ret && job->sync_reads) {
		ret = begin(job, address, DMABUF_ACCESS_READ);
		job->read_open[index] = !ret;
	}
	return ret;
}
