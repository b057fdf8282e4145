/* SPDX-License-Identifier: GPL-2.0-only */
/* The queue of the step by step tests, and the SQEs that it sends. */
#include "t/unit/check.h"
#include "t/unit/fake/fake-ring.h"
#include "queue-sample.h"

struct queue_sample queue_sample;

static int answer(const struct io_uring_sqe *sqe)
{
	struct queue_sample *s = &queue_sample;
	unsigned int i = s->nr_seen++ % SAMPLE_ANSWERS;

	s->seen[i] = *sqe;
	if (i < s->nr_answers)
		return s->answers[i];
	return sqe->opcode == IORING_OP_FSYNC ? 0 : (int)sqe->len;
}

void queue_sample_begin(unsigned int flags)
{
	struct queue_sample *s = &queue_sample;

	fake_ring_make(&s->ring, DEPTH, flags);
	CHECK_INT(dmabuf_queue_init(&s->queue, &s->ring, DEPTH), 0);
	fake_kernel.answer = answer;
	fake_kernel.polled = flags & IORING_SETUP_SQPOLL;
	queue_sample_answers(0, NULL);
}

void queue_sample_end(void)
{
	struct queue_sample *s = &queue_sample;

	CHECK_INT(s->queue.unsent, 0);
	CHECK_INT(s->queue.in_flight, 0);
	dmabuf_queue_free(&s->queue);
	fake_ring_destroy(&s->ring);
}

void queue_sample_answers(unsigned int nr, const int *list)
{
	struct queue_sample *s = &queue_sample;

	s->nr_seen = 0;
	for (s->nr_answers = 0; s->nr_answers < nr; s->nr_answers++)
		s->answers[s->nr_answers] = list[s->nr_answers];
}

void queue_sample_answer_all(int result)
{
	int list[SAMPLE_ANSWERS], i;

	for (i = 0; i < SAMPLE_ANSWERS; i++)
		list[i] = result;
	queue_sample_answers(SAMPLE_ANSWERS, list);
}

void queue_sample_start(uint32_t index, uint8_t opcode, uint32_t len)
{
	struct dmabuf_unit *unit = &queue_sample.queue.units[index];
	struct io_uring_sqe *sqe = &unit->sqe;

	sqe->opcode = opcode;
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->fd = 3;
	sqe->off = 0x100000 + index * 0x1000;
	sqe->addr = 0x7000 + index * 0x1000;
	sqe->len = len;
	sqe->buf_index = 5;
	sqe->ioprio = 0x4004;
	dmabuf_queue_start(&queue_sample.queue, unit);
}

unsigned int queue_sample_done(unsigned int i)
{
	return queue_sample.queue.completed[i] - queue_sample.queue.units;
}

unsigned int queue_sample_set(unsigned int nr)
{
	unsigned int set = 0;

	while (nr--)
		set |= 1 << queue_sample_done(nr);
	return set;
}
