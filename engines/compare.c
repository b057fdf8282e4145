/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a block is wrong. Blocks that look alike cannot be told apart: where a
 * drive holds only zeros, stale and shifted data are right.
 */
#include <stdbool.h>
#include <string.h>

#include "compare.h"

/* Other places begin at multiples of this: the smallest block of a drive. */
#define STEP	512

/* Parts of a torn block: no bus transfers less at once, except at an end. */
#define PART	64

static bool equals(const struct dmabuf_block *block, const unsigned char *what)
{
	return what && !memcmp(block->actual, what, block->size);
}

static bool is_of_another_place(const struct dmabuf_block *block)
{
	size_t at;

	for (at = 0; block->others && at + block->size <= block->others_size;
	     at += STEP)
		if (equals(block, block->others + at))
			return true;
	return false;
}

/* Some part is right, or else some part still holds what was there before. */
static bool is_torn(const struct dmabuf_block *block)
{
	size_t at, size;

	for (at = 0; at < block->size; at += PART) {
		size = block->size - at < PART ? block->size - at : PART;
		if (!memcmp(block->actual + at, block->expected + at, size))
			return true;
		if (block->before &&
		    !memcmp(block->actual + at, block->before + at, size))
			return true;
	}
	return false;
}

enum dmabuf_arrival dmabuf_compare(const struct dmabuf_block *block)
{
	if (__builtin_expect(equals(block, block->expected), 1))
		return DMABUF_ARRIVED;
	if (equals(block, block->before))
		return DMABUF_UNTOUCHED;
	if (equals(block, block->earlier))
		return DMABUF_STALE;
	if (is_of_another_place(block))
		return DMABUF_SHIFTED;
	return is_torn(block) ? DMABUF_TORN : DMABUF_FOREIGN;
}

size_t dmabuf_compare_first(const struct dmabuf_block *block)
{
	size_t at = 0;

	while (at < block->size && block->actual[at] == block->expected[at])
		at++;
	return at;
}

const char *dmabuf_arrival_name(enum dmabuf_arrival arrival)
{
	static const char *const names[] = {
		[DMABUF_ARRIVED] = "arrived",
		[DMABUF_UNTOUCHED] = "untouched",
		[DMABUF_STALE] = "stale",
		[DMABUF_SHIFTED] = "shifted",
		[DMABUF_TORN] = "torn",
		[DMABUF_FOREIGN] = "foreign",
	};

	return names[arrival];
}

void dmabuf_compare_poison(unsigned char *poison, const unsigned char *expected,
			   size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		poison[i] = ~expected[i];
}
