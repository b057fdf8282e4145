/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Closes a ring with requests in flight. Which of them still complete is not
 * defined, so they use a separate buffer and separate parts of a drive. Every
 * byte of that buffer must be the old one or the one read. A later comparison
 * catches a request that completes too late, into memory used by others.
 */
#include <errno.h>
#include <string.h>

#include "kernel.h"
#include "objects.h"
#include "run.h"
#include "steps.h"
#include "tally.h"

#define PIECE	8192

static void prepare_table(struct run *run)
{
	struct answers answers = { .nr = 0 };

	if (run->model.slots)
		return;
	model_table(&run->model, 4, &answers);
	compare(run, "table", kernel_table(run, 4), &answers);
	model_table_done(&run->model, 4, 0);
}

/* Into slot 0; false where an IOPOLL ring cannot register a dma-buf. */
static bool register_apart(struct run *run, struct buffer *buffer,
			   const struct file *file)
{
	struct answers answers = { .nr = 0 };
	struct update update = { .extended = true, .nr = 1 };
	int ret;

	update.descriptors[0].kind = KIND_DMABUF;
	update.descriptors[0].target = file;
	update.descriptors[0].buffer = buffer;
	model_update(&run->model, &update, &answers);
	ret = kernel_update(run, &update);
	compare(run, "update", ret, &answers);
	model_update_done(&run->model, &update, ret);
	return ret == 1;
}

/* Reads into the upper half of the buffer, writes from the lower one. */
static void submit_apart(struct run *run, const struct file *file)
{
	unsigned int i;

	for (i = 0; i < 2 * BATCH_MAX && i < APART / PIECE; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&run->ring);
		uint64_t offset = i * PIECE;

		if (offset >= APART / 2)
			io_uring_prep_read_fixed(sqe, file->fd[0], NULL, PIECE,
						 REGION + offset, 0);
		else
			io_uring_prep_write_fixed(sqe, file->fd[0], NULL,
						  PIECE,
						  REGION + APART + offset, 0);
		sqe->addr = offset;
		if (chance(run, 30))
			sqe->flags |= IOSQE_ASYNC;
	}
	io_uring_submit(&run->ring);
}

/* The drive holds 0x5a where the requests read; any of it may arrive. */
static void compare_apart(const struct run *run,
			  const struct buffer *buffer)
{
	unsigned int at;

	for (at = 0; at < APART; at++) {
		uint8_t byte = buffer->map[at];

		if (byte != buffer->contents[at] &&
		    (at < APART / 2 || byte != 0x5a))
			fail(run,
			     "wrong data at %u after closing the ring", at);
	}
}

/* The other steps leave a free place for the buffer and for the file. */
void step_close_in_flight(struct run *run)
{
	struct buffer *buffer = buffer_new(run, below(run, 2), APART);
	struct file *file = file_new(run, TARGET_NVME);
	bool in_flight;
	unsigned int i;

	for (i = 0; run->files[i] != file; i++)
		;
	prepare_table(run);
	in_flight = register_apart(run, buffer, file);
	if (in_flight)
		submit_apart(run, file);
	/* A submission thread needs the fds until it has seen the requests. */
	if (!(run->ring.flags & IORING_SETUP_SQPOLL) && chance(run, 50)) {
		file_close(run, i, 0);
		file_close(run, i, 1);
		ring_close(run);
	} else {
		ring_close(run);
		file_close(run, i, 0);
		file_close(run, i, 1);
	}
	if (in_flight) {
		compare_apart(run, buffer);
		tally("ring: closed with requests in flight");
	}
	for (i = 0; run->buffers[i] != buffer; i++)
		;
	buffer_drop(run, i);
}
