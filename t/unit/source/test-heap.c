/* SPDX-License-Identifier: GPL-2.0-only */
/* The dma-heap source: its requests to the kernel, and each failure. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "source.h"

#define MANY	": each dma-buf takes one or two; raise the limit with ulimit -n, or raise dmabuf_chunk"

static struct dmabuf_source_option option;
static struct dmabuf_source source;
static struct dmabuf_chunk chunk;
static struct dmabuf_error err;

static int alloc(const char *text, uint64_t size)
{
	CHECK_INT(dmabuf_source_parse(&option, text, &err), 0);
	CHECK_INT(dmabuf_source_open(&source, &option, &err), 0);
	memset(&err, 0, sizeof(err));
	chunk = (struct dmabuf_chunk) { .size = size, .fd = -1, .memfd = -1 };
	return source.kind->alloc(&source, &chunk, &err);
}

static void test_allocation(void)
{
	fake_file("/dev/dma_heap/system", NULL);
	CHECK_INT(alloc("heap", 3 << 20), 0);
	/* O_RDWR | O_CLOEXEC for the dma-buf, no flags of the heap's own */
	CHECK_TEXT(fake.log, "open /dev/dma_heap/system 1000\n"
		   "heap 1000 len 3145728 flags 0x80002 0: 1001\n"
		   "close 1000\n");
	CHECK_INT(chunk.fd, 1001);
	CHECK_INT(chunk.memfd, -1);
	source.kind->free(&source, &chunk);
	CHECK_INT(fake_left(), 0);
}

static void test_other_heap(void)
{
	fake_file("/dev/dma_heap/default_cma_region", NULL);
	CHECK_INT(alloc("heap:default_cma_region", 1 << 20), 0);
	source.kind->free(&source, &chunk);
}

static void test_no_heaps_at_all(void)
{
	CHECK_INT(alloc("heap", 4096), -ENOENT);
	CHECK_ERROR(&err, -ENOENT, "/dev/dma_heap: this kernel has no dma-heaps; use one with CONFIG_DMABUF_HEAPS and CONFIG_DMABUF_HEAPS_SYSTEM, or dmabuf_source=udmabuf");
	CHECK_INT(fake_left(), 0);
}

static void touch(const char *dir, const char *name)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (CHECK(f))
		fclose(f);
}

static void drop(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static void test_unknown_heap(void)
{
	char dir[] = "/tmp/test-heap-XXXXXX", name[32];
	const char *first, *second;
	int i;

	CHECK(mkdtemp(dir));
	fake_file("/dev/dma_heap", "");
	fake.heap_dir = dir;
	CHECK_INT(alloc("heap:vram", 4096), -ENOENT);
	CHECK_ERROR(&err, -ENOENT, "/dev/dma_heap/vram: no heap named vram; available: none");

	touch(dir, "system");
	CHECK_INT(alloc("heap:vram", 4096), -ENOENT);
	CHECK_ERROR(&err, -ENOENT, "/dev/dma_heap/vram: no heap named vram; available: system");

	touch(dir, "reserved");
	CHECK_INT(alloc("heap:vram", 4096), -ENOENT);
	first = strstr(err.text, "available: ");
	second = strstr(err.text, ", ");
	CHECK(first && second && strstr(first, "system") &&
	      strstr(first, "reserved"));

	/* More heaps than fit: still one terminated line. */
	for (i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "vendor_heap_number_%d", i);
		touch(dir, name);
	}
	CHECK_INT(alloc("heap:vram", 4096), -ENOENT);
	CHECK(strlen(err.text) > 150 && strlen(err.text) < 300);
	for (i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "vendor_heap_number_%d", i);
		drop(dir, name);
	}
	drop(dir, "system");
	drop(dir, "reserved");
	CHECK_INT(rmdir(dir), 0);
}

static void test_open_refused(void)
{
	static const struct {
		int error;
		const char *line;
	} vectors[] = {
		{ EACCES, "/dev/dma_heap/system: Permission denied; run as root or give the user access with a udev rule" },
		{ EPERM, "/dev/dma_heap/system: Operation not permitted; run as root or give the user access with a udev rule" },
		{ EMFILE, "dmabuf_source=heap:system: Too many open files" MANY },
		{ ENFILE, "dmabuf_source=heap:system: Too many open files in system" MANY },
		{ EIO, "/dev/dma_heap/system: Input/output error; see the kernel log" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_file_error("/dev/dma_heap/system", vectors[i].error);
		CHECK_INT(alloc("heap", 4096), -vectors[i].error);
		CHECK_ERROR(&err, -vectors[i].error, vectors[i].line);
		CHECK_INT(fake_left(), 0);
	}
}

static void test_allocation_refused(void)
{
	static const int many[] = { EMFILE, ENFILE };
	static const char *const lines[] = {
		"dmabuf_source=heap:system: Too many open files" MANY,
		"dmabuf_source=heap:system: Too many open files in system" MANY,
	};
	unsigned int i;

	fake_file("/dev/dma_heap/system", NULL);
	fake.errors[FAKE_HEAP_ALLOC] = ENOMEM;
	CHECK_INT(alloc("heap", 1 << 30), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "/dev/dma_heap/system: cannot allocate 1 GiB: Cannot allocate memory; lower iodepth or bs, or dmabuf_chunk if the heap has no piece that large");
	CHECK_INT(chunk.fd, -1);
	CHECK_INT(fake_left(), 0);

	/* The dma-buf is a descriptor as well. */
	for (i = 0; i < 2; i++) {
		fake.errors[FAKE_HEAP_ALLOC] = many[i];
		CHECK_INT(alloc("heap", 1 << 30), -many[i]);
		CHECK_ERROR(&err, -many[i], lines[i]);
		CHECK_INT(fake_left(), 0);
	}
}

static const struct check checks[] = {
	{ "allocation", test_allocation },
	{ "another heap", test_other_heap },
	{ "no heaps at all", test_no_heaps_at_all },
	{ "an unknown heap", test_unknown_heap },
	{ "open refused", test_open_refused },
	{ "allocation refused", test_allocation_refused },
};

CHECK_MAIN("heap", checks)
