/* SPDX-License-Identifier: GPL-2.0-only */
/* The warm-up read of each registration: timed, and its data compared. */
#ifndef DMABUF_WARMUP_H
#define DMABUF_WARMUP_H

#include "job.h"

/*
 * Reads one logical block of every file into every chunk through the dma-buf,
 * which sets up the lazy DMA mapping, and compares the data with an ordinary
 * read. Restores the memory, and adds the times to job->stats. -EIO when the
 * data did not arrive.
 */
int dmabuf_warmup(struct dmabuf_job *job, struct dmabuf_error *err);

#endif
