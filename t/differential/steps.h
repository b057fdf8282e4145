/* SPDX-License-Identifier: GPL-2.0-only */
/* The steps of a run; each compares its answers and its data. */
#ifndef DIFFERENTIAL_STEPS_H
#define DIFFERENTIAL_STEPS_H

#include "run.h"

/* One step, of a random kind. */
void step_any(struct run *run);

void step_update(struct run *run);
void step_io(struct run *run);
void step_unregister_in_flight(struct run *run);
void step_close_in_flight(struct run *run);
/* Closes the ring if there is one, and opens one of a random kind. */
void step_reopen(struct run *run);

void ring_close(struct run *run);

#endif
