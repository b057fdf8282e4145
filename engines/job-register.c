/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers the memory of a job with its ring: the dma-bufs for each file on
 * path direct, ordinary buffers on the others, nothing where the source takes
 * plain requests. Fills in the slots that the SQEs are made from, and warms
 * up what was registered.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "job.h"
#include "refusal.h"
#include "warmup.h"

/*
 * I/O to piece @i of fio's range goes to @target of slot @index: an address, or
 * an offset in the dma-buf.
 */
static void set_slot(struct dmabuf_job *job, unsigned int i, uint64_t target,
		     uint32_t index)
{
	job->slots[i].bias = target -
		(uintptr_t)dmabuf_buffer_address(&job->buffer, i);
	job->slots[i].index = index;
}

/* Of the whole dma-buf: one that was handed over may exceed the chunk. */
static uint64_t exported_size(const struct dmabuf_chunk *chunk)
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
			"io_uring: %u buffers for %u files need more than %u slots; raise dmabuf_chunk, or lower iodepth or nrfiles",
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
	job->stats.register_ns += dmabuf_clock() - start;
	free(pairs);
	if (ret) {
		io_uring_unregister_buffers(&job->ring);
		return dmabuf_refusal_explain(job,
			&job->files[failed / chunks],
			exported_size(&buffer->chunks[failed % chunks]),
			ret, err);
	}

	job->slots_per_file = chunks;
	for (i = 0; i < buffer->plan.pieces.nr; i++)
		set_slot(job, i, buffer->pieces[i].offset,
			 buffer->pieces[i].chunk);
	job->stats.registrations += nr;
	return 0;
}

/* Ordinary buffers: the CPU mapping, or the bounce buffers of path staged. */
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
		set_slot(job, i, (uintptr_t)iovecs[i].iov_base, i);
	}
	start = dmabuf_clock();
	ret = dmabuf_register_memory(&job->ring, iovecs, nr, err);
	job->stats.register_ns += dmabuf_clock() - start;
	free(iovecs);
	if (ret)
		return ret;
	job->slots_per_file = 0;
	job->stats.registrations += nr;
	return 0;
}

/* Nothing is registered: plain requests use the source's own mapping. */
static void use_windows(struct dmabuf_job *job)
{
	const struct dmabuf_buffer *buffer = &job->buffer;
	unsigned int i;

	for (i = 0; i < buffer->plan.pieces.nr; i++) {
		const struct dmabuf_piece *piece = &buffer->pieces[i];
		void *window = buffer->chunks[piece->chunk].window;

		set_slot(job, i, (uintptr_t)window + piece->offset, 0);
	}
	job->slots_per_file = 0;
}

/* A device that is being removed waits for the job: this ends the job. */
static int watch_device(struct dmabuf_job *job, struct dmabuf_error *err)
{
	int watch = job->source.watch, ret;

	if (watch < 0 || job->settings.ring.iopoll)
		return 0;
	ret = dmabuf_queue_watch(&job->queue, watch);
	return ret ? dmabuf_error_set(err, ret,
		"io_uring: cannot watch the device of dmabuf_source=%s: %s; see the kernel log",
		job->source.name, strerror(-ret)) : 0;
}

int dmabuf_job_register(struct dmabuf_job *job, struct dmabuf_error *err)
{
	bool direct = job->settings.path == DMABUF_PATH_DIRECT;
	bool plain = job->settings.source.kind->unregistered;
	int ret = 0;

	job->read_opcode = plain ? IORING_OP_READ : IORING_OP_READ_FIXED;
	if (plain)
		use_windows(job);
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
