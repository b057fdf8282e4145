/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random requests, good and bad, several in flight. Those in flight together
 * never touch the same bytes in a way that would make their order count.
 */
#include <errno.h>
#include <string.h>

#include "world.h"

#define LENGTH_MAX	(64U << 10)
#define REISSUES	1000

struct batch {
	unsigned int nr;
	struct io ios[BATCH_MAX];
	struct answers answers[BATCH_MAX];
	int res[BATCH_MAX];
};

/* ---- choosing ---- */

static unsigned int choose_slot(struct world *world)
{
	const struct model *model = &world->model;
	unsigned int tries, slot;

	if (!model->slots || chance(world, 3))
		return model->nr_slots + below(world, 3);
	/* A refusal must have left it alone. */
	if (world->refused_slot < model->nr_slots && chance(world, 5))
		return world->refused_slot;
	for (tries = 0; tries < 32; tries++) {
		slot = chance(world, 10) ? model->nr_slots - 1 :
		       below(world, model->nr_slots < 24 ? model->nr_slots :
							   24);
		if (model->slots[slot].buffer || chance(world, 2))
			break;
	}
	return slot;
}

static bool usable(const struct world *world, const struct file *file)
{
	return file->target == TARGET_NVME ||
		(file->target == TARGET_BUFFERED && !world->model.iopoll);
}

/* The file the slot is for, if it still can be named; else some other */
static void choose_file(struct world *world, const struct slot *slot,
			struct io *io)
{
	unsigned int tries, which;

	io->fixed = -1;
	io->fd = BAD_FD;
	if (chance(world, 1))
		return;
	for (tries = 0; tries < 64; tries++) {
		bool wanted = slot && slot->file && tries < 48 &&
			!chance(world, 2);
		const struct file *file;

		which = below(world, FIXED_MAX + FILES_MAX);
		file = which < FIXED_MAX ? world->fixed[which] :
					   world->files[which - FIXED_MAX];
		if (!file || !usable(world, file) ||
		    (wanted && file != slot->file))
			continue;
		/* Buffered I/O on a drive is nobody's subject here. */
		if (file->target == TARGET_BUFFERED && !(slot && slot->file))
			continue;
		io->file = file;
		if (which < FIXED_MAX)
			io->fixed = which;
		else
			io->fd = file_any_fd(world, file);
		return;
	}
}

static void choose_fault(struct world *world, const struct slot *slot,
			 struct io *io)
{
	switch (below(world, 6)) {
	case 0:
		/* Some kernels take that in ordinary memory. */
		if (slot && slot->file)
			io->offset += 1 + below(world, 3);
		break;
	case 1:
		io->length -= 4 * (1 + below(world, 100));
		break;
	case 2:
		io->position += 4 * (1 + below(world, 100));
		break;
	case 3:
		io->offset = io->buffer ? io->buffer->size -
				below(world, io->length / 4) * 4 : 0;
		break;
	case 4:
		io->offset = chance(world, 50) ? 1ULL << 32 : 1ULL << 63;
		break;
	case 5:
		/* An address, as for ordinary memory */
		if (slot && slot->file)
			io->offset = (uintptr_t)world->unmapped;
		break;
	}
}

static void choose_io(struct world *world, struct io *io)
{
	const struct slot *slot;
	uint32_t block = world->model.block;
	uint64_t room;

	memset(io, 0, sizeof(*io));
	io->write = chance(world, 50);
	io->async = chance(world, 15);
	io->slot = choose_slot(world);
	slot = model_slot(&world->model, io->slot);
	io->buffer = slot ? slot->buffer : NULL;
	choose_file(world, slot, io);
	room = io->buffer ? io->buffer->size : LENGTH_MAX;
	io->length = chance(world, 50) ? LENGTH_MAX : 16384;
	if (io->length > room)
		io->length = room;
	io->length = block * (1 + below(world, io->length / block));
	io->offset = 4 * below(world, (room - io->length) / 4 + 1);
	/* Kernels differ in what they ask of ordinary memory. */
	if (chance(world, 50) || (slot && slot->buffer && !slot->file))
		io->offset = io->offset / block * block;
	io->position = block * below(world, (REGION - io->length) / block + 1);
	if (chance(world, 12))
		choose_fault(world, slot, io);
	if (chance(world, 1))
		choose_fault(world, slot, io);
}

static bool conflicts(const struct batch *batch, const struct io *io)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
		if (model_io_conflict(&batch->ios[i], io))
			return true;
	return false;
}

static void choose_batch(struct world *world, struct batch *batch)
{
	unsigned int wanted = chance(world, 40) ? 1 :
			      1 + below(world, BATCH_MAX);
	struct io io;

	memset(batch, 0, sizeof(*batch));
	while (wanted--) {
		choose_io(world, &io);
		if (conflicts(batch, &io))
			continue;
		model_io(&world->model, &io, &batch->answers[batch->nr]);
		batch->ios[batch->nr++] = io;
		note(world, "%s slot %u offset %llu length %u buffer %p file %p fd %d fixed %d position %llu%s",
		     io.write ? "write" : "read", io.slot,
		     (unsigned long long)io.offset, io.length, io.buffer,
		     io.file, io.fd, io.fixed,
		     (unsigned long long)io.position,
		     io.async ? " async" : "");
	}
}

/* ---- doing ---- */

static void prepare(struct world *world, const struct io *io,
		    unsigned int number)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&world->ring);
	uint64_t address = io->offset;

	if (!sqe)
		broken(world, "the submission queue is full");
	if (io->buffer && io->buffer->memory == MEMORY_ORDINARY)
		address += (uintptr_t)io->buffer->map;
	if (io->write)
		io_uring_prep_write_fixed(sqe, io->fd, NULL, io->length,
					  io->position, io->slot);
	else
		io_uring_prep_read_fixed(sqe, io->fd, NULL, io->length,
					 io->position, io->slot);
	sqe->addr = address;
	if (io->fixed >= 0) {
		sqe->fd = io->fixed;
		sqe->flags |= IOSQE_FIXED_FILE;
	}
	if (io->async)
		sqe->flags |= IOSQE_ASYNC;
	sqe->user_data = number;
}

static void submit(struct world *world)
{
	int ret;

	do {
		ret = io_uring_submit(&world->ring);
		if (ret < 0 && ret != -EINTR)
			broken(world, "submit: %s", strerror(-ret));
	} while (io_uring_sq_ready(&world->ring) &&
		 !(world->ring.flags & IORING_SETUP_SQPOLL));
}

static void submit_batch(struct world *world, const struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
		prepare(world, &batch->ios[i], i);
	submit(world);
}

/* -EAGAIN is no answer to a right request: the same again. */
static void reap_batch(struct world *world, struct batch *batch)
{
	unsigned int left = batch->nr, reissued = 0, number;
	struct io_uring_cqe *cqe;
	int ret;

	while (left) {
		ret = io_uring_wait_cqe(&world->ring, &cqe);
		if (ret == -EINTR || ret == -EAGAIN)
			continue;
		if (ret)
			broken(world, "wait: %s", strerror(-ret));
		number = cqe->user_data;
		if (number >= batch->nr)
			broken(world, "user_data %u", number);
		batch->res[number] = cqe->res;
		io_uring_cqe_seen(&world->ring, cqe);
		if (batch->res[number] == -EAGAIN && reissued++ < REISSUES) {
			prepare(world, &batch->ios[number], number);
			submit(world);
			continue;
		}
		left--;
	}
}

/* ---- comparing ---- */

static void tally_good(const struct world *world, const struct io *io,
		       const struct slot *slot)
{
	bool dmabuf = io->buffer->memory != MEMORY_ORDINARY;

	tally("io: %s %s", io->write ? "write" : "read",
	      dmabuf ? "dma-buf" : "memory");
	if (!dmabuf)
		return;
	if (io->async)
		tally("io: async");
	if (io->fixed >= 0)
		tally("io: registered file");
	else if (io->fd == io->file->fd[1])
		tally("io: dup of the target");
	if (io->offset % 512)
		tally("io: offset of 4 bytes");
	if (io->buffer->fd < 0)
		tally("io: dma-buf fd closed");
	if (!io->buffer->map)
		tally("io: dma-buf gone from this process");
	if (io->file->fd[0] < 0)
		tally("io: target fd closed");
	if (io->file->fd[0] < 0 && io->buffer->fd < 0)
		tally("io: both fds closed");
}

static void tally_bad(const struct world *world, const struct io *io,
		      const struct slot *slot)
{
	bool aligned = !(io->position % world->model.block) &&
		!(io->length % world->model.block);

	if (!slot) {
		tally("io: beyond the table");
	} else if (!slot->buffer) {
		tally("io: empty slot");
	} else if (!io->file) {
		tally("io: bad fd");
	} else if (slot->file && io->file != slot->file) {
		tally("io: other file");
		if (io->file->drive == slot->file->drive)
			tally("io: other file of the same drive");
	} else if (slot->file && io->offset == (uintptr_t)world->unmapped) {
		tally("io: address instead of an offset");
	} else if (io->offset > slot->buffer->size ||
		   io->length > slot->buffer->size - io->offset) {
		tally("io: beyond the end");
	} else if (io->offset % 4 && aligned) {
		tally("io: offset of 1 byte");
	} else if (io->length % world->model.block && !(io->offset % 4)) {
		tally("io: length");
	} else if (!(io->offset % 4)) {
		tally("io: position");
	}
}

static void check_io(struct world *world, const struct io *io,
		     const struct slot *slot, int res,
		     const struct answers *answers)
{
	compare(world, "io", res, answers);
	if (res < 0)
		tally_bad(world, io, slot);
	else
		tally_good(world, io, slot);
	model_io_done(&world->model, io, res);
}

static void compare_batch(const struct world *world,
			  const struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++) {
		const struct io *io = &batch->ios[i];

		if (io->buffer)
			buffer_compare(world, io->buffer, io->offset,
				       io->length);
		if (io->file)
			drive_compare(world, io->file->drive, io->position,
				      io->length);
	}
}

void step_io(struct world *world)
{
	struct batch batch;
	unsigned int i;

	choose_batch(world, &batch);
	submit_batch(world, &batch);
	reap_batch(world, &batch);
	for (i = 0; i < batch.nr; i++)
		check_io(world, &batch.ios[i],
			 model_slot(&world->model, batch.ios[i].slot),
			 batch.res[i], &batch.answers[i]);
	compare_batch(world, &batch);
	if (batch.nr > 4)
		tally("io: several in flight");
}

/*
 * The table goes while requests are on their way: each may find its slot or
 * find it gone.
 */
void step_unregister_in_flight(struct world *world)
{
	struct answers answers = { .nr = 0 };
	struct buffer *held[BATCH_MAX];
	struct batch batch;
	unsigned int i;
	int ret;

	/* Nobody would poll for them while the call waits. */
	if (world->model.iopoll || !world->model.slots)
		return;
	choose_batch(world, &batch);
	for (i = 0; i < batch.nr; i++) {
		answers_add(&batch.answers[i], -EFAULT);
		held[i] = batch.ios[i].buffer;
		if (held[i])
			held[i]->refs++;
	}
	submit_batch(world, &batch);
	model_unregister(&world->model, &answers);
	ret = kernel_unregister(world);
	compare(world, "unregister", ret, &answers);
	model_unregister_done(&world->model, ret);
	reap_batch(world, &batch);
	for (i = 0; i < batch.nr; i++) {
		compare(world, "io", batch.res[i], &batch.answers[i]);
		model_io_done(&world->model, &batch.ios[i], batch.res[i]);
		if (batch.res[i] > 0)
			tally("io: outlives its table");
	}
	compare_batch(world, &batch);
	for (i = 0; i < batch.nr; i++)
		buffer_put(held[i]);
}
