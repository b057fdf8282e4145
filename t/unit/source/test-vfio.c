/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vfio source: its argument, the window in a BAR, its requests to the
 * kernel, and each failure. test-vfio-device tests opening the device.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake-vfio.h"
#include "t/unit/fake/fake.h"
#include "source.h"
#include "t/unit/sample/vfio-sample.h"

#define NAME	"dmabuf_source=vfio:0000:01:00.0"

static struct dmabuf_source_option option;
static struct dmabuf_source source;
static struct dmabuf_error err;

/* Parses and opens; close_source() closes it. */
static int open_source(const char *text)
{
	int ret;

	memset(&err, 0, sizeof(err));
	ret = dmabuf_source_parse(&option, text, &err);
	return ret ? ret : dmabuf_source_open(&source, &option, &err);
}

static void close_source(void)
{
	dmabuf_source_close(&source);
	CHECK_INT(source.watch, -1);
	CHECK_INT(fake_left(), 0);
}

static int alloc(struct dmabuf_chunk *chunk, uint64_t size)
{
	*chunk = (struct dmabuf_chunk) { .size = size, .fd = -1, .memfd = -1 };
	return source.kind->alloc(&source, chunk, &err);
}

static void test_argument_refused(void)
{
#define ADDRESS	": no PCI address given; write vfio:0000:01:00.0, as lspci -D shows it"
#define SIZE	" is not a size; write a number of bytes, with suffix k, m or g if needed"
#define PAGES	" is not a multiple of the page size; use a multiple of 4 KiB"
	static const struct {
		const char *text, *line;
	} vectors[] = {
		{ "vfio", "dmabuf_source=vfio" ADDRESS },
		{ "vfio:", "dmabuf_source=vfio:: nothing after the colon; write vfio or vfio:ARG" },
		{ "vfio:,bar=2", "dmabuf_source=vfio:,bar=2" ADDRESS },
		{ "vfio:bar=2", "dmabuf_source=vfio:bar=2" ADDRESS },
		{ "vfio:0000:01:00", "dmabuf_source=vfio:0000:01:00" ADDRESS },
		{ "vfio:0000:01:00.8", "dmabuf_source=vfio:0000:01:00.8" ADDRESS },
		{ "vfio:0000:01:20.0", "dmabuf_source=vfio:0000:01:20.0" ADDRESS },
		{ "vfio:0000:01:00.00", "dmabuf_source=vfio:0000:01:00.00" ADDRESS },
		{ "vfio:0000:01:00.0x", "dmabuf_source=vfio:0000:01:00.0x" ADDRESS },
		{ "vfio:0000: 1:00.0", "dmabuf_source=vfio:0000: 1:00.0" ADDRESS },
		{ "vfio:../0000:01:00.0", "dmabuf_source=vfio:../0000:01:00.0" ADDRESS },
		{ "vfio:0000:01:00.0,", NAME ",: no such parameter: ; use bar=N, offset=SIZE or size=SIZE" },
		{ "vfio:0000:01:00.0,bars=2", NAME ",bars=2: no such parameter: bars=2; use bar=N, offset=SIZE or size=SIZE" },
		{ "vfio:0000:01:00.0,bar=6", NAME ",bar=6: no such BAR: 6; use bar=0 to bar=5" },
		{ "vfio:0000:01:00.0,bar=", NAME ",bar=: no such BAR: ; use bar=0 to bar=5" },
		{ "vfio:0000:01:00.0,bar=22", NAME ",bar=22: no such BAR: 22; use bar=0 to bar=5" },
		{ "vfio:0000:01:00.0,size=", NAME ",size=: size=" SIZE },
		{ "vfio:0000:01:00.0,size=-4k", NAME ",size=-4k: size=-4k" SIZE },
		{ "vfio:0000:01:00.0,size=4kb", NAME ",size=4kb: size=4kb" SIZE },
		{ "vfio:0000:01:00.0,size=4t", NAME ",size=4t: size=4t" SIZE },
		{ "vfio:0000:01:00.0,offset=k", NAME ",offset=k: offset=k" SIZE },
		{ "vfio:0000:01:00.0,offset=99999999999999999999", NAME ",offset=99999999999999999999: offset=99999999999999999999" SIZE },
		{ "vfio:0000:01:00.0,size=99999999999999g", NAME ",size=99999999999999g: size=99999999999999g" SIZE },
		{ "vfio:0000:01:00.0,size=0", NAME ",size=0: size=0 is empty; leave it out to use the whole BAR" },
		{ "vfio:0000:01:00.0,size=2k", NAME ",size=2k: size=2k" PAGES },
		{ "vfio:0000:01:00.0,offset=4097", NAME ",offset=4097: offset=4097" PAGES },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		memset(&err, 0, sizeof(err));
		CHECK_INT(dmabuf_source_parse(&option, vectors[i].text, &err),
			  -EINVAL);
		CHECK_ERROR(&err, -EINVAL, vectors[i].line);
	}
	CHECK_TEXT(fake.log, "");
}

static void test_windows(void)
{
	static const struct {
		const char *text, *name;
		uint64_t limit;
		unsigned long long first;
	} vectors[] = {
		{ "vfio:01:00.0", "vfio:0000:01:00.0,bar=2", 64 << 20, 0 },
		{ "vfio:0000:01:00.0", "vfio:0000:01:00.0,bar=2", 64 << 20,
		  0 },
		{ "vfio:00000000:01:00.0,bar=4", "vfio:0000:01:00.0,bar=4",
		  8192, 0 },
		{ "vfio:0000:01:00.0,offset=1M",
		  "vfio:0000:01:00.0,bar=2,offset=1m", 63 << 20, 1 << 20 },
		{ "vfio:0000:01:00.0,size=68k,offset=65011712,bar=2",
		  "vfio:0000:01:00.0,bar=2,offset=62m,size=68k", 68 << 10,
		  62 << 20 },
		{ "vfio:0000:01:00.0,size=64m", "vfio:0000:01:00.0,bar=2,size=64m",
		  64 << 20, 0 },
		{ "vfio:0000:01:00.0,bar=5", "vfio:0000:01:00.0,bar=5",
		  1 << 30, 0 },
	};
	struct dmabuf_chunk chunk;
	char export[64];
	uint64_t limit;
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_reset();
		vfio_sample();
		fake_vfio.bar_size[4] = 8192 + 512;
		if (strstr(vectors[i].text, "bar=5"))
			fake_vfio.bar_size[5] = 4ULL << 30;
		CHECK_INT(open_source(vectors[i].text), 0);
		CHECK_TEXT(source.name, vectors[i].name);
		CHECK(source.shadowed);
		CHECK_INT(source.granule, 4096);
		CHECK_INT(dmabuf_source_limit(&source, &limit, &err), 0);
		CHECK_INT(limit, vectors[i].limit);
		CHECK_INT(alloc(&chunk, 4096), 0);
		snprintf(export, sizeof(export), "ranges 1 %llu+4096: %d\n",
			 vectors[i].first, chunk.fd);
		CHECK_HAS(fake.log, export);
		source.kind->free(&source, &chunk);
		close_source();
	}
}

static void test_allocation(void)
{
	struct dmabuf_chunk chunk[2];

	vfio_sample();
	CHECK_INT(open_source("vfio:0000:01:00.0,offset=4k"), 0);
	CHECK_TEXT(source.detail, "1af4:1110 BAR 2 of 64 MiB");
	CHECK_INT(source.watch, 1003);
	/* An eventfd as trigger; 4 is VFIO_PCI_REQ_IRQ_INDEX. */
	CHECK_HAS(fake.log, "irqs 1002 argsz 24 flags 0x24 index 4 start 0 count 1: 1003\n");
	fake.log[0] = '\0';
	CHECK_INT(alloc(&chunk[0], 1 << 20), 0);
	CHECK_INT(alloc(&chunk[1], 8192), 0);
	CHECK_INT(chunk[0].handle, 4096);
	CHECK_INT(chunk[1].handle, 4096 + (1 << 20));
	source.kind->free(&source, &chunk[0]);
	source.kind->free(&source, &chunk[1]);
	/* O_RDWR | O_CLOEXEC; BAR 2 is at 2 << 40 in the device's file */
	CHECK_TEXT(fake.log,
		   "export 1002 region 2 open 0x80002 flags 0 ranges 1 4096+1048576: 1004\n"
		   "map 1002 1048576 at 0x20000001000 shared\n"
		   "export 1002 region 2 open 0x80002 flags 0 ranges 1 1052672+8192: 1005\n"
		   "map 1002 8192 at 0x20000101000 shared\n"
		   "close 1004\nclose 1005\n");
	/* Once all chunks are freed, the window is empty. */
	CHECK_INT(alloc(&chunk[0], 63 << 20), 0);
	CHECK_INT(chunk[0].handle, 4096);
	source.kind->free(&source, &chunk[0]);
	close_source();
}

static void test_copies(void)
{
	unsigned char to[64] = { 0 }, from[64];
	struct dmabuf_part part = { .offset = 4090, .size = 64 };
	struct dmabuf_chunk chunk;
	int i;

	vfio_sample();
	CHECK_INT(open_source("vfio:0000:01:00.0"), 0);
	CHECK_INT(alloc(&chunk, 8192), 0);
	for (i = 0; i < 64; i++)
		from[i] = fake_byte(i);
	part.address = from;
	CHECK_INT(source.kind->write(&source, &chunk, &part), 0);
	CHECK(!memcmp((char *)chunk.window + 4090, from, 64));
	part.address = to;
	CHECK_INT(source.kind->read(&source, &chunk, &part), 0);
	CHECK(!memcmp(to, from, 64));
	fake.errors[FAKE_COPY] = EFAULT;
	CHECK_INT(source.kind->write(&source, &chunk, &part), -ENODEV);
	CHECK_INT(source.kind->read(&source, &chunk, &part), -ENODEV);
	source.kind->free(&source, &chunk);
	close_source();
}

static void test_window_refused(void)
{
#define THERE	"; available: bar=2 of 64 MiB"
	static const struct {
		const char *text, *line;
	} vectors[] = {
		{ ",bar=1", ",bar=1: BAR 1 has no memory" THERE },
		{ ",bar=3", ",bar=3: BAR 3 cannot be mapped, it is I/O ports or smaller than a page" THERE },
		{ ",bar=0", ",bar=0: BAR 0 has 256 bytes, too little for 4 KiB at offset 0; lower offset or size" },
		{ ",size=65m", ",size=65m: BAR 2 has 64 MiB, too little for 65 MiB at offset 0; lower offset or size" },
		{ ",offset=64m", ",offset=64m: BAR 2 has 64 MiB, too little for 4 KiB at offset 64m; lower offset or size" },
		{ ",offset=1g", ",offset=1g: BAR 2 has 64 MiB, too little for 4 KiB at offset 1g; lower offset or size" },
		{ ",offset=63m,size=1028k", ",offset=63m,size=1028k: BAR 2 has 64 MiB, too little for 1028 KiB at offset 63m; lower offset or size" },
	};
	char text[128], line[256];
	size_t i;

	vfio_sample();
	fake_vfio.bar_size[3] = 4096;
	fake_vfio.bar_unmapped[3] = true;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		snprintf(text, sizeof(text), "vfio:0000:01:00.0%s",
			 vectors[i].text);
		snprintf(line, sizeof(line), NAME "%s", vectors[i].line);
		CHECK_INT(open_source(text), -EINVAL);
		CHECK_ERROR(&err, -EINVAL, line);
		CHECK_INT(fake_left(), 0);
	}
	fake_vfio.bar_size[2] = 0;
	CHECK_INT(open_source("vfio:0000:01:00.0"), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, NAME ": the device has no BAR that can be mapped; use another device");
	CHECK_INT(open_source("vfio:0000:01:00.0,bar=1"), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, NAME ",bar=1: BAR 1 has no memory; available: none");
}

static void test_memory_is_off(void)
{
	vfio_sample();
	fake_vfio.command[0] = 1;
	CHECK_INT(open_source("vfio:0000:01:00.0"), 0);
	CHECK_HAS(fake.log, "read 2 at 0x70000000004\nwrite 2 at 0x70000000004: 0x3\n");
	close_source();
}

/* A short read has no errno. */
static void test_no_configuration(void)
{
	vfio_sample();
	fake_vfio.command[0] = 1;
	fake_vfio.no_config = true;
	errno = 0;
	CHECK_INT(open_source("vfio:0000:01:00.0"), -EIO);
	CHECK_ERROR(&err, -EIO, NAME ",bar=2: cannot enable the device's memory: Input/output error; see the kernel log");
	CHECK_INT(fake_left(), 0);
}

static void test_too_much(void)
{
	struct dmabuf_chunk chunk[2];

	vfio_sample();
	CHECK_INT(open_source("vfio:0000:01:00.0,size=1m"), 0);
	CHECK_INT(alloc(&chunk[0], 768 << 10), 0);
	CHECK_INT(alloc(&chunk[1], 512 << 10), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, NAME ",bar=2,size=1m: the job needs more than the window of 1 MiB; lower iodepth or bs, or use a larger BAR");
	source.kind->free(&source, &chunk[0]);
	close_source();
}

/* Opening and allocating a chunk: each step fails with its own error. */
static void test_steps_refused(void)
{
#define AT	NAME ",bar=2: "
#define MANY	": each dma-buf takes one or two; raise the limit with ulimit -n, or raise dmabuf_chunk"
	static const struct {
		enum fake_call call;
		int error;
		const char *line;
	} vectors[] = {
		{ FAKE_ALLOC, ENOMEM, NAME ": out of memory; lower iodepth, bs or numjobs" },
		{ FAKE_VFIO_REGION, EIO, NAME ": the device has no BAR that can be mapped; use another device" },
		{ FAKE_VFIO_FEATURE, ENOTTY, AT "this kernel cannot export the memory of a vfio device as a dma-buf; use Linux 6.19 or later with CONFIG_VFIO_PCI_DMABUF" },
		{ FAKE_VFIO_FEATURE, EOPNOTSUPP, AT "this device cannot be exported as a dma-buf: Operation not supported; see the kernel log" },
		{ FAKE_PREAD, EIO, AT "cannot enable the device's memory: Input/output error; see the kernel log" },
		{ FAKE_PWRITE, EIO, AT "cannot enable the device's memory: Input/output error; see the kernel log" },
		{ FAKE_EVENTFD, EMFILE, AT "Too many open files" MANY },
		{ FAKE_EVENTFD, ENOMEM, AT "cannot watch for the removal of the device: Cannot allocate memory; see the kernel log" },
		{ FAKE_VFIO_IRQS, EINVAL, AT "cannot watch for the removal of the device: Invalid argument; see the kernel log" },
		{ FAKE_VFIO_EXPORT, EMFILE, AT "Too many open files" MANY },
		{ FAKE_VFIO_EXPORT, ENODEV, AT "cannot export 1 MiB as a dma-buf: No such device; see the kernel log" },
		{ FAKE_MMAP, EINVAL, AT "cannot map 1 MiB of BAR 2: Invalid argument; see the kernel log" },
	};
	struct dmabuf_chunk chunk;
	size_t i;
	int ret;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_reset();
		vfio_sample();
		fake_vfio.command[0] = vectors[i].call == FAKE_PWRITE ? 0 : 2;
		fake.errors[vectors[i].call] = vectors[i].error;
		ret = open_source("vfio:0000:01:00.0");
		if (!ret) {
			ret = alloc(&chunk, 1 << 20);
			dmabuf_source_close(&source);
		}
		CHECK(ret < 0);
		CHECK_ERROR(&err, ret, vectors[i].line);
		CHECK_INT(source.watch, -1);
		CHECK_INT(fake_left(), 0);
	}
}

/* Querying the BAR, after seven calls to open and six for the list */
static void test_unknown_region(void)
{
	vfio_sample();
	fake.fail_at = 14;
	fake.fail_errno = EINVAL;
	CHECK_INT(open_source("vfio:0000:01:00.0,bar=2"), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, NAME ",bar=2: the kernel cannot describe BAR 2: Invalid argument; see the kernel log");
	CHECK_INT(fake_left(), 0);
}

/* Whichever call fails, nothing stays open. */
static void test_each_call_fails(void)
{
	struct dmabuf_chunk chunk;
	unsigned int at, by_file;
	int ret;

	for (by_file = 0; by_file < 2; by_file++)
		for (at = 1; at < 100; at++) {
			fake_reset();
			if (by_file)
				vfio_sample_file();
			else
				vfio_sample();
			fake_vfio.command[0] = 0;
			fake.fail_at = at;
			fake.fail_errno = EIO;
			ret = open_source("vfio:0000:01:00.0");
			if (!ret) {
				ret = alloc(&chunk, 1 << 20);
				if (!ret)
					source.kind->free(&source, &chunk);
				dmabuf_source_close(&source);
			}
			CHECK(!ret || (err.code == ret && err.text[0]));
			CHECK_INT(source.watch, -1);
			CHECK_INT(fake_left(), 0);
			if (by_file)
				vfio_sample_file_end();
			if (fake.calls < at)
				break;
		}
	CHECK(at < 100);
}

static const struct check checks[] = {
	{ "argument refused", test_argument_refused },
	{ "windows", test_windows },
	{ "allocation", test_allocation },
	{ "copies", test_copies },
	{ "window refused", test_window_refused },
	{ "memory is off", test_memory_is_off },
	{ "no configuration space", test_no_configuration },
	{ "too much", test_too_much },
	{ "each step refused", test_steps_refused },
	{ "a region that is not described", test_unknown_region },
	{ "each call fails", test_each_call_fails },
};

CHECK_MAIN("vfio", checks)
