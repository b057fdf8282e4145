/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers memory with an io_uring, and probes which interface for dma-bufs
 * the running kernel has.
 */
#ifndef DMABUF_REGISTER_H
#define DMABUF_REGISTER_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* io_uring's limit on the slots of a table. */
#define DMABUF_SLOTS_MAX	(1U << 14)

enum dmabuf_family {
	DMABUF_FAMILY_NONE,
	DMABUF_FAMILY_A,	/* RFC v1 and v2 */
	DMABUF_FAMILY_B,	/* v3 and later */
};

struct dmabuf_interface {
	enum dmabuf_family family;
	uint32_t type;		/* family B: the value of the dma-buf type */
	const char *name;	/* "B (v5 or later)", for reports */
};

/*
 * The family that the kernel supports, probed with a temporary ring once per
 * process; thread-safe. 0 and *iface, or -errno with the line when io_uring
 * cannot be used or the kernel lacks the feature.
 */
int dmabuf_interface_get(struct dmabuf_interface *iface,
			 struct dmabuf_error *err);

/* The same, but always probes. */
int dmabuf_interface_probe(struct dmabuf_interface *iface,
			   struct dmabuf_error *err);

/* IORING_MAX_ENTRIES, which is in no header */
#define DMABUF_RING_DEPTH_MAX	32768U

/* The line for a ring of @depth that the kernel refused with @error (-errno). */
int dmabuf_ring_refused(int error, unsigned int depth,
			struct dmabuf_error *err);

/* One registration: a dma-buf for one file, opened with O_DIRECT. */
struct dmabuf_pair {
	int dmabuf_fd;
	int target_fd;
};

/*
 * Registers a table of @nr slots, and then pair i in slot i, all in one call.
 * The kernel holds its own references afterwards. On -errno *failed is the pair
 * that the kernel refused, or 0 if it refused the table.
 */
int dmabuf_register_dmabufs(struct io_uring *ring,
			    const struct dmabuf_interface *iface,
			    const struct dmabuf_pair *pairs, unsigned int nr,
			    unsigned int *failed);

/*
 * Registers @nr ordinary buffers in slots 0 to @nr - 1. -ENOMEM is usually the
 * memlock limit, and the line then names it.
 */
int dmabuf_register_memory(struct io_uring *ring, const struct iovec *iovecs,
			   unsigned int nr, struct dmabuf_error *err);

#endif
