/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of io_uring_register(2); they return a count or -errno. */
#ifndef DIFFERENTIAL_KERNEL_H
#define DIFFERENTIAL_KERNEL_H

#include "run.h"

int kernel_ring(struct run *run, unsigned int flags);
int kernel_table(struct run *run, uint32_t nr);
int kernel_unregister(struct run *run);
int kernel_update(struct run *run, const struct update *update);
/* Asks the kernel what the model must know of it. */
void kernel_probe(struct run *run);

#endif
