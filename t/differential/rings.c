/* SPDX-License-Identifier: GPL-2.0-only */
/* Opens and closes rings of every kind, one at a time. */
#include <string.h>

#include "kernel.h"
#include "run.h"
#include "steps.h"
#include "tally.h"

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

static void ring_open(struct run *run, unsigned int which)
{
	int ret = kernel_ring(run, rings[which].flags);

	note(run, "ring %s", rings[which].name);
	if (!ret)
		ret = io_uring_register_files_sparse(&run->ring, FIXED_MAX);
	if (ret)
		fail(run, "ring %s: %s", rings[which].name,
		     strerror(-ret));
	run->ring_open = true;
	run->model.iopoll = rings[which].flags & IORING_SETUP_IOPOLL;
	memset(run->fixed, 0, sizeof(run->fixed));
	tally("ring: %s", rings[which].name);
}

void ring_close(struct run *run)
{
	if (!run->ring_open)
		return;
	io_uring_queue_exit(&run->ring);
	run->ring_open = false;
	memset(run->fixed, 0, sizeof(run->fixed));
	/* The kernel drops the table with the ring. */
	model_unregister_done(&run->model, 0);
}

void step_reopen(struct run *run)
{
	unsigned int which = below(run, RINGS);

	/* Rarely IOPOLL where an IOPOLL ring can register nothing. */
	if (!strcmp(rings[which].name, "IOPOLL") &&
	    !run->model.takes_iopoll && chance(run, 70))
		which = 0;
	ring_close(run);
	ring_open(run, which);
}
