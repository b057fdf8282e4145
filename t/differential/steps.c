/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of steps, how often each is taken, and those that open and close
 * tables, buffers and files.
 */
#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "objects.h"
#include "run.h"
#include "steps.h"
#include "tally.h"

/* ---- tables ---- */

static void step_table(struct run *run)
{
	struct answers answers = { .nr = 0 };
	uint32_t nr = chance(run, 85) ? 1 + below(run, 20) :
		      chance(run, 40) ? 1 + below(run, TABLE_MAX) :
		      chance(run, 30) ? 0 : TABLE_MAX + below(run, 3);
	int ret;

	note(run, "table of %u", nr);
	model_table(&run->model, nr, &answers);
	ret = kernel_table(run, nr);
	compare(run, "table", ret, &answers);
	model_table_done(&run->model, nr, ret);
}

static void step_unregister(struct run *run)
{
	struct answers answers = { .nr = 0 };
	int ret;

	model_unregister(&run->model, &answers);
	ret = kernel_unregister(run);
	compare(run, "unregister", ret, &answers);
	model_unregister_done(&run->model, ret);
}

/* ---- buffers and files ---- */

/* step_close_in_flight() needs the last free place. */
static unsigned int free_places(void *const *places, unsigned int nr)
{
	unsigned int i, nr_free = 0;

	for (i = 0; i < nr; i++)
		if (!places[i])
			nr_free++;
	return nr_free;
}

static void step_buffer_open(struct run *run)
{
	unsigned int pages = chance(run, 80) ? 1 + below(run, 32) :
						 1 + below(run, 768);

	if (free_places((void **)run->buffers, BUFFERS_MAX) > 1)
		buffer_new(run, below(run, 3), 4096UL * pages);
}

static void step_buffer_close(struct run *run)
{
	unsigned int index = below(run, BUFFERS_MAX);
	struct buffer *buffer = run->buffers[index];
	unsigned int i;

	if (!buffer)
		return;
	/* A slot of ordinary memory refers to its address. */
	for (i = 0; i < run->model.nr_slots; i++)
		if (buffer->memory == MEMORY_ORDINARY &&
		    run->model.slots[i].buffer == buffer)
			return;
	note(run, "close buffer %p", buffer);
	if (buffer->fd >= 0 && chance(run, 50))
		buffer_close_fd(buffer);
	else
		buffer_drop(run, index);
}

static void step_buffer_write(struct run *run)
{
	struct buffer *buffer = run->buffers[below(run, BUFFERS_MAX)];

	if (buffer)
		buffer_fill(run, buffer);
}

static void step_file_open(struct run *run)
{
	enum target target = chance(run, 60) ? TARGET_NVME :
			     1 + below(run, 3);

	if (target == TARGET_BLOCK && access("/dev/nullb0", F_OK))
		target = TARGET_OTHER;
	if (free_places((void **)run->files, FILES_MAX) > 1)
		file_new(run, target);
}

static void step_file_close(struct run *run)
{
	unsigned int index = below(run, FILES_MAX);

	if (!run->files[index])
		return;
	note(run, "close file %p", run->files[index]);
	file_close(run, index, below(run, 2));
}

static void step_file_register(struct run *run)
{
	struct file *file = run->files[below(run, FILES_MAX)];
	unsigned int index = below(run, FIXED_MAX);
	int fd, ret;

	if (!file || file->target != TARGET_NVME)
		return;
	fd = file_any_fd(run, file);
	note(run, "registered file %u is %p", index, file);
	ret = io_uring_register_files_update(&run->ring, index, &fd, 1);
	if (ret != 1)
		fail(run, "registering a file: %d", ret);
	run->fixed[index] = file;
}

/* ---- the choice of a step ---- */

static const struct {
	const char *name;
	unsigned int weight;
	void (*take)(struct run *run);
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

static unsigned int choose_step(struct run *run)
{
	unsigned int i, at, sum = 0;

	/* Most steps need a table. */
	if (!run->model.slots && chance(run, 40))
		return 0;
	for (i = 0; i < STEPS; i++)
		sum += steps[i].weight;
	at = below(run, sum);
	for (i = 0; at >= steps[i].weight; i++)
		at -= steps[i].weight;
	return i;
}

void step_any(struct run *run)
{
	unsigned int step;

	if (!run->ring_open) {
		run->step_name = "reopen";
		step_reopen(run);
	}
	step = choose_step(run);
	run->step_name = steps[step].name;
	steps[step].take(run);
	tally("step: %s", steps[step].name);
}
