/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random requests, good and bad, several in flight. No two that are in flight
 * together overlap so that the result depends on their order.
 */
#include <errno.h>
#include <string.h>

#include "kernel.h"
#include "objects.h"
#include "run.h"
#include "steps.h"
#include "tally.h"

#define LENGTH_MAX	(64U << 10)
#define REISSUES	1000

struct batch {
	unsigned int nr;
	struct io ios[BATCH_MAX];
	struct answers answers[BATCH_MAX];
	int res[BATCH_MAX];
};

/* ---- choosing ---- */

static unsigned int choose_slot(struct run *run)
{
	const struct model *model = &run->model;
	unsigned int tries, slot;

	if (!model->slots || chance(run, 3))
		return model->nr_slots + below(run, 3);
	/* The refused update must not have changed this slot. */
	if (run->refused_slot < model->nr_slots && chance(run, 5))
		return run->refused_slot;
	for (tries = 0; tries < 32; tries++) {
		slot = chance(run, 10) ? model->nr_slots - 1 :
		       below(run, model->nr_slots < 24 ? model->nr_slots :
							   24);
		if (model->slots[slot].buffer || chance(run, 2))
			break;
	}
	return slot;
}

static bool usable(const struct run *run, const struct file *file)
{
	return file->target == TARGET_NVME ||
		(file->target == TARGET_BUFFERED && !run->model.iopoll);
}

/* The slot's target if it is still open, otherwise some other file */
static void choose_file(struct run *run, const struct slot *slot,
			struct io *io)
{
	unsigned int tries, which;

	io->fixed = -1;
	io->fd = BAD_FD;
	if (chance(run, 1))
		return;
	for (tries = 0; tries < 64; tries++) {
		bool wanted = slot && slot->file && tries < 48 &&
			!chance(run, 2);
		const struct file *file;

		which = below(run, FIXED_MAX + FILES_MAX);
		file = which < FIXED_MAX ? run->fixed[which] :
					   run->files[which - FIXED_MAX];
		if (!file || !usable(run, file) ||
		    (wanted && file != slot->file))
			continue;
		/* Buffered I/O that reaches the drive is not tested here. */
		if (file->target == TARGET_BUFFERED && !(slot && slot->file))
			continue;
		io->file = file;
		if (which < FIXED_MAX)
			io->fixed = which;
		else
			io->fd = file_any_fd(run, file);
		return;
	}
}

static void choose_fault(struct run *run, const struct slot *slot,
			 struct io *io)
{
	switch (below(run, 6)) {
	case 0:
		/* For ordinary memory some kernels accept that. */
		if (slot && slot->file)
			io->offset += 1 + below(run, 3);
		break;
	case 1:
		io->length -= 4 * (1 + below(run, 100));
		break;
	case 2:
		io->position += 4 * (1 + below(run, 100));
		break;
	case 3:
		io->offset = io->buffer ? io->buffer->size -
				below(run, io->length / 4) * 4 : 0;
		break;
	case 4:
		io->offset = chance(run, 50) ? 1ULL << 32 : 1ULL << 63;
		break;
	case 5:
		/* An address, as for ordinary memory */
		if (slot && slot->file)
			io->offset = (uintptr_t)run->unmapped;
		break;
	}
}

static void choose_io(struct run *run, struct io *io)
{
	const struct slot *slot;
	uint32_t block = run->model.block;
	uint64_t room;

	memset(io, 0, sizeof(*io));
	io->write = chance(run, 50);
	io->async = chance(run, 15);
	io->slot = choose_slot(run);
	slot = model_slot(&run->model, io->slot);
	io->buffer = slot ? slot->buffer : NULL;
	choose_file(run, slot, io);
	room = io->buffer ? io->buffer->size : LENGTH_MAX;
	io->length = chance(run, 50) ? LENGTH_MAX : 16384;
	if (io->length > room)
		io->length = room;
	io->length = block * (1 + below(run, io->length / block));
	io->offset = 4 * below(run, (room - io->length) / 4 + 1);
	/* Kernels differ in the alignment that ordinary memory needs. */
	if (chance(run, 50) || (slot && slot->buffer && !slot->file))
		io->offset = io->offset / block * block;
	io->position = block * below(run, (REGION - io->length) / block + 1);
	if (chance(run, 12))
		choose_fault(run, slot, io);
	if (chance(run, 1))
		choose_fault(run, slot, io);
}

static bool conflicts(const struct batch *batch, const struct io *io)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
		if (model_io_conflict(&batch->ios[i], io))
			return true;
	return false;
}

static void choose_batch(struct run *run, struct batch *batch)
{
	unsigned int wanted = chance(run, 40) ? 1 :
			      1 + below(run, BATCH_MAX);
	struct io io;

	memset(batch, 0, sizeof(*batch));
	while (wanted--) {
		choose_io(run, &io);
		if (conflicts(batch, &io))
			continue;
		model_io(&run->model, &io, &batch->answers[batch->nr]);
		batch->ios[batch->nr++] = io;
		note(run, "%s slot %u offset %llu length %u buffer %p file %p fd %d fixed %d position %llu%s",
		     io.write ? "write" : "read", io.slot,
		     (unsigned long long)io.offset, io.length, io.buffer,
		     io.file, io.fd, io.fixed,
		     (unsigned long long)io.position,
		     io.async ? " async" : "");
	}
}

/* ---- submitting and reaping ---- */

static void prepare(struct run *run, const struct io *io,
		    unsigned int number)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&run->ring);
	uint64_t address = io->offset;

	if (!sqe)
		fail(run, "the submission queue is full");
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

static void submit(struct run *run)
{
	int ret;

	do {
		ret = io_uring_submit(&run->ring);
		if (ret < 0 && ret != -EINTR)
			fail(run, "submit: %s", strerror(-ret));
	} while (io_uring_sq_ready(&run->ring) &&
		 !(run->ring.flags & IORING_SETUP_SQPOLL));
}

static void submit_batch(struct run *run, const struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
		prepare(run, &batch->ios[i], i);
	submit(run);
}

/* Repeats a request that fails with -EAGAIN. */
static void reap_batch(struct run *run, struct batch *batch)
{
	unsigned int left = batch->nr, reissued = 0, number;
	struct io_uring_cqe *cqe;
	int ret;

	while (left) {
		ret = io_uring_wait_cqe(&run->ring, &cqe);
		if (ret == -EINTR || ret == -EAGAIN)
			continue;
		if (ret)
			fail(run, "wait: %s", strerror(-ret));
		number = cqe->user_data;
		if (number >= batch->nr)
			fail(run, "user_data %u", number);
		batch->res[number] = cqe->res;
		io_uring_cqe_seen(&run->ring, cqe);
		if (batch->res[number] == -EAGAIN && reissued++ < REISSUES) {
			prepare(run, &batch->ios[number], number);
			submit(run);
			continue;
		}
		left--;
	}
}

/* ---- comparing ---- */

static void tally_good(const struct run *run, const struct io *io,
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

static void tally_bad(const struct run *run, const struct io *io,
		      const struct slot *slot)
{
	bool aligned = !(io->position % run->model.block) &&
		!(io->length % run->model.block);

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
	} else if (slot->file && io->offset == (uintptr_t)run->unmapped) {
		tally("io: address instead of an offset");
	} else if (io->offset > slot->buffer->size ||
		   io->length > slot->buffer->size - io->offset) {
		tally("io: beyond the end");
	} else if (io->offset % 4 && aligned) {
		tally("io: offset of 1 byte");
	} else if (io->length % run->model.block && !(io->offset % 4)) {
		tally("io: length");
	} else if (!(io->offset % 4)) {
		tally("io: position");
	}
}

static void check_io(struct run *run, const struct io *io,
		     const struct slot *slot, int res,
		     const struct answers *answers)
{
	compare(run, "io", res, answers);
	if (res < 0)
		tally_bad(run, io, slot);
	else
		tally_good(run, io, slot);
	model_io_done(&run->model, io, res);
}

static void compare_batch(const struct run *run,
			  const struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++) {
		const struct io *io = &batch->ios[i];

		if (io->buffer)
			buffer_compare(run, io->buffer, io->offset,
				       io->length);
		if (io->file)
			drive_compare(run, io->file->drive, io->position,
				      io->length);
	}
}

void step_io(struct run *run)
{
	struct batch batch;
	unsigned int i;

	choose_batch(run, &batch);
	submit_batch(run, &batch);
	reap_batch(run, &batch);
	for (i = 0; i < batch.nr; i++)
		check_io(run, &batch.ios[i],
			 model_slot(&run->model, batch.ios[i].slot),
			 batch.res[i], &batch.answers[i]);
	compare_batch(run, &batch);
	if (batch.nr > 4)
		tally("io: several in flight");
}

/*
 * Unregisters the table while requests are in flight: a request either still
 * uses its slot or fails because the slot is gone.
 */
void step_unregister_in_flight(struct run *run)
{
	struct answers answers = { .nr = 0 };
	struct buffer *held[BATCH_MAX];
	struct batch batch;
	unsigned int i;
	int ret;

	/* On an IOPOLL ring nobody would poll while the call waits. */
	if (run->model.iopoll || !run->model.slots)
		return;
	choose_batch(run, &batch);
	for (i = 0; i < batch.nr; i++) {
		answers_add(&batch.answers[i], -EFAULT);
		held[i] = batch.ios[i].buffer;
		if (held[i])
			held[i]->refs++;
	}
	submit_batch(run, &batch);
	model_unregister(&run->model, &answers);
	ret = kernel_unregister(run);
	compare(run, "unregister", ret, &answers);
	model_unregister_done(&run->model, ret);
	reap_batch(run, &batch);
	for (i = 0; i < batch.nr; i++) {
		compare(run, "io", batch.res[i], &batch.answers[i]);
		model_io_done(&run->model, &batch.ios[i], batch.res[i]);
		if (batch.res[i] > 0)
			tally("io: outlives its table");
	}
	compare_batch(run, &batch);
	for (i = 0; i < batch.nr; i++)
		buffer_put(held[i]);
}
