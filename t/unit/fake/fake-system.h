/* SPDX-License-Identifier: GPL-2.0-only */
/* The scripted system as a whole, before and after a test. */
#ifndef FAKE_SYSTEM_H
#define FAKE_SYSTEM_H

/* Before and after each test; fake_end() fails when something is left. */
void fake_begin(void);
void fake_end(void);
/* Starts with an empty script inside a test. */
void fake_reset(void);
/* How much was not given back: descriptors, mappings, rings, GPUs. */
int fake_left(void);

#endif
