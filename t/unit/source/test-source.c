/* SPDX-License-Identifier: GPL-2.0-only */
/* Parsing of dmabuf_source=, the table of kinds, and opening a source. */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "source.h"

#define DIGITS_60	"012345678901234567890123456789012345678901234567890123456789"

static struct dmabuf_source_option option;
static struct dmabuf_source source;
static struct dmabuf_error err;

static void open_source(const char *text)
{
	CHECK_INT(dmabuf_source_parse(&option, text, &err), 0);
	CHECK_INT(dmabuf_source_open(&source, &option, &err), 0);
}

static void test_good(void)
{
	static const struct {
		const char *text, *kind, *name, *arg;
		uint64_t granule;
		bool ordinary_pages;		/* counted by /proc/meminfo */
	} vectors[] = {
		{ "heap", "heap", "heap:system", "system", 4096,
		  true },
		{ "heap:system", "heap", "heap:system", "system", 4096,
		  true },
		{ "heap:reserved", "heap", "heap:reserved", "reserved", 4096,
		  false },
		{ "heap:linux,cma", "heap", "heap:linux,cma", "linux,cma",
		  4096, false },
		{ "heap:a:b", "heap", "heap:a:b", "a:b", 4096, false },
		{ "udmabuf", "udmabuf", "udmabuf", "", 4096, true },
		{ "udmabuf:2M", "udmabuf", "udmabuf:2M", "2M", 2 << 20,
		  false },
		{ "udmabuf:2m", "udmabuf", "udmabuf:2m", "2m", 2 << 20,
		  false },
		{ "udmabuf:1G", "udmabuf", "udmabuf:1G", "1G", 1 << 30,
		  false },
		{ "memory", "memory", "memory", "", 4096, true },
		{ "memory:2M", "memory", "memory:2M", "2M", 2 << 20,
		  false },
		{ "memory:1g", "memory", "memory:1g", "1g", 1 << 30,
		  false },
		{ "cuda", "cuda", "cuda:0", "0", 4096, false },
		{ "hip:1", "hip", "hip:1", "1", 4096, false },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(dmabuf_source_parse(&option, vectors[i].text, &err),
			  0);
		CHECK_TEXT(option.kind->name, vectors[i].kind);
		CHECK_TEXT(option.name, vectors[i].name);
		CHECK_TEXT(option.arg, vectors[i].arg);
		CHECK_INT(option.granule, vectors[i].granule);
		CHECK_INT(option.ordinary_pages, vectors[i].ordinary_pages);
	}
}

#define KINDS	": no such kind of memory; use one of heap, udmabuf, drm, vfio, cuda, hip, fd, memory, p2pmem"

static void test_bad(void)
{
	static const struct {
		const char *text, *line;
	} vectors[] = {
		{ "", "dmabuf_source=" KINDS },
		{ ":", "dmabuf_source=:" KINDS },
		{ ":2M", "dmabuf_source=:2M" KINDS },
		{ "hea", "dmabuf_source=hea" KINDS },
		{ "heaps", "dmabuf_source=heaps" KINDS },
		{ "Heap", "dmabuf_source=Heap" KINDS },
		{ "heap ", "dmabuf_source=heap " KINDS },
		{ "vram", "dmabuf_source=vram" KINDS },
		{ "vram:0", "dmabuf_source=vram:0" KINDS },
		{ "memory2M", "dmabuf_source=memory2M" KINDS },
		{ "heap:", "dmabuf_source=heap:: nothing after the colon; write heap or heap:ARG" },
		{ "udmabuf:", "dmabuf_source=udmabuf:: nothing after the colon; write udmabuf or udmabuf:ARG" },
		{ "memory:", "dmabuf_source=memory:: nothing after the colon; write memory or memory:ARG" },
		{ "heap:/dev/dma_heap/system", "dmabuf_source=heap:/dev/dma_heap/system: a heap is named as in /dev/dma_heap; leave the path out" },
		{ "heap:../zero", "dmabuf_source=heap:../zero: a heap is named as in /dev/dma_heap; leave the path out" },
		{ "udmabuf:64K", "dmabuf_source=udmabuf:64K: no such page size; use udmabuf, udmabuf:2M or udmabuf:1G" },
		{ "udmabuf:2M:x", "dmabuf_source=udmabuf:2M:x: no such page size; use udmabuf, udmabuf:2M or udmabuf:1G" },
		{ "memory:1GB", "dmabuf_source=memory:1GB: no such page size; use memory, memory:2M or memory:1G" },
		{ "memory:2 M", "dmabuf_source=memory:2 M: no such page size; use memory, memory:2M or memory:1G" },
		{ "heap:" DIGITS_60 DIGITS_60 "012",
		  "dmabuf_source=heap:01234567890123456789012345678901234...: too long; write KIND or KIND:ARG" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(dmabuf_source_parse(&option, vectors[i].text, &err),
			  -EINVAL);
		CHECK_ERROR(&err, -EINVAL, vectors[i].line);
	}
}

/* The longest accepted text is kept whole. */
static void test_longest(void)
{
	char text[129] = "heap:";

	memset(text + 5, 'x', 122);
	CHECK_INT(strlen(text), 127);
	CHECK_INT(dmabuf_source_parse(&option, text, &err), 0);
	CHECK_TEXT(option.name, text);
	CHECK_TEXT(option.arg, text + 5);
	text[127] = 'x';
	CHECK_INT(dmabuf_source_parse(&option, text, &err), -EINVAL);
}

static void test_kinds_are_complete(void)
{
	static const struct dmabuf_source_kind *const kinds[] = {
		&dmabuf_source_heap,
		&dmabuf_source_udmabuf,
		&dmabuf_source_memory,
	};
	static const bool exports[] = { true, true, false };
	static const bool pinnable[] = { false, true, false };
	static const bool limited[] = { false, true, false };
	size_t i;

	for (i = 0; i < 3; i++) {
		CHECK(kinds[i]->name && kinds[i]->name[0]);
		CHECK(kinds[i]->parse);
		CHECK(kinds[i]->alloc && kinds[i]->map && kinds[i]->free);
		CHECK_INT(kinds[i]->exports, exports[i]);
		CHECK_INT(kinds[i]->pinnable, pinnable[i]);
		/* The others have no limit but that of 1 GiB. */
		CHECK_INT(!!kinds[i]->limit, limited[i]);
	}
}

static void test_sizes(void)
{
	CHECK_INT(DMABUF_CHUNK_MAX, 1 << 30);
}

/* Without a device, the source is as the option says. */
static void test_open(void)
{
	open_source("udmabuf:2M");
	CHECK(source.kind == &dmabuf_source_udmabuf);
	CHECK_TEXT(source.name, "udmabuf:2M");
	CHECK_TEXT(source.detail, "");
	CHECK_INT(source.granule, 2 << 20);
	CHECK(!source.ordinary_pages && !source.shadowed && !source.state);
	CHECK_INT(source.watch, -1);
	open_source("heap");
	CHECK_TEXT(source.name, "heap:system");
	CHECK_INT(source.granule, 4096);
	CHECK(source.ordinary_pages);
	dmabuf_source_close(&source);
	CHECK_TEXT(source.name, "heap:system");
}

static const struct check checks[] = {
	{ "good texts", test_good },
	{ "bad texts", test_bad },
	{ "the longest text", test_longest },
	{ "kinds are complete", test_kinds_are_complete },
	{ "the largest chunk", test_sizes },
	{ "without a device", test_open },
};

CHECK_MAIN("source", checks)
