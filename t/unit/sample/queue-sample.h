/* SPDX-License-Identifier: GPL-2.0-only */
/* A queue on a ring in memory, whose kernel answers from a list. */
#ifndef QUEUE_SAMPLE_H
#define QUEUE_SAMPLE_H

#include "queue.h"

#define DEPTH		8
#define SAMPLE_ANSWERS	64

struct queue_sample {
	struct io_uring ring;
	struct dmabuf_queue queue;
	struct io_uring_sqe seen[SAMPLE_ANSWERS];
	unsigned int nr_seen;
	int answers[SAMPLE_ANSWERS];
	unsigned int nr_answers;
};

extern struct queue_sample queue_sample;

/* @flags are those of the ring, as SQPOLL. */
void queue_sample_begin(unsigned int flags);
/* All units must have completed. */
void queue_sample_end(void);

/* Results of the SQEs to come; full transfers after that. */
void queue_sample_answers(unsigned int nr, const int *list);
void queue_sample_answer_all(int result);

/* Starts unit @index. */
void queue_sample_start(uint32_t index, uint8_t opcode, uint32_t len);
/* The unit that the last reap returned in completed[@i]. */
unsigned int queue_sample_done(unsigned int i);
/* A bit for each of the @nr units that it returned. */
unsigned int queue_sample_set(unsigned int nr);

#endif
