/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of steps, how often each is taken, and those that open and close
 * tables, buffers and files.
 */
#include <string.h>
#include <unistd.h>

#include "world.h"

/* ---- tables ---- */

static void step_table(struct world *world)
{
	struct answers answers = { .nr = 0 };
	uint32_t nr = chance(world, 85) ? 1 + below(world, 20) :
		      chance(world, 40) ? 1 + below(world, TABLE_MAX) :
		      chance(world, 30) ? 0 : TABLE_MAX + below(world, 3);
	int ret;

	note(world, "table of %u", nr);
	model_table(&world->model, nr, &answers);
	ret = kernel_table(world, nr);
	compare(world, "table", ret, &answers);
	model_table_done(&world->model, nr, ret);
}

static void step_unregister(struct world *world)
{
	struct answers answers = { .nr = 0 };
	int ret;

	model_unregister(&world->model, &answers);
	ret = kernel_unregister(world);
	compare(world, "unregister", ret, &answers);
	model_unregister_done(&world->model, ret);
}

/* ---- buffers and files ---- */

/* The last places are for requests in flight while a ring is closed. */
static unsigned int free_places(void *const *places, unsigned int nr)
{
	unsigned int i, nr_free = 0;

	for (i = 0; i < nr; i++)
		if (!places[i])
			nr_free++;
	return nr_free;
}

static void step_buffer_open(struct world *world)
{
	unsigned int pages = chance(world, 80) ? 1 + below(world, 32) :
						 1 + below(world, 768);

	if (free_places((void **)world->buffers, BUFFERS_MAX) > 1)
		buffer_new(world, below(world, 3), 4096UL * pages);
}

static void step_buffer_close(struct world *world)
{
	unsigned int index = below(world, BUFFERS_MAX);
	struct buffer *buffer = world->buffers[index];
	unsigned int i;

	if (!buffer)
		return;
	/* A slot of ordinary memory names its address. */
	for (i = 0; i < world->model.nr_slots; i++)
		if (buffer->memory == MEMORY_ORDINARY &&
		    world->model.slots[i].buffer == buffer)
			return;
	note(world, "close buffer %p", buffer);
	if (buffer->fd >= 0 && chance(world, 50))
		buffer_close_fd(buffer);
	else
		buffer_drop(world, index);
}

static void step_buffer_write(struct world *world)
{
	struct buffer *buffer = world->buffers[below(world, BUFFERS_MAX)];

	if (buffer)
		buffer_fill(world, buffer);
}

static void step_file_open(struct world *world)
{
	enum target target = chance(world, 60) ? TARGET_NVME :
			     1 + below(world, 3);

	if (target == TARGET_BLOCK && access("/dev/nullb0", F_OK))
		target = TARGET_OTHER;
	if (free_places((void **)world->files, FILES_MAX) > 1)
		file_new(world, target);
}

static void step_file_close(struct world *world)
{
	unsigned int index = below(world, FILES_MAX);

	if (!world->files[index])
		return;
	note(world, "close file %p", world->files[index]);
	file_close(world, index, below(world, 2));
}

static void step_file_register(struct world *world)
{
	struct file *file = world->files[below(world, FILES_MAX)];
	unsigned int index = below(world, FIXED_MAX);
	int fd, ret;

	if (!file || file->target != TARGET_NVME)
		return;
	fd = file_any_fd(world, file);
	note(world, "registered file %u is %p", index, file);
	ret = io_uring_register_files_update(&world->ring, index, &fd, 1);
	if (ret != 1)
		broken(world, "registering a file: %d", ret);
	world->fixed[index] = file;
}

/* ---- which step ---- */

static const struct {
	const char *name;
	unsigned int weight;
	void (*take)(struct world *world);
} steps[] = {
	{ "table", 4, step_table },
	{ "update", 30, step_update },
	{ "io", 40, step_io },
	{ "unregister", 1, step_unregister },
	{ "unregister in flight", 1, step_unregister_in_flight },
	{ "reopen", 1, step_reopen },
	{ "close in flight", 1, step_close_in_flight },
	{ "buffer open", 8, step_buffer_open },
	{ "buffer close", 8, step_buffer_close },
	{ "buffer write", 4, step_buffer_write },
	{ "file open", 9, step_file_open },
	{ "file close", 15, step_file_close },
	{ "file register", 4, step_file_register },
};

#define STEPS	(sizeof(steps) / sizeof(steps[0]))

static unsigned int choose_step(struct world *world)
{
	unsigned int i, at, sum = 0;

	/* Without a table there is little to see. */
	if (!world->model.slots && chance(world, 40))
		return 0;
	for (i = 0; i < STEPS; i++)
		sum += steps[i].weight;
	at = below(world, sum);
	for (i = 0; at >= steps[i].weight; i++)
		at -= steps[i].weight;
	return i;
}

void step_any(struct world *world)
{
	unsigned int step;

	if (!world->ring_open) {
		world->step_name = "reopen";
		step_reopen(world);
	}
	step = choose_step(world);
	world->step_name = steps[step].name;
	steps[step].take(world);
	tally("step: %s", steps[step].name);
}
