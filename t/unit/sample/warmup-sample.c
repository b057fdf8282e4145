/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Three chunks registered for each of two drives. A drive answers a read with
 * the block, with another block, with a part, or with nothing but success.
 */
#include <string.h>
#include <unistd.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "warmup-sample.h"

struct warmup_sample warmup_sample;

static int drive(const struct io_uring_sqe *sqe)
{
	struct warmup_sample *s = &warmup_sample;
	struct io_uring_sqe part = *sqe;
	unsigned int n = s->reads++, i;
	char before[CHUNK], *to;
	int ret;

	if (n < s->script_length)
		return s->script[n];
	s->slots_read |= 1 << sqe->buf_index;
	if (s->piecemeal && part.len > s->piecemeal)
		part.len = s->piecemeal;
	to = fake_map_of(fake_registry.slot[sqe->buf_index].dmabuf_fd,
			 sqe->addr);
	memcpy(before, to, part.len);
	ret = fake_drive(&part);
	if (ret < 0)
		return ret;
	if (s->spoiled) {
		for (i = s->spoiled_from; i < part.len; i++)
			to[i] ^= 1 + i % 100;
		s->spoiled--;
	}
	memcpy(to + s->lost_from, before + s->lost_from, s->lost_bytes);
	return ret;
}

static void open_drives(struct warmup_sample *s, int *fds)
{
	static char names[FILES][16] = { "/dev/nvme0n1", "/dev/nvme1n1" };
	unsigned int i;

	for (i = 0; i < FILES; i++) {
		s->files[i].name = names[i];
		s->files[i].fd = fake_fd(names[i]);
		fds[i] = s->files[i].fd;
	}
	s->job.files = s->files;
	s->job.nr_files = FILES;
	CHECK_INT(io_uring_register_files(&s->job.ring, fds, FILES), 0);
}

static void register_chunks(struct warmup_sample *s, const int *fds)
{
	struct dmabuf_interface iface = { DMABUF_FAMILY_B, 2, "B" };
	struct dmabuf_pair pairs[CHUNKS * FILES];
	unsigned int i, failed;

	for (i = 0; i < CHUNKS * FILES; i++) {
		pairs[i].dmabuf_fd = s->job.buffer.chunks[i % CHUNKS].fd;
		pairs[i].target_fd = fds[i / CHUNKS];
	}
	fake_registry.interface = FAKE_B_V5;
	fake_registry.dmabuf_size = CHUNK;
	CHECK_INT(dmabuf_register_dmabufs(&s->job.ring, &iface, pairs,
					  CHUNKS * FILES, &failed), 0);
	s->job.slots_per_file = CHUNKS;
	s->job.slots = s->slots;
	for (i = 0; i < CHUNKS; i++) {
		s->slots[i].bias = -(uint64_t)(uintptr_t)
			(s->job.buffer.base + i * CHUNK);
		s->slots[i].index = i;
	}
}

void warmup_sample_begin(void)
{
	struct warmup_sample *s = &warmup_sample;
	struct dmabuf_cut cut = {
		.first = CHUNK,
		.span = CHUNK,
		.total = CHUNK * CHUNKS,
		.nr = CHUNKS,
	};
	struct dmabuf_plan plan = { .chunks = cut, .pieces = cut };
	struct dmabuf_job *job = &s->job;
	int fds[FILES];
	unsigned int i;

	fake_reset();
	fake_file("/dev/dma_heap/system", NULL);
	memset(s, 0, sizeof(*s));
	job->traits = dmabuf_path_traits(DMABUF_PATH_DIRECT);
	job->read_opcode = IORING_OP_READ_FIXED;
	CHECK_INT(dmabuf_source_parse(&job->settings.source, "heap", &s->err),
		  0);
	CHECK_INT(dmabuf_source_open(&job->source, &job->settings.source,
				     &s->err), 0);
	CHECK_INT(dmabuf_buffer_alloc(&job->buffer, &job->source, &plan, false,
				      &s->err), 0);
	fake_ring_make(&job->ring, 4, 0);
	CHECK_INT(dmabuf_queue_init(&job->queue, &job->ring, 4), 0);
	open_drives(s, fds);
	register_chunks(s, fds);
	fake_kernel.answer = drive;
	for (i = 0; i < CHUNK * CHUNKS; i++)
		job->buffer.base[i] = i * 7;
	fake.log[0] = '\0';
}

void warmup_sample_single(void)
{
	struct dmabuf_job *job = &warmup_sample.job;

	job->nr_files = 1;
	job->buffer.plan.chunks.nr = 1;
	job->buffer.plan.pieces.nr = 1;
}

bool warmup_sample_memory_is_as_before(void)
{
	const char *base = warmup_sample.job.buffer.base;
	unsigned int i;

	for (i = 0; i < CHUNK * CHUNKS; i++)
		if (base[i] != (char)(i * 7))
			return false;
	return true;
}

void warmup_sample_free(void)
{
	struct dmabuf_job *job = &warmup_sample.job;
	unsigned int i;

	for (i = 0; i < FILES; i++)
		close(warmup_sample.files[i].fd);
	dmabuf_queue_free(&job->queue);
	fake_ring_destroy(&job->ring);
	dmabuf_buffer_free(&job->buffer);
	CHECK_INT(fake_left(), 0);
}

void warmup_sample_end(void)
{
	const struct dmabuf_queue *queue = &warmup_sample.job.queue;

	CHECK(warmup_sample_memory_is_as_before());
	/* A unit that never read a block must not look as if it had. */
	CHECK_INT(queue->units[0].sqe.opcode, 0);
	CHECK(queue->units[0].sqe.user_data == (uintptr_t)queue->units);
	CHECK_INT(queue->in_flight, 0);
	CHECK_INT(queue->unsent, 0);
	CHECK_INT(queue->unexplained, 0);
	warmup_sample_free();
}

void warmup_sample_answers(unsigned int nr, const int *list)
{
	memcpy(warmup_sample.script, list, nr * sizeof(*list));
	warmup_sample.script_length = nr;
}
