/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is decided and built once per job. Nothing here runs between the
 * first and the last I/O, but for the CPU access in job-access.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "job.h"
#include "refusal.h"
#include "warmup.h"

static void decide_access(struct dmabuf_job *job)
{
	const struct dmabuf_settings *s = &job->settings;
	bool always = s->sync == DMABUF_SYNC_ALWAYS;
	bool possible = s->sync != DMABUF_SYNC_NEVER && job->traits->uses_dmabuf;
	/* Path pinned goes past the dma-buf, for the CPU as for the drive. */
	bool shadowed = job->buffer.source.shadowed;
	bool touched = possible && !job->traits->maps_backing && !shadowed;

	job->sync_writes = touched && (always || s->cpu_writes);
	job->sync_reads = touched && (always || s->cpu_reads);
	job->sync_refills = touched && s->cpu_refills;
	job->sync_copies = possible && job->traits->copies && !shadowed;
	/* Not a matter of caches: without them fio would see other data. */
	job->shadow_writes = shadowed && (always || s->cpu_writes);
	job->shadow_reads = shadowed && (always || s->cpu_reads);
}

/* The host buffers of path staged: a piece of them for each of the buffer. */
static int alloc_bounce(struct dmabuf_job *job, struct dmabuf_error *err)
{
	struct dmabuf_source host;
	struct dmabuf_plan plan = {
		.chunks = job->buffer.plan.pieces,
		.pieces = job->buffer.plan.pieces,
	};
	int ret = dmabuf_source_parse(&host, "memory", err);

	return ret ? ret : dmabuf_buffer_alloc(&job->bounce, &host, &plan,
					       false, err);
}

/* Opens the source and plans with what it says of itself. */
static int plan_memory(struct dmabuf_job *job, struct dmabuf_layout *layout,
		       struct dmabuf_plan *plan, struct dmabuf_error *err)
{
	struct dmabuf_settings *s = &job->settings;
	int ret;

	if (!job->traits->uses_dmabuf &&
	    (s->place != DMABUF_PLACE_PACKED || s->size))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_path=%s: without a dma-buf there is nothing to place slices in; leave dmabuf_place and dmabuf_size out",
			job->traits->name);
	ret = dmabuf_source_open(&s->source, err);
	if (ret)
		return ret;
	layout->granule = s->source.granule;
	layout->align = sysconf(_SC_PAGESIZE);
	/* Huge pages themselves are mapped whole. */
	if (job->traits->maps_backing)
		layout->align = layout->granule;
	layout->place = s->place;
	layout->size = s->size;
	layout->seed = s->seed;
	layout->chunk_max = s->chunk_max;
	if (!layout->chunk_max)
		ret = dmabuf_source_limit(&s->source, &layout->chunk_max, err);
	return ret ? ret : dmabuf_place_plan(layout, plan, err);
}

int dmabuf_job_alloc(struct dmabuf_job *job, struct dmabuf_layout *layout,
		     struct dmabuf_error *err)
{
	struct dmabuf_plan plan;
	int ret;

	ret = plan_memory(job, layout, &plan, err);
	if (!ret)
		ret = dmabuf_buffer_alloc(&job->buffer, &job->settings.source,
					  &plan, job->traits->maps_backing,
					  err);
	if (ret)
		goto free_job;

	job->slots = calloc(plan.pieces.nr, sizeof(*job->slots));
	job->open = calloc(layout->units, sizeof(*job->open));
	job->units = layout->units;
	if (!job->slots || !job->open) {
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
	dmabuf_source_close(&job->settings.source);
	free(job->slots);
	free(job->open);
	job->slots = NULL;
	job->open = NULL;
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

/* What lies at piece @i of fio's range is at @target, in slot @index. */
static void aim_slot(struct dmabuf_job *job, unsigned int i, uint64_t target,
		     uint32_t index)
{
	job->slots[i].bias = target -
		(uintptr_t)dmabuf_buffer_address(&job->buffer, i);
	job->slots[i].index = index;
}

/* Of the dma-buf itself: one that was given may be larger than the chunk. */
static uint64_t whole_size(const struct dmabuf_chunk *chunk)
{
	off_t size = lseek(chunk->fd, 0, SEEK_END);

	return size > 0 ? (uint64_t)size : chunk->size;
}

static int register_direct(struct dmabuf_job *job, struct dmabuf_error *err)
{
	const struct dmabuf_buffer *buffer = &job->buffer;
	unsigned int chunks = buffer->plan.chunks.nr, nr, i, failed;
	struct dmabuf_pair *pairs;
	uint64_t start;
	int ret;

	ret = dmabuf_interface_get(&job->interface, err);
	if (ret)
		return ret;
	if ((uint64_t)chunks * job->nr_files > DMABUF_SLOTS_MAX)
		return dmabuf_error_set(err, -EINVAL,
			"io_uring: %u buffers for %u files are more than its %u slots; raise dmabuf_chunk, or lower iodepth or nrfiles",
			chunks, job->nr_files, DMABUF_SLOTS_MAX);

	nr = chunks * job->nr_files;
	pairs = calloc(nr, sizeof(*pairs));
	if (!pairs)
		return dmabuf_error_no_memory(err, "iodepth",
					      "lower it or nrfiles");
	for (i = 0; i < nr; i++) {
		pairs[i].dmabuf_fd = buffer->chunks[i % chunks].fd;
		pairs[i].target_fd = job->files[i / chunks].fd;
	}
	start = dmabuf_clock();
	ret = dmabuf_register_dmabufs(&job->ring, &job->interface, pairs, nr,
				      &failed);
	job->times.register_ns += dmabuf_clock() - start;
	free(pairs);
	if (ret) {
		io_uring_unregister_buffers(&job->ring);
		return dmabuf_refused(job, &job->files[failed / chunks],
			whole_size(&buffer->chunks[failed % chunks]), ret,
			err);
	}

	job->slots_per_file = chunks;
	for (i = 0; i < buffer->plan.pieces.nr; i++)
		aim_slot(job, i, buffer->pieces[i].offset,
			 buffer->pieces[i].chunk);
	job->times.registrations += nr;
	return 0;
}

/* Ordinary buffers: the mapping itself, or what stands in for it. */
static int register_memory(struct dmabuf_job *job, struct dmabuf_error *err)
{
	struct dmabuf_buffer *buffer =
		job->traits->copies ? &job->bounce : &job->buffer;
	const struct dmabuf_cut *pieces = &buffer->plan.pieces;
	unsigned int nr = pieces->nr, i;
	struct iovec *iovecs;
	uint64_t start;
	int ret;

	iovecs = calloc(nr, sizeof(*iovecs));
	if (!iovecs)
		return dmabuf_error_no_memory(err, "iodepth", "lower it");
	for (i = 0; i < nr; i++) {
		iovecs[i].iov_base = dmabuf_buffer_address(buffer, i);
		iovecs[i].iov_len = dmabuf_cut_size(pieces, i);
		aim_slot(job, i, (uintptr_t)iovecs[i].iov_base, i);
	}
	start = dmabuf_clock();
	ret = dmabuf_register_memory(&job->ring, iovecs, nr, err);
	job->times.register_ns += dmabuf_clock() - start;
	free(iovecs);
	if (ret)
		return ret;
	job->slots_per_file = 0;
	job->times.registrations += nr;
	return 0;
}

/* Nothing is registered: plain requests go to the source's own mapping. */
static void point_at_windows(struct dmabuf_job *job)
{
	const struct dmabuf_buffer *buffer = &job->buffer;
	unsigned int i;

	for (i = 0; i < buffer->plan.pieces.nr; i++) {
		const struct dmabuf_piece *piece = &buffer->pieces[i];
		void *window = buffer->chunks[piece->chunk].window;

		aim_slot(job, i, (uintptr_t)window + piece->offset, 0);
	}
	job->slots_per_file = 0;
}

/* So that it need not be waited for when it is to be taken away. */
static int watch_device(struct dmabuf_job *job, struct dmabuf_error *err)
{
	int watch = job->settings.source.watch, ret;

	if (watch < 0 || job->settings.ring.iopoll)
		return 0;
	ret = dmabuf_queue_watch(&job->queue, watch);
	return ret ? dmabuf_error_set(err, ret,
		"io_uring: cannot watch the device of dmabuf_source=%s: %s; see the kernel log",
		job->settings.source.name, strerror(-ret)) : 0;
}

int dmabuf_job_register(struct dmabuf_job *job, struct dmabuf_error *err)
{
	bool direct = job->settings.path == DMABUF_PATH_DIRECT;
	bool plain = job->settings.source.kind->unregistered;
	int ret = 0;

	job->read_opcode = plain ? IORING_OP_READ : IORING_OP_READ_FIXED;
	if (plain)
		point_at_windows(job);
	else
		ret = direct ? register_direct(job, err) :
			       register_memory(job, err);
	if (ret)
		return ret;
	job->registered = true;
	if ((direct || plain) && job->settings.warmup)
		ret = dmabuf_warmup(job, err);
	return ret ? ret : watch_device(job, err);
}

void dmabuf_job_close(struct dmabuf_job *job)
{
	unsigned int i;

	dmabuf_queue_free(&job->queue);
	if (job->ring_ready)
		io_uring_queue_exit(&job->ring);
	job->ring_ready = false;
	for (i = 0; i < job->open_files; i++) {
		close(job->files[i].fd);
		free(job->files[i].name);
	}
	free(job->files);
	job->files = NULL;
	job->nr_files = 0;
	job->open_files = 0;
}
