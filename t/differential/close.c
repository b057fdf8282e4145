/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring is closed with requests in flight. Nobody can say which of them are
 * still done, so they have a buffer and parts of a drive of their own; each
 * block of that buffer must be what it was or what was read. A request that
 * is done too late, into memory that others have by then, shows there.
 */
#include <errno.h>
#include <string.h>

#include "world.h"

#define PIECE	8192

static bool prepare_table(struct world *world)
{
	struct answers answers = { .nr = 0 };

	if (world->model.slots)
		return true;
	model_table(&world->model, 4, &answers);
	compare(world, "table", kernel_table(world, 4), &answers);
	model_table_done(&world->model, 4, 0);
	return true;
}

static struct buffer *register_apart(struct world *world, struct file *file)
{
	struct answers answers = { .nr = 0 };
	struct update update = { .extended = true, .nr = 1 };
	int ret;

	update.descriptors[0].kind = KIND_DMABUF;
	update.descriptors[0].target = file;
	update.descriptors[0].buffer =
		buffer_new(world, below(world, 2), APART);
	model_update(&world->model, &update, &answers);
	ret = kernel_update(world, &update);
	compare(world, "update", ret, &answers);
	model_update_done(&world->model, &update, ret);
	return ret == 1 ? update.descriptors[0].buffer : NULL;
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

/* The part that is read holds 0x5a throughout. */
static void compare_apart(const struct world *world,
			  const struct buffer *buffer)
{
	static uint8_t read[512];
	uint64_t at;

	memset(read, 0x5a, sizeof(read));
	for (at = 0; at < APART; at += sizeof(read)) {
		if (!memcmp(buffer->map + at, buffer->contents + at,
			    sizeof(read)))
			continue;
		if (at >= APART / 2 &&
		    !memcmp(buffer->map + at, read, sizeof(read)))
			continue;
		broken(world, "wrong data at %llu after closing the ring",
		       (unsigned long long)at);
	}
}

/* The places taken are the last ones, which step_any() keeps free. */
void step_close_in_flight(struct world *world)
{
	struct file *file;
	struct buffer *buffer;
	unsigned int i, at;

	if (!prepare_table(world))
		return;
	file = file_new(world, TARGET_NVME);
	buffer = register_apart(world, file);
	if (buffer)
		submit_apart(world, file);
	for (at = 0; at < FILES_MAX && world->files[at] != file; at++)
		;
	/* Before a submission thread has seen them, fds must stay. */
	if (!(world->ring.flags & IORING_SETUP_SQPOLL) && chance(world, 50)) {
		file_close(world, at, 0);
		file_close(world, at, 1);
		at = FILES_MAX;
	}
	ring_close(world);
	if (at < FILES_MAX) {
		file_close(world, at, 0);
		file_close(world, at, 1);
	}
	for (i = 0; i < BUFFERS_MAX; i++) {
		if (!buffer || world->buffers[i] != buffer)
			continue;
		/* Reads are torn between two blocks at worst. */
		compare_apart(world, buffer);
		buffer_drop(world, i);
		tally("ring: closed with requests in flight");
		return;
	}
	for (i = 0; i < BUFFERS_MAX; i++)
		if (world->buffers[i] && world->buffers[i]->size == APART &&
		    !buffer)
			buffer_drop(world, i);
}
