/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Comparing a block: each kind of wrong data is named, a single byte is enough,
 * anywhere, and what is unknown is never claimed.
 */
#include <string.h>

#include "compare.h"
#include "t/unit/check.h"

#define SIZE	4096
#define OTHERS	(4 * SIZE)

static unsigned char actual[SIZE], before[SIZE], earlier[SIZE];
static unsigned char others[OTHERS];
/* The block is the third of four places in a row. */
static unsigned char *const expected = others + 2 * SIZE;
static struct dmabuf_block block;
static unsigned int seed;

static void fill(unsigned char *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = check_random(&seed, 256);
}

static void begin(void)
{
	seed = seed ? : 1;
	fill(others, OTHERS);
	fill(earlier, SIZE);
	dmabuf_compare_poison(before, expected, SIZE);
	memcpy(actual, expected, SIZE);
	block = (struct dmabuf_block){
		.actual = actual,
		.expected = expected,
		.before = before,
		.earlier = earlier,
		.others = others,
		.others_size = OTHERS,
		.size = SIZE,
	};
}

static void is(enum dmabuf_arrival wanted)
{
	CHECK_TEXT(dmabuf_arrival_name(dmabuf_compare(&block)),
		   dmabuf_arrival_name(wanted));
}

static void test_arrived(void)
{
	begin();
	is(DMABUF_ARRIVED);
	CHECK_INT(dmabuf_compare_first(&block), SIZE);
}

static void test_poison(void)
{
	unsigned int i, same = 0;

	begin();
	memset(expected, 0, SIZE / 2);
	memset(expected + SIZE / 2, 255, 100);
	dmabuf_compare_poison(before, expected, SIZE);
	for (i = 0; i < SIZE; i++)
		same += before[i] == expected[i];
	CHECK_INT(same, 0);
}

/* Every single byte, the last one too. */
static void test_one_byte(void)
{
	unsigned int i, seen = 0;

	begin();
	for (i = 0; i < SIZE; i++) {
		actual[i] = before[i];
		seen += dmabuf_compare(&block) == DMABUF_TORN &&
			dmabuf_compare_first(&block) == i;
		actual[i] = expected[i];
	}
	CHECK_INT(seen, SIZE);
}

static void test_kinds(void)
{
	begin();
	memcpy(actual, before, SIZE);
	is(DMABUF_UNTOUCHED);
	CHECK_INT(dmabuf_compare_first(&block), 0);
	memcpy(actual, earlier, SIZE);
	is(DMABUF_STALE);
	memcpy(actual, others, SIZE);
	is(DMABUF_SHIFTED);
	memcpy(actual, others + 3 * SIZE, SIZE);
	is(DMABUF_SHIFTED);
	/* One block of the drive too far */
	memcpy(actual, expected + 512, SIZE);
	is(DMABUF_SHIFTED);
	memcpy(actual, expected - 1024, SIZE);
	is(DMABUF_SHIFTED);
	fill(actual, SIZE);
	is(DMABUF_FOREIGN);
}

static void test_torn(void)
{
	begin();
	/* The rest was never written, */
	memcpy(actual + 512, before + 512, SIZE - 512);
	is(DMABUF_TORN);
	/* is of an earlier block, */
	memcpy(actual + 512, earlier + 512, SIZE - 512);
	is(DMABUF_TORN);
	/* or something else. */
	fill(actual + 64, SIZE - 64);
	is(DMABUF_TORN);
	/* Wrong data arrived, but not everywhere. */
	memcpy(actual, earlier, SIZE);
	memcpy(actual + SIZE - 64, before + SIZE - 64, 64);
	is(DMABUF_TORN);
}

static void test_unknown(void)
{
	begin();
	block.before = NULL;
	block.earlier = NULL;
	block.others = NULL;
	is(DMABUF_ARRIVED);
	memcpy(actual, before, SIZE);
	is(DMABUF_FOREIGN);
	memcpy(actual, earlier, SIZE);
	is(DMABUF_FOREIGN);
	memcpy(actual, others, SIZE);
	is(DMABUF_FOREIGN);
	memcpy(actual, expected, 64);
	is(DMABUF_TORN);
}

/* The last part is smaller, and nothing beyond the block is looked at. */
static void test_odd_size(void)
{
	begin();
	block.size = 100;
	is(DMABUF_ARRIVED);
	memcpy(actual, before, 100);
	is(DMABUF_UNTOUCHED);
	memcpy(actual + 64, expected + 64, 36);
	is(DMABUF_TORN);
	memcpy(actual, expected, 100);
	actual[100] ^= 1;
	is(DMABUF_ARRIVED);
	block.others_size = 99;
	memcpy(actual, others, 100);
	is(DMABUF_FOREIGN);
}

/* On a drive of zeros only lost and torn data can be seen. */
static void test_alike(void)
{
	begin();
	memset(others, 0, OTHERS);
	memset(earlier, 0, SIZE);
	memset(actual, 0, SIZE);
	dmabuf_compare_poison(before, expected, SIZE);
	is(DMABUF_ARRIVED);
	memcpy(actual, before, SIZE);
	is(DMABUF_UNTOUCHED);
	actual[17] = 0;
	is(DMABUF_TORN);
}

static const struct check checks[] = {
	{ "what arrived", test_arrived },
	{ "poison differs in every byte", test_poison },
	{ "every single byte", test_one_byte },
	{ "untouched, stale, shifted, foreign", test_kinds },
	{ "torn", test_torn },
	{ "what is unknown is not claimed", test_unknown },
	{ "odd sizes", test_odd_size },
	{ "blocks that look alike", test_alike },
};

CHECK_MAIN("compare", checks)
