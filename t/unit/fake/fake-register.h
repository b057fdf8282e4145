/* SPDX-License-Identifier: GPL-2.0-only */
/* io_uring_register(2) as kernels with and without the feature answer it. */
#ifndef FAKE_REGISTER_H
#define FAKE_REGISTER_H

#include <liburing.h>
#include <stdint.h>

enum fake_interface {
	FAKE_MAINLINE,		/* no released kernel has the feature */
	FAKE_NO_SPARSE,		/* older than the sparse table */
	FAKE_A,
	FAKE_B_V3,
	FAKE_B_V5,
	FAKE_B_OFF,		/* compiled out */
	FAKE_B_WITHOUT,		/* extended descriptors, no dma-buf type */
};

struct fake_registry {
	enum fake_interface interface;
	uint32_t type;		/* number of the dma-buf type, normally 2 */
	unsigned int slots;	/* of the table */
	unsigned int most;	/* descriptors taken by one call, 0: all */
	int refused_slot;	/* -1: none */
	int refused_errno;
	void (*meanwhile)(void);	/* once, during the next call */
	unsigned int calls;
	unsigned int table_calls;
	unsigned char update[32];	/* bytes of the last update */
	unsigned char descs[8 * 80];	/* and of its first descriptors */
	struct {
		int dmabuf_fd;
		int target_fd;
	} slot[64];
	int files[16];		/* the first registered files */
	uint64_t dmabuf_size;	/* no I/O goes beyond this */
};

extern struct fake_registry fake_registry;

/* An answer for fake_kernel: reads fake_byte() into registered dma-bufs. */
int fake_drive(const struct io_uring_sqe *sqe);

#endif
