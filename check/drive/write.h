/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing to a drive for --write, and restoring what was overwritten. */
#ifndef CHECK_WRITE_H
#define CHECK_WRITE_H

#include "direct.h"
#include "job.h"

/*
 * Writes through the dma-buf of @job, reads the data back both through it and
 * without it, and restores the drive unless a write is still in flight then:
 * direct->saved.dirty. 0, or -errno with the line in @err.
 */
int check_write(struct check_direct *direct, struct dmabuf_job *job,
		struct dmabuf_error *err);

/* Fills @data with random bytes. 0 or -errno. */
int check_fill_random(unsigned char *data, size_t size);

#endif
