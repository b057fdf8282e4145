/* SPDX-License-Identifier: GPL-2.0-only */
/* The first read of each registration, timed and compared. */
#ifndef DMABUF_WARMUP_H
#define DMABUF_WARMUP_H

#include "job.h"

/*
 * Reads one logical block of every file into every chunk through the dma-buf,
 * so that the lazy DMA mapping is made now, and compares what arrived with an
 * ordinary read. The memory is left as it was; the times are added to
 * job->stats. -EIO when the data did not arrive.
 */
int dmabuf_warmup(struct dmabuf_job *job, struct dmabuf_error *err);

#endif
