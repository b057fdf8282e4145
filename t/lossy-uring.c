/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library for LD_PRELOAD that lets every Nth transfer of a dma-buf succeed
 * and do something else: LOSSY="KIND N". Warm-up reads, which are smaller than
 * a page, are left alone.
 *
 *   lost       the data goes nowhere
 *   stale      the transfer before at the same place in the buffer, once more
 *   misplaced  the place on the drive of the transfer in the next slice
 */
#include <dlfcn.h>
#include <liburing.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLICES	64
#define LARGEST	65536

static struct {
	char kind[16];
	unsigned int every;
	unsigned int transfers;
	uint64_t of_slice[SLICES];	/* newest place on the drive, plus 1;
					 * 0: none yet */
	char nowhere[LARGEST] __attribute__((aligned(4096)));
} lossy;

static void spoil(struct io_uring_sqe *sqe)
{
	unsigned int slice = sqe->addr / sqe->len % SLICES;
	unsigned int other = strcmp(lossy.kind, "stale") ? slice ^ 1 : slice;
	uint64_t before = lossy.of_slice[other];

	lossy.of_slice[slice] = sqe->off + 1;
	if (!lossy.every || ++lossy.transfers % lossy.every)
		return;
	if (!strcmp(lossy.kind, "lost")) {
		/* A write, too, becomes a read of no consequence. */
		sqe->opcode = IORING_OP_READ;
		sqe->addr = (uintptr_t)lossy.nowhere;
		sqe->buf_index = 0;
	} else if (before) {
		sqe->off = before - 1;
	}
}

static bool is_transfer(const struct io_uring_sqe *sqe)
{
	return (sqe->opcode == IORING_OP_READ_FIXED ||
		sqe->opcode == IORING_OP_WRITE_FIXED) &&
	       sqe->len >= 4096 && sqe->len <= LARGEST;
}

__attribute__((visibility("default")))
int io_uring_submit_and_wait(struct io_uring *ring, unsigned int wait)
{
	int (*next)(struct io_uring *ring, unsigned int wait) =
		dlsym(RTLD_NEXT, "io_uring_submit_and_wait");
	struct io_uring_sq *sq = &ring->sq;
	const char *text = getenv("LOSSY");
	unsigned int i;

	if (!text || sscanf(text, "%15s %u", lossy.kind, &lossy.every) != 2)
		lossy.every = 0;
	/* What liburing has flushed before was seen before. */
	for (i = sq->sqe_head; i != sq->sqe_tail; i++)
		if (is_transfer(&sq->sqes[i & sq->ring_mask]))
			spoil(&sq->sqes[i & sq->ring_mask]);
	return next(ring, wait);
}
