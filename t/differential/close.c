/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring is closed with requests in flight. Nobody can say which of them are
 * still done, so they have a buffer and parts of a drive of their own; each
 * byte of that buffer must be what it was or what was read. A request that
 * is done too late, into memory that others have by then, shows there.
 */
#include <errno.h>
#include <string.h>

#include "world.h"

#define PIECE	8192

static void prepare_table(struct world *world)
{
	struct answers answers = { .nr = 0 };

	if (world->model.slots)
		return;
	model_table(&world->model, 4, &answers);
	compare(world, "table", kernel_table(world, 4), &answers);
	model_table_done(&world->model, 4, 0);
}

/* Whether slot 0 has it: not on an IOPOLL ring that refuses. */
static bool register_apart(struct world *world, struct buffer *buffer,
			   const struct file *file)
{
	struct answers answers = { .nr = 0 };
	struct update update = { .extended = true, .nr = 1 };
	int ret;

	update.descriptors[0].kind = KIND_DMABUF;
	update.descriptors[0].target = file;
	update.descriptors[0].buffer = buffer;
	model_update(&world->model, &update, &answers);
	ret = kernel_update(world, &update);
	compare(world, "update", ret, &answers);
	model_update_done(&world->model, &update, ret);
	return ret == 1;
}

/* The upper half of the buffer is read into, the lower one written from. */
static void submit_apart(struct world *world, const struct file *file)
{
	unsigned int i;

	for (i = 0; i < 2 * BATCH_MAX && i < APART / PIECE; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&world->ring);
		uint64_t offset = i * PIECE;

		if (offset >= APART / 2)
			io_uring_prep_read_fixed(sqe, file->fd[0], NULL, PIECE,
						 REGION + offset, 0);
		else
			io_uring_prep_write_fixed(sqe, file->fd[0], NULL,
						  PIECE,
						  REGION + APART + offset, 0);
		sqe->addr = offset;
		if (chance(world, 30))
			sqe->flags |= IOSQE_ASYNC;
	}
	io_uring_submit(&world->ring);
}

/* The part that is read holds 0x5a throughout; it may just be arriving. */
static void compare_apart(const struct world *world,
			  const struct buffer *buffer)
{
	unsigned int at;

	for (at = 0; at < APART; at++) {
		uint8_t byte = buffer->map[at];

		if (byte != buffer->contents[at] &&
		    (at < APART / 2 || byte != 0x5a))
			broken(world,
			       "wrong data at %u after closing the ring", at);
	}
}

/* step_any() leaves a place for each. */
void step_close_in_flight(struct world *world)
{
	struct buffer *buffer = buffer_new(world, below(world, 2), APART);
	struct file *file = file_new(world, TARGET_NVME);
	bool in_flight;
	unsigned int i;

	for (i = 0; world->files[i] != file; i++)
		;
	prepare_table(world);
	in_flight = register_apart(world, buffer, file);
	if (in_flight)
		submit_apart(world, file);
	/* Before a submission thread has seen them, fds must stay. */
	if (!(world->ring.flags & IORING_SETUP_SQPOLL) && chance(world, 50)) {
		file_close(world, i, 0);
		file_close(world, i, 1);
		ring_close(world);
	} else {
		ring_close(world);
		file_close(world, i, 0);
		file_close(world, i, 1);
	}
	if (in_flight) {
		compare_apart(world, buffer);
		tally("ring: closed with requests in flight");
	}
	for (i = 0; world->buffers[i] != buffer; i++)
		;
	buffer_drop(world, i);
}
