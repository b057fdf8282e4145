/* SPDX-License-Identifier: GPL-2.0-only */
/* Why the kernel refused to register a dma-buf for a file. */
#ifndef DMABUF_REFUSAL_H
#define DMABUF_REFUSAL_H

#include "job.h"

/*
 * One line for @error (-errno) given for @file and memory of @size bytes, and
 * returns @error. The reason is looked for only now that the kernel has
 * refused.
 */
int dmabuf_refused(const struct dmabuf_job *job,
		   const struct dmabuf_file *file, uint64_t size, int error,
		   struct dmabuf_error *err);

#endif
