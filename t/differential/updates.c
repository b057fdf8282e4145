/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random updates of the table: good and bad descriptors of every kind, one or
 * several in a call.
 */
#include <string.h>

#include "kernel.h"
#include "run.h"
#include "steps.h"
#include "tally.h"

static const char *const fault_names[FAULTS] = {
	"bad dma-buf fd", "not a dma-buf", "bad target fd", "reserved",
	"size", "uaddr", "flags", "type", "address",
};

static const char *const target_names[] = {
	"drive", "without O_DIRECT", "null_blk", "not a block device",
};

static const char *const kind_names[] = { "empty", "dma-buf", "memory" };

/* The faults that a descriptor of @kind can have in this family */
static unsigned int possible_faults(const struct run *run,
				    const struct update *update,
				    enum kind kind)
{
	unsigned int faults = 0;

	if (kind == KIND_DMABUF)
		faults |= FAULT_DMABUF_FD | FAULT_NOT_DMABUF |
			FAULT_TARGET_FD | FAULT_UADDR;
	if (kind == KIND_MEMORY ||
	    (kind == KIND_DMABUF && run->model.family_a))
		faults |= FAULT_ADDRESS;
	if (!update->extended || run->model.family_a)
		return faults;
	faults |= FAULT_RESERVED | FAULT_FLAGS | FAULT_TYPE;
	if (kind != KIND_MEMORY)
		faults |= FAULT_SIZE | FAULT_UADDR;
	return faults;
}

static struct buffer *choose_buffer(struct run *run, bool dmabuf)
{
	unsigned int tries;

	for (tries = 0; tries < 64; tries++) {
		struct buffer *buffer =
			run->buffers[below(run, BUFFERS_MAX)];

		if (buffer && (dmabuf ? buffer->fd >= 0 :
			       buffer->memory == MEMORY_ORDINARY))
			return buffer;
	}
	return NULL;
}

static struct file *choose_target(struct run *run)
{
	bool good = chance(run, 85);
	unsigned int tries;

	for (tries = 0; tries < 64; tries++) {
		struct file *file = run->files[below(run, FILES_MAX)];

		if (file && good == (file->target == TARGET_NVME))
			return file;
	}
	return NULL;
}

static void choose_faults(struct run *run, const struct update *update,
			  struct descriptor *desc)
{
	unsigned int possible = possible_faults(run, update, desc->kind);
	unsigned int wanted = chance(run, 75) ? 0 : chance(run, 85) ? 1 : 2;
	unsigned int fault;

	while (possible && wanted) {
		fault = 1U << below(run, FAULTS);
		if (!(possible & fault))
			continue;
		desc->faults |= fault;
		possible &= ~fault;
		wanted--;
	}
}

static void choose_descriptor(struct run *run, const struct update *update,
			      struct descriptor *desc)
{
	/* Whether an IOPOLL ring refuses other kinds is not defined. */
	bool only_dmabuf = update->extended && run->model.iopoll &&
		!run->model.takes_iopoll;

	*desc = (struct descriptor){ .kind = KIND_EMPTY };
	if (update->extended && (only_dmabuf || chance(run, 80)))
		desc->kind = KIND_DMABUF;
	else if (chance(run, 60))
		desc->kind = KIND_MEMORY;
	if (desc->kind != KIND_EMPTY)
		desc->buffer = choose_buffer(run, desc->kind == KIND_DMABUF);
	if (desc->kind == KIND_DMABUF)
		desc->target = choose_target(run);
	choose_faults(run, update, desc);
	/* Without a buffer or a target the field holds a bad fd. */
	if (desc->kind == KIND_DMABUF && !desc->buffer &&
	    !(desc->faults & FAULT_NOT_DMABUF))
		desc->faults |= FAULT_DMABUF_FD;
	if (desc->kind == KIND_DMABUF && !desc->target)
		desc->faults |= FAULT_TARGET_FD;
	if (desc->kind == KIND_MEMORY && !desc->buffer) {
		desc->kind = KIND_EMPTY;
		desc->faults = 0;
	}
	/* One field cannot hold both. */
	if (desc->faults & FAULT_NOT_DMABUF)
		desc->faults &= ~FAULT_DMABUF_FD;
}

static void choose_update(struct run *run, struct update *update)
{
	unsigned int slots = run->model.nr_slots;
	unsigned int i;

	memset(update, 0, sizeof(*update));
	update->extended = chance(run, 80);
	update->nr = chance(run, 4) ? 0 : chance(run, 50) ? 1 :
		     1 + below(run, UPDATE_MAX);
	if (chance(run, 3))
		update->faults |= CALL_FLAGS;
	if (chance(run, 3))
		update->faults |= CALL_RESERVED;
	if (chance(run, 4))
		update->offset = chance(run, 50) ? INT32_MAX :
				 slots + below(run, 3);
	else if (slots > update->nr)
		update->offset = chance(run, 10) ? slots - update->nr :
			below(run, slots - update->nr > 16 ? 16 :
			      slots - update->nr + 1);
	else if (slots && chance(run, 80))
		update->nr = slots;
	if (update->nr > UPDATE_MAX)
		update->nr = UPDATE_MAX;
	for (i = 0; i < update->nr; i++)
		choose_descriptor(run, update, &update->descriptors[i]);
}

/* The reason of a refusal, where only one is possible */
static void tally_refusal(const struct run *run,
			  const struct update *update)
{
	const struct descriptor *desc = &update->descriptors[0];
	unsigned int i;

	if (!desc->faults) {
		if (desc->target && desc->target->target != TARGET_NVME)
			tally("refused: target %s",
			      target_names[desc->target->target]);
		return;
	}
	for (i = 0; i < FAULTS; i++)
		if (desc->faults == 1U << i)
			tally("refused: %s", fault_names[i]);
}

static void tally_update(const struct run *run,
			 const struct update *update, int ret)
{
	const struct model *model = &run->model;
	bool in_table = model->slots &&
		(uint64_t)update->offset + update->nr <= model->nr_slots;
	int i;

	if (model->slots && in_table && update->faults == CALL_FLAGS)
		tally("refused: flags of the call");
	if (model->slots && in_table && update->faults == CALL_RESERVED)
		tally("refused: reserved of the call");
	if (in_table && !update->faults && !update->nr)
		tally("refused: nr 0");
	if (model->slots && !in_table && !update->faults && update->nr)
		tally("refused: out of range");
	if (in_table && !update->faults && update->nr && ret < 0 &&
	    (!model->iopoll || model->takes_iopoll))
		tally_refusal(run, update);
	if (ret > 0 && (unsigned int)ret < update->nr)
		tally("update: partial count");
	for (i = 0; i < ret; i++) {
		tally("update: %s%s", update->extended ? "" : "plain ",
		      kind_names[update->descriptors[i].kind]);
		if (model->slots[update->offset + i].buffer)
			tally("update: over a filled slot");
	}
}

void step_update(struct run *run)
{
	struct answers answers = { .nr = 0 };
	struct update update;
	unsigned int i;
	int ret;

	choose_update(run, &update);
	note(run, "update of %u+%u%s, faults %u", update.offset, update.nr,
	     update.extended ? ", extended" : "", update.faults);
	for (i = 0; i < update.nr; i++)
		note(run, "  %s buffer %p target %p faults 0x%x",
		     kind_names[update.descriptors[i].kind],
		     update.descriptors[i].buffer,
		     update.descriptors[i].target,
		     update.descriptors[i].faults);
	model_update(&run->model, &update, &answers);
	ret = kernel_update(run, &update);
	compare(run, "update", ret, &answers);
	tally_update(run, &update, ret);
	model_update_done(&run->model, &update, ret);
	run->refused_slot = update.offset + (ret > 0 ? ret : 0);
}
