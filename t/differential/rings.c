/* SPDX-License-Identifier: GPL-2.0-only */
/* Rings of every kind: one is open at a time, and its table goes with it. */
#include <string.h>

#include "world.h"

static const struct {
	const char *name;
	unsigned int flags;
} rings[] = {
	{ "plain", 0 },
	{ "cooperative", IORING_SETUP_COOP_TASKRUN },
	{ "deferred", IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN },
	{ "SQPOLL", IORING_SETUP_SQPOLL },
	{ "IOPOLL", IORING_SETUP_IOPOLL },
};

#define RINGS	(sizeof(rings) / sizeof(rings[0]))

static void ring_open(struct world *world, unsigned int which)
{
	int ret = kernel_ring(world, rings[which].flags);

	note(world, "ring %s", rings[which].name);
	if (!ret)
		ret = io_uring_register_files_sparse(&world->ring, FIXED_MAX);
	if (ret)
		broken(world, "ring %s: %s", rings[which].name,
		       strerror(-ret));
	world->ring_open = true;
	world->model.iopoll = rings[which].flags & IORING_SETUP_IOPOLL;
	memset(world->fixed, 0, sizeof(world->fixed));
	tally("ring: %s", rings[which].name);
}

void ring_close(struct world *world)
{
	if (!world->ring_open)
		return;
	io_uring_queue_exit(&world->ring);
	world->ring_open = false;
	memset(world->fixed, 0, sizeof(world->fixed));
	/* Its table goes with it. */
	model_unregister_done(&world->model, 0);
}

void step_reopen(struct world *world)
{
	unsigned int which = below(world, RINGS);

	/* Rarely IOPOLL where an IOPOLL ring can register nothing. */
	if (!strcmp(rings[which].name, "IOPOLL") &&
	    !world->model.takes_iopoll && chance(world, 70))
		which = 0;
	ring_close(world);
	ring_open(world, which);
}
