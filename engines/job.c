/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A job's memory and ring, from set-up to close. Its files are in job-files.c,
 * the registration of its memory in job-register.c, and CPU access, the only
 * part that runs between the first and the last I/O, in job-access.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "job.h"

static void decide_access(struct dmabuf_job *job)
{
	const struct dmabuf_settings *s = &job->settings;
	bool always = s->sync == DMABUF_SYNC_ALWAYS;
	bool possible = s->sync != DMABUF_SYNC_NEVER && job->traits->uses_dmabuf;
	/* Path pinned bypasses the dma-buf, for the CPU and for the drive. */
	bool shadowed = job->buffer.shadowed;
	bool touched = possible && !job->traits->maps_backing && !shadowed;

	job->sync_writes = touched && (always || s->cpu_writes);
	job->sync_reads = touched && (always || s->cpu_reads);
	job->sync_refills = touched && s->cpu_refills;
	job->sync_copies = possible && job->traits->copies && !shadowed;
	/* dmabuf_sync=never keeps these copies: fio would see stale data. */
	job->shadow_writes = shadowed && (always || s->cpu_writes);
	job->shadow_reads = shadowed && (always || s->cpu_reads);
}

/* The host buffers of path staged, one for each piece of the buffer. */
static int alloc_bounce(struct dmabuf_job *job, struct dmabuf_error *err)
{
	struct dmabuf_source_option host;
	struct dmabuf_plan plan = {
		.chunks = job->buffer.plan.pieces,
		.pieces = job->buffer.plan.pieces,
	};
	int ret = dmabuf_source_parse(&host, "memory", err);

	if (!ret)
		ret = dmabuf_source_open(&job->bounce_source, &host, err);
	return ret ? ret : dmabuf_buffer_alloc(&job->bounce,
					       &job->bounce_source, &plan,
					       false, err);
}

/* Opens the source and plans the memory for its page size and limit. */
static int plan_memory(struct dmabuf_job *job, struct dmabuf_layout *layout,
		       struct dmabuf_plan *plan, struct dmabuf_error *err)
{
	const struct dmabuf_settings *s = &job->settings;
	int ret;

	if (!job->traits->uses_dmabuf &&
	    (s->place != DMABUF_PLACE_PACKED || s->size))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_path=%s: this path uses no dma-buf to place slices in; remove dmabuf_place and dmabuf_size",
			job->traits->name);
	/* The result of an I/O is an int32_t. */
	if (layout->unit > INT32_MAX)
		return dmabuf_error_set(err, -EINVAL,
			"bs: io_uring counts the bytes of an I/O in 31 bits; lower bs to less than 2 GiB");
	ret = dmabuf_source_open(&job->source, &s->source, err);
	if (ret)
		return ret;
	layout->granule = job->source.granule;
	layout->align = sysconf(_SC_PAGESIZE);
	/* Without the dma-buf, huge pages are mapped whole. */
	if (job->traits->maps_backing)
		layout->align = layout->granule;
	layout->place = s->place;
	layout->size = s->size;
	layout->seed = s->seed;
	layout->chunk_max = s->chunk_max;
	layout->chunk_given = s->chunk_max;
	if (!layout->chunk_max)
		ret = dmabuf_source_limit(&job->source, &layout->chunk_max,
					  err);
	return ret ? ret : dmabuf_place_plan(layout, plan, err);
}

int dmabuf_job_alloc(struct dmabuf_job *job, struct dmabuf_layout *layout,
		     struct dmabuf_error *err)
{
	struct dmabuf_plan plan;
	int ret;

	ret = plan_memory(job, layout, &plan, err);
	if (!ret)
		ret = dmabuf_buffer_alloc(&job->buffer, &job->source, &plan,
					  job->traits->maps_backing, err);
	if (ret)
		goto free_job;

	job->slots = calloc(plan.pieces.nr, sizeof(*job->slots));
	job->accesses = calloc(layout->units, sizeof(*job->accesses));
	job->units = layout->units;
	if (!job->slots || !job->accesses) {
		ret = dmabuf_error_no_memory(err, "iodepth", "lower it");
		goto free_job;
	}
	if (job->traits->copies)
		ret = alloc_bounce(job, err);
	if (ret)
		goto free_job;
	job->chunks = plan.chunks.nr;
	job->bytes = plan.chunks.total;
	decide_access(job);
	return 0;

free_job:
	dmabuf_job_free(job);
	return ret;
}

void dmabuf_job_free(struct dmabuf_job *job)
{
	/* At the end of a replay fio leaves I/Os in flight. */
	if (job->registered)
		dmabuf_queue_finish(&job->queue);
	dmabuf_job_end_access(job);
	if (job->registered)
		io_uring_unregister_buffers(&job->ring);
	job->registered = false;
	dmabuf_buffer_free(&job->bounce);
	dmabuf_buffer_free(&job->buffer);
	dmabuf_source_close(&job->bounce_source);
	dmabuf_source_close(&job->source);
	free(job->slots);
	free(job->accesses);
	job->slots = NULL;
	job->accesses = NULL;
}

int dmabuf_job_setup_ring(struct dmabuf_job *job, struct dmabuf_error *err)
{
	int ret = dmabuf_ring_setup(&job->ring, &job->settings.ring, err);

	if (ret)
		return ret;
	job->ring_ready = true;
	if (dmabuf_queue_init(&job->queue, &job->ring,
			      job->settings.ring.depth))
		return dmabuf_error_no_memory(err, "iodepth", "lower it");
	return 0;
}

void dmabuf_job_close(struct dmabuf_job *job)
{
	unsigned int i;

	dmabuf_queue_free(&job->queue);
	if (job->ring_ready)
		io_uring_queue_exit(&job->ring);
	job->ring_ready = false;
	for (i = 0; i < job->open_files; i++) {
		if (job->files[i].fd >= 0)
			close(job->files[i].fd);
		free(job->files[i].name);
	}
	free(job->files);
	job->files = NULL;
	job->nr_files = 0;
	job->open_files = 0;
}
