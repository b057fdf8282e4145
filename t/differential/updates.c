/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random updates of the table: good and bad descriptors of every kind, alone
 * and several in one call.
 */
#include <string.h>

#include "world.h"

static const char *const fault_names[FAULTS] = {
	"bad dma-buf fd", "not a dma-buf", "bad target fd", "reserved",
	"size", "uaddr", "flags", "type", "address",
};

static const char *const target_names[] = {
	"drive", "without O_DIRECT", "null_blk", "not a block device",
};

static const char *const kind_names[] = { "empty", "dma-buf", "memory" };

/* Faults that a descriptor of this kind can have in this kernel's family */
static unsigned int possible_faults(const struct world *world,
				    const struct update *update,
				    enum kind kind)
{
	unsigned int faults = 0;

	if (kind == KIND_DMABUF)
		faults |= FAULT_DMABUF_FD | FAULT_NOT_DMABUF |
			FAULT_TARGET_FD | FAULT_UADDR;
	if (kind == KIND_MEMORY ||
	    (kind == KIND_DMABUF && world->model.family_a))
		faults |= FAULT_ADDRESS;
	if (!update->extended || world->model.family_a)
		return faults;
	faults |= FAULT_RESERVED | FAULT_FLAGS | FAULT_TYPE;
	if (kind != KIND_MEMORY)
		faults |= FAULT_SIZE | FAULT_UADDR;
	return faults;
}

static struct buffer *choose_buffer(struct world *world, bool dmabuf)
{
	unsigned int tries;

	for (tries = 0; tries < 64; tries++) {
		struct buffer *buffer =
			world->buffers[below(world, BUFFERS_MAX)];

		if (buffer && (dmabuf ? buffer->fd >= 0 :
			       buffer->memory == MEMORY_ORDINARY))
			return buffer;
	}
	return NULL;
}

static struct file *choose_target(struct world *world)
{
	bool good = chance(world, 85);
	unsigned int tries;

	for (tries = 0; tries < 64; tries++) {
		struct file *file = world->files[below(world, FILES_MAX)];

		if (file && good == (file->target == TARGET_NVME))
			return file;
	}
	return NULL;
}

static void choose_faults(struct world *world, const struct update *update,
			  struct descriptor *desc)
{
	unsigned int possible = possible_faults(world, update, desc->kind);
	unsigned int wanted = chance(world, 75) ? 0 : chance(world, 85) ? 1 : 2;
	unsigned int fault;

	while (possible && wanted) {
		fault = 1U << below(world, FAULTS);
		if (!(possible & fault))
			continue;
		desc->faults |= fault;
		possible &= ~fault;
		wanted--;
	}
}

static void choose_descriptor(struct world *world, const struct update *update,
			      struct descriptor *desc)
{
	/* What else an IOPOLL ring refuses is not said. */
	bool only_dmabuf = update->extended && world->model.iopoll &&
		!world->model.takes_iopoll;

	*desc = (struct descriptor){ .kind = KIND_EMPTY };
	if (update->extended && (only_dmabuf || chance(world, 80)))
		desc->kind = KIND_DMABUF;
	else if (chance(world, 60))
		desc->kind = KIND_MEMORY;
	if (desc->kind != KIND_EMPTY)
		desc->buffer = choose_buffer(world, desc->kind == KIND_DMABUF);
	if (desc->kind == KIND_DMABUF)
		desc->target = choose_target(world);
	choose_faults(world, update, desc);
	/* Nothing left to name there: whatever is there is wrong, too. */
	if (desc->kind == KIND_DMABUF && !desc->buffer &&
	    !(desc->faults & FAULT_NOT_DMABUF))
		desc->faults |= FAULT_DMABUF_FD;
	if (desc->kind == KIND_DMABUF && !desc->target)
		desc->faults |= FAULT_TARGET_FD;
	if (desc->kind == KIND_MEMORY && !desc->buffer) {
		desc->kind = KIND_EMPTY;
		desc->faults = 0;
	}
	/* Both cannot be in one field. */
	if (desc->faults & FAULT_NOT_DMABUF)
		desc->faults &= ~FAULT_DMABUF_FD;
}

static void choose_update(struct world *world, struct update *update)
{
	unsigned int slots = world->model.nr_slots;
	unsigned int i;

	memset(update, 0, sizeof(*update));
	update->extended = chance(world, 80);
	update->nr = chance(world, 4) ? 0 : chance(world, 50) ? 1 :
		     1 + below(world, UPDATE_MAX);
	if (chance(world, 3))
		update->faults |= CALL_FLAGS;
	if (chance(world, 3))
		update->faults |= CALL_RESERVED;
	if (chance(world, 4))
		update->offset = chance(world, 50) ? INT32_MAX :
				 slots + below(world, 3);
	else if (slots > update->nr)
		update->offset = chance(world, 10) ? slots - update->nr :
			below(world, slots - update->nr > 16 ? 16 :
			      slots - update->nr + 1);
	else if (slots && chance(world, 80))
		update->nr = slots;
	if (update->nr > UPDATE_MAX)
		update->nr = UPDATE_MAX;
	for (i = 0; i < update->nr; i++)
		choose_descriptor(world, update, &update->descriptors[i]);
}

/* What the refusal of a first descriptor was about, when that is clear */
static void tally_refusal(const struct world *world,
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

static void tally_update(const struct world *world,
			 const struct update *update, int ret)
{
	const struct model *model = &world->model;
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
		tally_refusal(world, update);
	if (ret > 0 && (unsigned int)ret < update->nr)
		tally("update: partial count");
	for (i = 0; i < ret; i++) {
		tally("update: %s%s", update->extended ? "" : "plain ",
		      kind_names[update->descriptors[i].kind]);
		if (model->slots[update->offset + i].buffer)
			tally("update: over a filled slot");
	}
}

void step_update(struct world *world)
{
	struct answers answers = { .nr = 0 };
	struct update update;
	unsigned int i;
	int ret;

	choose_update(world, &update);
	note(world, "update of %u+%u%s, faults %u", update.offset, update.nr,
	     update.extended ? ", extended" : "", update.faults);
	for (i = 0; i < update.nr; i++)
		note(world, "  %s buffer %p target %p faults 0x%x",
		     kind_names[update.descriptors[i].kind],
		     update.descriptors[i].buffer,
		     update.descriptors[i].target,
		     update.descriptors[i].faults);
	model_update(&world->model, &update, &answers);
	ret = kernel_update(world, &update);
	compare(world, "update", ret, &answers);
	tally_update(world, &update, ret);
	model_update_done(&world->model, &update, ret);
	world->refused_slot = update.offset + (ret > 0 ? ret : 0);
}
