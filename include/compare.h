/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compares a block that an I/O brought with what it should be, every byte, and
 * tells how a wrong one is wrong. Works on host memory alone: the caller copies
 * the block there. Nothing is allocated.
 */
#ifndef DMABUF_COMPARE_H
#define DMABUF_COMPARE_H

#include <stddef.h>

enum dmabuf_arrival {
	DMABUF_ARRIVED,		/* every byte is right */
	DMABUF_UNTOUCHED,	/* nothing arrived: what was there before */
	DMABUF_STALE,		/* what an earlier I/O brought to this place */
	DMABUF_SHIFTED,		/* the data of another place */
	DMABUF_TORN,		/* a part is right, or a part arrived */
	DMABUF_FOREIGN,		/* none of these */
	DMABUF_NR_ARRIVALS,
};

/*
 * All blocks have @size bytes and are only read. NULL: unknown, so that this
 * kind is never found.
 */
struct dmabuf_block {
	const unsigned char *actual;	/* what is there */
	const unsigned char *expected;	/* what should be there */
	const unsigned char *before;	/* what was there just before: poison */
	const unsigned char *earlier;	/* what the I/O before that brought */
	const unsigned char *others;	/* the data of other places, which may
					 * include this one, in a row */
	size_t others_size;		/* bytes */
	size_t size;			/* bytes */
};

/* How the block arrived. Costs one memcmp() when it is right. */
enum dmabuf_arrival dmabuf_compare(const struct dmabuf_block *block);

/* The first byte that differs; @size when none does. */
size_t dmabuf_compare_first(const struct dmabuf_block *block);

/* "arrived", "untouched", "stale", "shifted", "torn", "foreign" */
const char *dmabuf_arrival_name(enum dmabuf_arrival arrival);

/*
 * Fills @poison so that each of its @size bytes differs from @expected: no byte
 * that did not arrive can pass.
 */
void dmabuf_compare_poison(unsigned char *poison, const unsigned char *expected,
			   size_t size);

#endif
