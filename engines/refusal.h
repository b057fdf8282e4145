/* SPDX-License-Identifier: GPL-2.0-only */
/* Why the kernel refused to register a dma-buf for a file. */
#ifndef DMABUF_REFUSAL_H
#define DMABUF_REFUSAL_H

#include "job.h"

/*
 * Fills in the line for @error (-errno), with which the kernel refused to
 * register a dma-buf of @size bytes for @file. Returns @error.
 */
int dmabuf_refusal_explain(const struct dmabuf_job *job,
			   const struct dmabuf_file *file, uint64_t size,
			   int error, struct dmabuf_error *err);

#endif
