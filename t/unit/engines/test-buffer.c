/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chunks as one range: allocation with a failure at every step, slices placed
 * in it, and copies with and without a mapping.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "buffer.h"
#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"

#define KIB		1024ULL
#define MIB		(1ULL << 20)
#define GIB		(1ULL << 30)

static struct dmabuf_error err;

static int alloc(struct dmabuf_buffer *buffer, const char *source,
		 const struct dmabuf_layout *layout, bool backing)
{
	static struct dmabuf_source s;	/* as long as the buffer */
	struct dmabuf_source_option option;
	struct dmabuf_plan plan;

	CHECK_INT(dmabuf_source_parse(&option, source, &err), 0);
	CHECK_INT(dmabuf_source_open(&s, &option, &err), 0);
	CHECK_INT(dmabuf_place_plan(layout, &plan, &err), 0);
	memset(&err, 0, sizeof(err));
	return dmabuf_buffer_alloc(buffer, &s, &plan, backing, &err);
}

static void test_chunks_lie_in_a_row(void)
{
	static const struct dmabuf_layout layout = {
		.unit = 64 * KIB,
		.units = 40,
		.chunk_max = MIB,
		.granule = 4 * KIB,
	};
	struct dmabuf_buffer buffer;
	unsigned int i;

	fake_file("/dev/dma_heap/system", NULL);
	CHECK_INT(alloc(&buffer, "heap", &layout, false), 0);
	CHECK_INT(buffer.plan.chunks.nr, 3);
	CHECK_INT(buffer.chunks[2].size, 512 * KIB);
	for (i = 0; i < 3; i++) {
		CHECK(dmabuf_buffer_address(&buffer, i) ==
		      buffer.base + i * MIB);
		CHECK(fake_map_of(buffer.chunks[i].fd, 0) ==
		      buffer.base + i * MIB);
	}
	memset(buffer.base, 0x5a, 40 * 64 * KIB);
	dmabuf_buffer_free(&buffer);
	CHECK_INT(fake_left(), 0);
	/* Freeing again, or a zeroed buffer, is harmless. */
	dmabuf_buffer_free(&buffer);
	CHECK(!buffer.base && !buffer.chunks);
}

static void test_huge_pages_are_aligned(void)
{
	static const struct dmabuf_layout layout = {
		.unit = 4 * KIB,
		.units = 2,
		.chunk_max = GIB,
		.granule = 2 * MIB,
	};
	struct dmabuf_buffer buffer;

	CHECK_INT(alloc(&buffer, "memory:2M", &layout, false), 0);
	CHECK_INT((uintptr_t)buffer.base % (2 * MIB), 0);
	CHECK_TEXT(fake.log, "map -1 2097152 huge\n");
	dmabuf_buffer_free(&buffer);
}

/* Units lie anywhere in the chunks, and are mapped one after another. */
static void test_pieces_are_mapped_from_their_places(void)
{
	static const struct dmabuf_layout layout = {
		.unit = 64 * KIB,
		.units = 4,
		.chunk_max = MIB,
		.granule = 4 * KIB,
		.align = 4 * KIB,
		.size = 2 * MIB,
		.place = DMABUF_PLACE_SPREAD,
	};
	struct dmabuf_buffer buffer;
	unsigned int i;
	char text[16];

	fake_file("/dev/dma_heap/system", NULL);
	CHECK_INT(alloc(&buffer, "heap", &layout, false), 0);
	for (i = 0; i < 4; i++) {
		char *address = dmabuf_buffer_address(&buffer, i);
		int fd = buffer.chunks[i / 2].fd;

		CHECK(address == buffer.base + i * 64 * KIB);
		CHECK(fake_map_of(fd, i % 2 * 512 * KIB) == address);
		CHECK(!fake_map_of(fd, (i % 2 * 512 + 64) * KIB));
		CHECK_INT(dmabuf_buffer_piece(&buffer, address), i);
		CHECK_INT(dmabuf_buffer_piece(&buffer, address + 65535), i);
	}
	/* A mapping is copied with memcpy(). */
	memset(text, 'x', sizeof(text));
	CHECK_INT(dmabuf_buffer_write(&buffer, buffer.base + 70000, text, 16),
		  0);
	memset(text, 'y', sizeof(text));
	CHECK_INT(dmabuf_buffer_read(&buffer, buffer.base + 70004, text, 16),
		  0);
	CHECK(!memcmp(text, "xxxxxxxxxxxx\0\0\0\0", 16));
	dmabuf_buffer_free(&buffer);
	CHECK_INT(fake_left(), 0);
}

/* Maps the dma-buf, or the memory behind it. */
static void test_what_is_mapped(void)
{
	static const struct dmabuf_layout layout = {
		.unit = MIB,
		.units = 1,
		.chunk_max = GIB,
		.granule = 4 * KIB,
	};
	struct dmabuf_buffer buffer;
	int backing;

	for (backing = 0; backing < 2; backing++) {
		fake_reset();
		fake_file("/dev/udmabuf", NULL);
		CHECK_INT(alloc(&buffer, "udmabuf", &layout, backing), 0);
		CHECK(!!fake_map_of(buffer.chunks[0].memfd, 0) == backing);
		CHECK(!!fake_map_of(buffer.chunks[0].fd, 0) != backing);
		dmabuf_buffer_free(&buffer);
		CHECK_INT(fake_left(), 0);
	}
	fake_file("/dev/dma_heap/system", NULL);
	CHECK_INT(alloc(&buffer, "heap", &layout, true), -EOPNOTSUPP);
	CHECK_HAS(err.text, "dmabuf_source=heap:system: cannot map a buffer of 1 MiB, which fio has to fill and verify: Operation not supported; ");
	CHECK_INT(fake_left(), 0);
}

/*
 * Available memory is compared with the whole job before the first allocation;
 * a job may use all of it. Other heaps and huge pages have their own pools.
 */
static void test_what_fits(void)
{
	static const struct {
		const char *source;
		const char *line;	/* NULL: not checked */
	} vectors[] = {
		{ "heap", "dmabuf_source=heap:system: 4 MiB needed, 4092 KiB of memory available; lower iodepth, bs or numjobs" },
		{ "udmabuf", "dmabuf_source=udmabuf: 4 MiB needed, 4092 KiB of memory available; lower iodepth, bs or numjobs" },
		{ "memory", "dmabuf_source=memory: 4 MiB needed, 4092 KiB of memory available; lower iodepth, bs or numjobs" },
		{ "heap:reserved", NULL },
		{ "udmabuf:2M", NULL },
		{ "memory:2M", NULL },
	};
	/* Two chunks, each of which would fit. */
	static const struct dmabuf_layout layout = {
		.unit = MIB,
		.units = 4,
		.chunk_max = 2 * MIB,
		.granule = 2 * MIB,
	};
	struct dmabuf_buffer buffer;
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const char *line = vectors[i].line;
		int code = line ? -ENOMEM : 0;

		fake_reset();
		fake_file("/dev/udmabuf", NULL);
		fake_file("/dev/dma_heap/system", NULL);
		fake_file("/dev/dma_heap/reserved", NULL);
		fake_file("/proc/meminfo", "MemAvailable: 4092 kB\n");
		CHECK_INT(alloc(&buffer, vectors[i].source, &layout, false),
			  code);
		if (line) {
			CHECK_ERROR(&err, code, line);
			CHECK_TEXT(fake.log, "");
			CHECK_INT(fake.calls, 0);
			CHECK(!buffer.base && !buffer.chunks);
		}
		dmabuf_buffer_free(&buffer);
		fake_file("/proc/meminfo", "MemAvailable: 4096 kB\n");
		CHECK_INT(alloc(&buffer, vectors[i].source, &layout, false),
			  0);
		CHECK_INT(buffer.plan.chunks.nr, 2);
		dmabuf_buffer_free(&buffer);
		CHECK_INT(fake_left(), 0);
	}
}

/* Any call fails, with any error: one line, and nothing is left. */
static void test_every_call_can_fail(void)
{
	static const char *const sources[] = {
		"heap", "udmabuf", "udmabuf:2M", "memory", "memory:2M",
	};
	static const int errors[] = { ENOMEM, EMFILE, EPERM, EINVAL, EIO };
	static const struct dmabuf_layout layout = {
		.unit = MIB,
		.units = 7,
		.chunk_max = 2 * MIB,
		.granule = 2 * MIB,
	};
	struct dmabuf_buffer buffer;
	unsigned int s, e, at;
	int ret;

	for (s = 0; s < 5; s++)
		for (e = 0; e < 5; e++)
			for (at = 0, ret = -1; ret; ) {
				fake_reset();
				fake_file("/dev/dma_heap/system", NULL);
				fake_file("/dev/udmabuf", NULL);
				fake.fail_at = ++at;
				fake.fail_errno = errors[e];
				ret = alloc(&buffer, sources[s], &layout, 0);
				CHECK_INT(ret, ret ? err.code : 0);
				CHECK(!ret || strchr(err.text, ';'));
				CHECK(!ret || (!buffer.base &&
					       !buffer.chunks));
				if (!ret) {
					CHECK_INT(buffer.plan.chunks.nr, 4);
					dmabuf_buffer_free(&buffer);
					CHECK(at > 5);
				}
				if (!CHECK_INT(fake_left(), 0))
					return;
			}
}

static const struct check checks[] = {
	{ "chunks lie in a row", test_chunks_lie_in_a_row },
	{ "huge pages are aligned", test_huge_pages_are_aligned },
	{ "pieces are mapped from their places",
	  test_pieces_are_mapped_from_their_places },
	{ "what is mapped", test_what_is_mapped },
	{ "what fits into memory", test_what_fits },
	{ "every call can fail", test_every_call_can_fail },
};

CHECK_MAIN("buffer", checks)
