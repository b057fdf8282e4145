/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model. Where two errors apply and the interface does not say which is
 * reported, both are allowed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

void answers_add(struct answers *answers, int value)
{
	if (!answers_have(answers, value))
		answers->value[answers->nr++] = value;
}

bool answers_have(const struct answers *answers, int value)
{
	unsigned int i;

	for (i = 0; i < answers->nr; i++)
		if (answers->value[i] == value)
			return true;
	return false;
}

void buffer_put(struct buffer *buffer)
{
	if (!buffer || --buffer->refs)
		return;
	free(buffer->contents);
	free(buffer);
}

const struct slot *model_slot(const struct model *model, unsigned int index)
{
	if (!model->slots || index >= model->nr_slots)
		return NULL;
	return &model->slots[index];
}

/* ---- the table ---- */

void model_table(const struct model *model, uint64_t nr,
		 struct answers *answers)
{
	if (model->slots)
		answers_add(answers, -EBUSY);
	if (!nr || nr > TABLE_MAX)
		answers_add(answers, -EINVAL);
	if (!answers->nr)
		answers_add(answers, 0);
}

void model_table_done(struct model *model, uint64_t nr, int ret)
{
	if (ret)
		return;
	model->slots = calloc(nr, sizeof(*model->slots));
	if (!model->slots)
		abort();
	model->nr_slots = nr;
}

void model_unregister(const struct model *model, struct answers *answers)
{
	answers_add(answers, model->slots ? 0 : -ENXIO);
}

void model_unregister_done(struct model *model, int ret)
{
	unsigned int i;

	if (ret)
		return;
	for (i = 0; i < model->nr_slots; i++)
		buffer_put(model->slots[i].buffer);
	free(model->slots);
	model->slots = NULL;
	model->nr_slots = 0;
}

/* ---- updates ---- */

static void target_answers(const struct file *target, struct answers *answers)
{
	if (target->target == TARGET_OTHER)
		answers_add(answers, -EOPNOTSUPP);
	else if (target->target != TARGET_NVME)
		answers_add(answers, -EINVAL);
}

/* Adds nothing for a good descriptor. */
static void descriptor_answers(const struct model *model,
			       const struct descriptor *desc,
			       struct answers *answers)
{
	unsigned int faults = desc->faults;

	if (model->takes_flags)
		faults &= ~FAULT_FLAGS;
	if (faults & (FAULT_DMABUF_FD | FAULT_TARGET_FD))
		answers_add(answers, -EBADF);
	if (faults & (FAULT_NOT_DMABUF | FAULT_RESERVED | FAULT_SIZE |
		      FAULT_UADDR | FAULT_FLAGS | FAULT_TYPE))
		answers_add(answers, -EINVAL);
	if (faults & FAULT_ADDRESS)
		answers_add(answers, -EFAULT);
	/* Family A has an address there; its error is not defined. */
	if (model->family_a && faults & FAULT_UADDR)
		answers_add(answers, -EFAULT);
	/* Version 3 reads such an empty descriptor as bad ordinary memory. */
	if (model->takes_flags && desc->kind == KIND_EMPTY &&
	    faults & (FAULT_SIZE | FAULT_UADDR))
		answers_add(answers, -EFAULT);
	if (desc->kind != KIND_DMABUF)
		return;
	if (!(faults & FAULT_TARGET_FD))
		target_answers(desc->target, answers);
	if (model->iopoll && !model->takes_iopoll)
		answers_add(answers, -EOPNOTSUPP);
}

void model_update(const struct model *model, const struct update *update,
		  struct answers *answers)
{
	unsigned int i;

	if (update->faults || !update->nr)
		answers_add(answers, -EINVAL);
	if (!model->slots)
		answers_add(answers, -ENXIO);
	else if ((uint64_t)update->offset + update->nr > model->nr_slots)
		answers_add(answers, -EINVAL);
	if (answers->nr) {
		if (update->nr)
			descriptor_answers(model, &update->descriptors[0],
					   answers);
		return;
	}
	for (i = 0; i < update->nr; i++) {
		struct answers bad = { .nr = 0 };

		descriptor_answers(model, &update->descriptors[i], &bad);
		if (!bad.nr)
			continue;
		if (!i)
			*answers = bad;
		break;
	}
	if (i)
		answers_add(answers, i);
}

/* A refused descriptor leaves its slot unchanged. */
void model_update_done(struct model *model, const struct update *update,
		       int ret)
{
	int i;

	for (i = 0; i < ret; i++) {
		const struct descriptor *desc = &update->descriptors[i];
		struct slot *slot = &model->slots[update->offset + i];

		buffer_put(slot->buffer);
		*slot = (struct slot){ .buffer = NULL };
		if (desc->kind == KIND_EMPTY)
			continue;
		slot->buffer = desc->buffer;
		slot->buffer->refs++;
		if (desc->kind == KIND_DMABUF)
			slot->file = desc->target;
	}
}

/* ---- requests ---- */

void model_io(const struct model *model, const struct io *io,
	      struct answers *answers)
{
	const struct slot *slot = model_slot(model, io->slot);

	if (!io->file)
		answers_add(answers, -EBADF);
	if (!slot || !slot->buffer) {
		answers_add(answers, -EFAULT);
	} else {
		if (slot->file && slot->file != io->file)
			answers_add(answers, -EBADF);
		if (io->offset > slot->buffer->size ||
		    io->length > slot->buffer->size - io->offset)
			answers_add(answers, -EFAULT);
		if (io->offset % 4)
			answers_add(answers, -EINVAL);
	}
	if (io->length % model->block || io->position % model->block)
		answers_add(answers, -EINVAL);
	if (!answers->nr)
		answers_add(answers, io->length);
}

void model_io_done(struct model *model, const struct io *io, int ret)
{
	uint8_t *memory, *drive;

	if (ret <= 0)
		return;
	memory = io->buffer->contents + io->offset;
	drive = model->drives[io->file->drive] + io->position;
	if (io->write)
		memcpy(drive, memory, ret);
	else
		memcpy(memory, drive, ret);
}

static bool overlap(uint64_t a, uint64_t a_length, uint64_t b,
		    uint64_t b_length)
{
	return a < b + b_length && b < a + a_length;
}

bool model_io_conflict(const struct io *a, const struct io *b)
{
	if (a->buffer && a->buffer == b->buffer && !(a->write && b->write) &&
	    overlap(a->offset, a->length, b->offset, b->length))
		return true;
	return a->file && b->file && a->file->drive == b->file->drive &&
		(a->write || b->write) &&
		overlap(a->position, a->length, b->position, b->length);
}
