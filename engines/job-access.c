/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU access to a job's memory: DMA_BUF_IOCTL_SYNC around what fio reads and
 * writes, the copies of path staged, and the copies between the memory of a
 * shadowed source and the host memory that fio sees instead. During the run,
 * jobs whose data the CPU never touches call nothing here.
 */
#include <string.h>

#include "job.h"

int dmabuf_sync_failed(const struct dmabuf_job *job, int error,
		       struct dmabuf_error *err)
{
	return dmabuf_error_set(err, error,
		"dmabuf_source=%s: DMA_BUF_IOCTL_SYNC failed: %s; set dmabuf_sync=never to skip these calls",
		job->source.name, strerror(-error));
}

int dmabuf_copy_failed(const struct dmabuf_job *job, int error,
		       struct dmabuf_error *err)
{
	return dmabuf_error_set(err, error,
		"dmabuf_source=%s: the CPU cannot copy to or from this memory: %s; check the kernel log for a device that was removed or reset",
		job->source.name, strerror(-error));
}

/* One DMA_BUF_IOCTL_SYNC, which is counted; the first failure is kept. */
static int sync_chunk(struct dmabuf_job *job, unsigned int chunk,
		      int (*call)(int fd, enum dmabuf_access access),
		      enum dmabuf_access access)
{
	int ret = call(job->buffer.chunks[chunk].fd, access);

	job->stats.sync_calls++;
	if (ret && !job->sync_error)
		job->sync_error = ret;
	return ret;
}

static int close_access(struct dmabuf_job *job, uint32_t index)
{
	struct dmabuf_unit_access *current = &job->accesses[index];
	enum dmabuf_access access = current->access;

	current->access = 0;
	if (!access)
		return 0;
	return sync_chunk(job, current->chunk, dmabuf_access_end, access);
}

/* Replaces the open access by @access, unless that is open already. */
static int open_access(struct dmabuf_job *job, uint32_t index,
		       const void *address, unsigned int access)
{
	struct dmabuf_unit_access *current = &job->accesses[index];
	int ret;

	if ((current->access & access) == access)
		return 0;
	ret = close_access(job, index);
	if (ret)
		return ret;
	current->chunk = dmabuf_buffer_chunk(&job->buffer, address);
	ret = sync_chunk(job, current->chunk, dmabuf_access_begin, access);
	if (!ret)
		current->access = access;
	return ret;
}

/* Remembers the first copy that failed, for the line of error. */
static int copied(struct dmabuf_job *job, int ret)
{
	if (ret && !job->copy_error)
		job->copy_error = ret;
	return ret;
}

/*
 * Path staged: copies between the memory at @address and @host, the buffer that
 * the drive uses.
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
	job->stats.copied_bytes += bytes;
	if (job->sync_copies)
		ret = sync_chunk(job, chunk, dmabuf_access_end, access);
	return ret;
}

static char *bounce(const struct dmabuf_job *job, const void *address)
{
	return job->bounce.base +
		((const char *)address - job->buffer.base);
}

/* Copies between the shadow at @address, which fio sees, and its memory. */
static int shadow(struct dmabuf_job *job, void *address, uint32_t bytes,
		  bool write)
{
	job->stats.shadow_bytes += bytes;
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
	/* The unit is free again. */
	if (ret)
		dmabuf_job_open_refill(job, index, address);
	return ret;
}

/* Copies @bytes that were read to where fio looks for them. */
static int fetch(struct dmabuf_job *job, void *address, uint32_t bytes)
{
	int ret = 0;

	if (job->traits->copies)
		ret = stage(job, address, bounce(job, address), bytes, false);
	if (!ret && job->shadow_reads)
		ret = shadow(job, address, bytes, false);
	return ret;
}

int dmabuf_job_complete(struct dmabuf_job *job, uint32_t index, void *address,
			int32_t result, bool write)
{
	unsigned int access = job->sync_refills ? DMABUF_ACCESS_WRITE : 0;
	int ret = 0, error = 0;

	if (result > 0 && !write) {
		ret = fetch(job, address, result);
		if (!ret && job->sync_reads)
			access |= job->settings.cpu_swaps ?
				DMABUF_ACCESS_BOTH : DMABUF_ACCESS_READ;
	}
	/* Also after a failure: fio refills a free unit before prep. */
	if (access)
		error = open_access(job, index, address, access);
	return ret ? ret : error;
}

int dmabuf_job_begin_fill(struct dmabuf_job *job, struct dmabuf_error *err)
{
	const struct dmabuf_settings *s = &job->settings;
	unsigned int i;
	int ret = 0;

	job->filling = job->buffer.shadowed;
	if (s->sync == DMABUF_SYNC_NEVER || !job->traits->uses_dmabuf ||
	    job->traits->maps_backing || job->filling)
		return 0;
	for (i = 0; !ret && i < job->buffer.allocated; i++) {
		ret = dmabuf_access_begin(job->buffer.chunks[i].fd,
					  DMABUF_ACCESS_WRITE);
		job->stats.sync_calls++;
		job->filling += !ret;
	}
	return ret ? dmabuf_sync_failed(job, ret, err) : 0;
}

/* fio has filled the shadow: the device gets the same data. */
static int fill_device(struct dmabuf_job *job, struct dmabuf_error *err)
{
	int ret = dmabuf_buffer_write_shadow(&job->buffer);

	job->stats.shadow_bytes += job->buffer.plan.pieces.total;
	return ret ? dmabuf_copy_failed(job, ret, err) : 0;
}

/* Ends every access that began, even if ending one of them fails. */
static int end_filling(struct dmabuf_job *job)
{
	int ret = 0, error;
	unsigned int i;

	for (i = 0; i < job->filling; i++) {
		error = dmabuf_access_end(job->buffer.chunks[i].fd,
					  DMABUF_ACCESS_WRITE);
		job->stats.sync_calls++;
		ret = ret ? : error;
	}
	job->filling = 0;
	return ret;
}

int dmabuf_job_end_fill(struct dmabuf_job *job, struct dmabuf_error *err)
{
	int ret;

	if (job->filling && job->buffer.shadowed) {
		job->filling = 0;
		return fill_device(job, err);
	}
	ret = end_filling(job);
	return ret ? dmabuf_sync_failed(job, ret, err) : 0;
}

void dmabuf_job_end_access(struct dmabuf_job *job)
{
	uint32_t index;

	if (!job->buffer.shadowed)
		end_filling(job);
	job->filling = 0;
	for (index = 0; job->accesses && index < job->units; index++)
		close_access(job, index);
}
