/* SPDX-License-Identifier: GPL-2.0-only */
/* The scripted system as a whole, before and after a test. */
#ifndef FAKE_SYSTEM_H
#define FAKE_SYSTEM_H

/* Before and after each test; the second checks that nothing is left. */
void fake_begin(void);
void fake_end(void);
/* A fresh script inside one test. */
void fake_reset(void);
/* Descriptors, address space, rings and GPUs that were not given back. */
int fake_left(void);

#endif
