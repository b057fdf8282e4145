/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of fio-dmabuf-sendfile that do no I/O: the order of blocks, the
 * histogram with fio's buckets, and the options.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/sendfile/latency.h"
#include "bench/sendfile/options.h"
#include "bench/sendfile/order.h"
#include "t/unit/check.h"

/* True when each block comes exactly once before the order is done. */
static bool each_once(struct order *order)
{
	unsigned char *seen = calloc(order->blocks, 1);
	bool holds = true;
	uint64_t i, at;

	for (i = 0; i < order->blocks && holds; i++) {
		holds = !order_done(order);
		at = order_next(order);
		holds = holds && at < order->blocks && !seen[at]++;
	}
	free(seen);
	return holds && order_done(order);
}

static void test_each_block_once(void)
{
	static const uint64_t blocks[] = {
		1, 2, 3, 4, 5, 16, 17, 1000, 4095, 4096, 4097, 100000,
	};
	struct order order;
	unsigned int i, again;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		order_begin(&order, blocks[i], i, true, false);
		for (again = 0; again < 3; again++) {
			CHECK(each_once(&order));
			order_again(&order);
		}
		order_begin(&order, blocks[i], 0, false, false);
		CHECK(each_once(&order));
	}
}

static void test_sequence(void)
{
	struct order order;
	uint64_t i;

	order_begin(&order, 3, 7, false, true);
	for (i = 0; i < 3; i++)
		CHECK_INT(order_next(&order), i);
	CHECK(order_done(&order));
	order_again(&order);
	CHECK_INT(order_next(&order), 0);
}

/* How many of 1000 blocks are the same in both orders. */
static unsigned int same_places(struct order *a, struct order *b)
{
	unsigned int i, same = 0;

	for (i = 0; i < 1000; i++)
		same += order_next(a) == order_next(b);
	return same;
}

static void test_seeds(void)
{
	struct order a, b;

	order_begin(&a, 1000, 1, true, false);
	order_begin(&b, 1000, 1, true, false);
	CHECK_INT(same_places(&a, &b), 1000);
	order_begin(&a, 1000, 1, true, false);
	order_begin(&b, 1000, 2, true, false);
	CHECK(same_places(&a, &b) < 20);
	order_begin(&a, 1000, 1, true, false);
	order_begin(&b, 1000, 1, false, false);
	CHECK(same_places(&a, &b) < 20);
}

/* Consecutive blocks are far apart, and both halves are hit evenly. */
static void test_looks_random(void)
{
	unsigned int i, near = 0, odd = 0, low = 0;
	uint64_t at, before = 0;
	struct order order;

	order_begin(&order, 1 << 20, 3, true, false);
	for (i = 0; i < 10000; i++) {
		at = order_next(&order);
		near += at > before ? at - before < 64 : before - at < 64;
		odd += at & 1;
		low += at < 1 << 19;
		before = at;
	}
	CHECK(near < 20);
	CHECK(odd > 4700 && odd < 5300);
	CHECK(low > 4700 && low < 5300);
}

static void test_repeats(void)
{
	unsigned int i, seen[8] = { 0 };
	struct order order;

	order_begin(&order, 8, 1, true, true);
	for (i = 0; i < 8000; i++) {
		CHECK(!order_done(&order));
		seen[order_next(&order) & 7]++;
	}
	for (i = 0; i < 8; i++)
		CHECK(seen[i] > 800 && seen[i] < 1200);
}

/* What fio prints for these values: the middle of the bucket. */
static void test_buckets(void)
{
	static const struct {
		uint64_t ns, shown;
	} vectors[] = {
		{ 0, 0 }, { 1, 1 }, { 63, 63 }, { 64, 64 }, { 127, 127 },
		{ 128, 129 }, { 129, 129 }, { 130, 131 }, { 255, 255 },
		{ 256, 258 }, { 1616, 1624 }, { 1631, 1624 }, { 1632, 1640 },
		{ 1000000, 1003520 }, { 17247241215ULL, 17112760320ULL },
		{ UINT64_MAX, 17112760320ULL },
	};
	unsigned int i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct latency *one = calloc(1, sizeof(*one));

		latency_add(one, vectors[i].ns);
		CHECK_INT(latency_percentile(one, 50), vectors[i].shown);
		CHECK_INT(one->least, vectors[i].ns);
		free(one);
	}
}

static void test_latency(void)
{
	struct latency *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
	unsigned int i;

	CHECK_INT(latency_percentile(a, 50), 0);
	CHECK(latency_mean(a) == 0 && latency_deviation(a) == 0);
	for (i = 1; i <= 50; i++)
		latency_add(a, i);
	for (i = 51; i <= 100; i++)
		latency_add(b, i);
	latency_merge(b, a);
	CHECK_INT(b->count, 100);
	CHECK_INT(b->least, 1);
	CHECK_INT(b->most, 100);
	CHECK(latency_mean(b) == 50.5);
	/* of 1 to 100: the root of 100 * 101 / 12 */
	CHECK(latency_deviation(b) > 29.0114 &&
	      latency_deviation(b) < 29.0116);
	CHECK_INT(latency_percentile(b, 1), 1);
	CHECK_INT(latency_percentile(b, 50), 50);
	CHECK_INT(latency_percentile(b, 99), 99);
	CHECK_INT(latency_percentile(b, 99.9), 100);
	free(a);
	free(b);
}

static int parse(struct sendfile_options *o, const char *words,
		 struct dmabuf_error *err)
{
	static char text[512];
	static char name[] = "program";
	char *argv[32] = { name }, *word;
	int argc = 1;

	snprintf(text, sizeof(text), "%s", words);
	for (word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	err->code = 0;
	return sendfile_options_parse(o, argc, argv, err);
}

static void test_options(void)
{
	struct sendfile_options o;
	struct dmabuf_error err;

	CHECK_INT(parse(&o, "--filename=f --rw=randread --bs=128k --size=1g "
			"--offset=4K --runtime=2m --ramp_time=500ms "
			"--numjobs=3 --time_based --invalidate=0 "
			"--ioengine=sendfile --iodepth=1 --direct=0 "
			"--output-format=json+ --output=x --rw=read --randseed=9 "
			"--group_reporting --randrepeat=0", &err), 0);
	CHECK_TEXT(o.filename, "f");
	CHECK(!o.random && o.time_based && !o.invalidate && !o.same_order);
	CHECK_INT(o.bs, 128 << 10);
	CHECK_INT(o.size, 1 << 30);
	CHECK_INT(o.offset, 4096);
	CHECK_INT(o.runtime_ms, 120000);
	CHECK_INT(o.ramp_ms, 500);
	CHECK_INT(o.numjobs, 3);
	CHECK_INT(o.seed, 9);
	sendfile_options_free(&o);
	CHECK_INT(parse(&o, "--filename=f", &err), 0);
	CHECK_TEXT(o.sink, "/dev/null");
	CHECK(!o.random && !o.time_based && o.invalidate && o.same_order);
	CHECK_INT(o.bs, 4096);
	sendfile_options_free(&o);
	CHECK_INT(parse(&o, "--help", &err), 0);
	CHECK(o.help);
	sendfile_options_free(&o);
}

static void test_refused(void)
{
	static const struct {
		const char *words, *wanted;
	} vectors[] = {
		{ "", "filename" },
		{ "--filename=", "filename=" },
		{ "--filename=f --rw=write", "only reads" },
		{ "--filename=f --rw=randrw", "only reads" },
		{ "--filename=f --iodepth=2", "give iodepth=1" },
		{ "--filename=f --direct=1", "page cache" },
		{ "--filename=f --ioengine=sync", "the only engine" },
		{ "--filename=f --output-format=normal", "json+" },
		{ "--filename=f --verify=crc32c", "verify: unsupported option" },
		{ "--filename=f --bs=0", "bs: out of range" },
		{ "--filename=f --bs=4q", "not a number" },
		{ "--filename=f --bs=-1", "not a number" },
		{ "--filename=f --bs=4g", "bs: out of range" },
		{ "--filename=f --size=99999999999999999999", "not a number" },
		{ "--filename=f --size=18446744073709551615k", "not a number" },
		{ "--filename=f --runtime=1x", "not a time" },
		{ "--filename=f --numjobs=0", "1 to 4096" },
		{ "--filename=f --numjobs=4097", "1 to 4096" },
		{ "--filename=f --time_based", "give runtime" },
		{ "--filename=f --time_based=2", "0 or 1" },
		{ "--filename=f --rw=randread --norandommap", "never ends" },
		{ "/nowhere/job.fio", "job file" },
	};
	struct sendfile_options o;
	struct dmabuf_error err;
	unsigned int i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		int ret = parse(&o, vectors[i].words, &err);

		CHECK(ret < 0);
		CHECK_INT(err.code, ret);
		CHECK_HAS(err.text, vectors[i].wanted);
		CHECK(!strchr(err.text, '\n'));
		sendfile_options_free(&o);
	}
}

static const struct check checks[] = {
	{ "a random order has each block once", test_each_block_once },
	{ "a sequential order", test_sequence },
	{ "another seed gives another order", test_seeds },
	{ "a random order looks random", test_looks_random },
	{ "a random order with repetitions", test_repeats },
	{ "fio's buckets", test_buckets },
	{ "latency statistics", test_latency },
	{ "options", test_options },
	{ "unsupported and invalid options", test_refused },
};

CHECK_MAIN("sendfile", checks)
