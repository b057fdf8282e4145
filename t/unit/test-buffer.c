/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chunks as one range: the plan against random layouts, and allocation with
 * a failure at every step.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "buffer.h"
#include "check.h"
#include "fake.h"

#define KIB		1024ULL
#define MIB		(1ULL << 20)
#define GIB		(1ULL << 30)

static struct dmabuf_error err;

static void test_one_chunk(void)
{
	struct dmabuf_layout layout = {
		.unit = 4 * KIB,
		.units = 32,
		.chunk_max = GIB,
		.granule = 4 * KIB,
	};
	struct dmabuf_plan plan;

	CHECK_INT(dmabuf_buffer_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.chunks, 1);
	CHECK_INT(plan.total, 128 * KIB);
	CHECK_INT(plan.first, 128 * KIB);
	/* Rounded up to whole pages, of the base size and huge. */
	layout.unit = 512;
	layout.units = 1;
	CHECK_INT(dmabuf_buffer_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.total, 4 * KIB);
	layout.granule = 2 * MIB;
	CHECK_INT(dmabuf_buffer_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.total, 2 * MIB);
	CHECK_INT(plan.chunks, 1);
	/* Exactly the largest chunk is still one. */
	layout = (struct dmabuf_layout) { 0, MIB, 64, 64 * MIB, 4 * KIB };
	CHECK_INT(dmabuf_buffer_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.chunks, 1);
	layout.units = 65;
	CHECK_INT(dmabuf_buffer_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.chunks, 2);
	CHECK_INT(plan.first, 64 * MIB);
	CHECK_INT(plan.total, 65 * MIB);
}

static void test_several_chunks(void)
{
	struct dmabuf_layout layout = {
		.lead = 512,
		.unit = 3584,		/* 7 * 512 */
		.units = 40,
		.chunk_max = 40 * KIB,
		.granule = 4 * KIB,
	};
	struct dmabuf_plan plan;

	/* The largest 512 + k * 3584, and k * 3584, on pages of 4096 */
	CHECK_INT(dmabuf_buffer_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.first, 32 * KIB);
	CHECK_INT(plan.span, 28 * KIB);
	CHECK_INT(plan.total, 144 * KIB);
	CHECK_INT(plan.chunks, 5);
	CHECK_INT(dmabuf_plan_chunk(&plan, 0), 0);
	CHECK_INT(dmabuf_plan_chunk(&plan, 32 * KIB - 1), 0);
	CHECK_INT(dmabuf_plan_chunk(&plan, 32 * KIB), 1);
	CHECK_INT(dmabuf_plan_chunk(&plan, 60 * KIB - 1), 1);
	CHECK_INT(dmabuf_plan_chunk(&plan, 60 * KIB), 2);
	CHECK_INT(dmabuf_plan_start(&plan, 0), 0);
	CHECK_INT(dmabuf_plan_start(&plan, 1), 32 * KIB);
	CHECK_INT(dmabuf_plan_start(&plan, 3), 88 * KIB);
}

#define REMEDY	"; raise dmabuf_chunk, lower iodepth, or use a bs that is a multiple of 4 KiB without iomem_align"

static void test_impossible(void)
{
	static const struct {
		struct dmabuf_layout layout;
		const char *text;
	} vectors[] = {
		/* Units larger than a chunk, a chunk below a page, ... */
		{ { 0, 8 * KIB, 2, 4 * KIB, 4 * KIB },
		  "dmabuf_chunk: dma-bufs of at most 4 KiB cannot be cut between I/O units of 8 KiB on pages of 4096 bytes" REMEDY },
		{ { 0, 4 * KIB, 2, 2 * KIB, 4 * KIB },
		  "dmabuf_chunk: dma-bufs of at most 2 KiB cannot be cut between I/O units of 4 KiB on pages of 4096 bytes" REMEDY },
		{ { 0, 4 * KIB, 1, MIB, 2 * MIB },
		  "dmabuf_chunk: dma-bufs of at most 1 MiB cannot be cut between I/O units of 4 KiB on pages of 2097152 bytes" REMEDY },
		/* ... a lead that never comes to a page, */
		{ { 512, 4 * KIB, 1000, MIB, 4 * KIB },
		  "dmabuf_chunk: dma-bufs of at most 1 MiB cannot be cut between I/O units of 4 KiB on pages of 4096 bytes" REMEDY },
		/* and a common multiple over the limit. */
		{ { 0, 4608, 1000, 32 * KIB, 4 * KIB },
		  "dmabuf_chunk: dma-bufs of at most 32 KiB cannot be cut between I/O units of 4608 bytes on pages of 4096 bytes" REMEDY },
	};
	struct dmabuf_plan plan;
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(dmabuf_buffer_plan(&vectors[i].layout, &plan, &err),
			  -EINVAL);
		CHECK_ERROR(&err, -EINVAL, vectors[i].text);
	}
}

static uint64_t granules(unsigned int *seed)
{
	static const uint64_t sizes[] = {
		4 * KIB, 4 * KIB, 16 * KIB, 64 * KIB, 2 * MIB, GIB,
	};

	return sizes[check_random(seed, 6)];
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	return b ? gcd(b, a % b) : a;
}

/* What has to hold of a plan; the chunk table is made without its help. */
static bool plan_holds(const struct dmabuf_layout *l,
		       const struct dmabuf_plan *p)
{
	uint64_t need = l->lead + l->unit * l->units, start = 0, i;
	unsigned int chunk;

	if (p->total < need || p->total - need >= l->granule ||
	    p->total % l->granule || !p->chunks)
		return false;
	for (chunk = 0; chunk < p->chunks; chunk++) {
		uint64_t size = chunk ? p->span : p->first;

		if (size > p->total - start)
			size = p->total - start;
		if (!size || size > l->chunk_max || size % l->granule ||
		    dmabuf_plan_start(p, chunk) != start ||
		    dmabuf_plan_chunk(p, start) != chunk ||
		    dmabuf_plan_chunk(p, start + size - 1) != chunk)
			return false;
		start += size;
	}
	if (start != p->total)
		return false;
	for (i = 0; i < l->units; i++) {
		uint64_t at = l->lead + i * l->unit;

		if (dmabuf_plan_chunk(p, at) !=
		    dmabuf_plan_chunk(p, at + l->unit - 1))
			return false;
	}
	return true;
}

/* Whether there is a plan at all, by the arithmetic of remainders. */
static bool plan_exists(const struct dmabuf_layout *l)
{
	uint64_t need = l->lead + l->unit * l->units;
	uint64_t max = l->chunk_max / l->granule * l->granule;
	uint64_t period = l->granule / gcd(l->unit, l->granule), k;

	if (max && (need + l->granule - 1) / l->granule * l->granule <= max)
		return true;
	if (period * l->unit > max)
		return false;
	for (k = 1; k <= period; k++)
		if ((l->lead + k * l->unit) % l->granule == 0)
			return l->lead + k * l->unit <= max;
	return false;
}

static void test_random_layouts(void)
{
	unsigned int seed = check_seed(), i, plans = 0, refused = 0, many = 0;

	for (i = 0; i < 6000; i++) {
		struct dmabuf_layout l = {
			.lead = check_random(&seed, 3) ? 0 :
				check_random(&seed, 9) * 512,
			.unit = check_random(&seed, 2) ?
				512ULL << check_random(&seed, 14) :
				512 * (1 + check_random(&seed, 64)),
			.units = 1 + check_random(&seed, 1024),
			.granule = granules(&seed),
		};
		struct dmabuf_plan p;
		bool holds;
		int ret;

		l.chunk_max = check_random(&seed, 2) ?
			4096 + check_random(&seed, 64 * MIB) :
			(4 * KIB) << check_random(&seed, 19);
		ret = dmabuf_buffer_plan(&l, &p, &err);
		if (ret)
			holds = ret == -EINVAL && !plan_exists(&l);
		else
			holds = plan_exists(&l) && plan_holds(&l, &p);
		refused += ret != 0;
		plans += !ret;
		many += !ret && p.chunks > 1;
		if (!CHECK(holds)) {
			CHECK_INT(l.lead, -1);
			CHECK_INT(l.unit, -1);
			CHECK_INT(l.units, -1);
			CHECK_INT(l.chunk_max, -1);
			CHECK_INT(l.granule, -1);
			return;
		}
	}
	/* The generator makes enough of each. */
	CHECK(plans > 1000);
	CHECK(refused > 300);
	CHECK(many > 300);
}

static int alloc(struct dmabuf_buffer *buffer, const char *source,
		 const struct dmabuf_layout *layout, bool backing)
{
	struct dmabuf_source s;
	struct dmabuf_plan plan;

	CHECK_INT(dmabuf_source_parse(&s, source, &err), 0);
	CHECK_INT(dmabuf_buffer_plan(layout, &plan, &err), 0);
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
	CHECK_INT(buffer.plan.chunks, 3);
	CHECK_INT(buffer.chunks[2].size, 512 * KIB);
	for (i = 0; i < 3; i++) {
		CHECK(buffer.chunks[i].map == buffer.base + i * MIB);
		CHECK(fake_map_of(buffer.chunks[i].fd) ==
		      buffer.chunks[i].map);
	}
	memset(buffer.base, 0x5a, 40 * 64 * KIB);
	dmabuf_buffer_free(&buffer);
	CHECK_INT(fake_left(), 0);
	/* Twice, and on nothing, is harmless. */
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

/* Of the dma-buf, or of the memory behind it. */
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
		CHECK(!!fake_map_of(buffer.chunks[0].memfd) == backing);
		CHECK(!!fake_map_of(buffer.chunks[0].fd) != backing);
		dmabuf_buffer_free(&buffer);
		CHECK_INT(fake_left(), 0);
	}
	fake_file("/dev/dma_heap/system", NULL);
	CHECK_INT(alloc(&buffer, "heap", &layout, true), -EOPNOTSUPP);
	CHECK_HAS(err.text, "dmabuf_source=heap:system: cannot map a buffer of 1 MiB: Operation not supported; ");
	CHECK_INT(fake_left(), 0);
}

/*
 * Looked at for all of the job, before anything is made; the last byte that
 * is available may be had. Other heaps and huge pages have their own pools.
 */
static void test_what_fits(void)
{
	static const struct {
		const char *source;
		const char *line;	/* NULL: not looked at */
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
		CHECK_INT(buffer.plan.chunks, 2);
		dmabuf_buffer_free(&buffer);
		CHECK_INT(fake_left(), 0);
	}
}

/* Any call, with any error: one line, and nothing left. */
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
					CHECK_INT(buffer.plan.chunks, 4);
					dmabuf_buffer_free(&buffer);
					CHECK(at > 5);
				}
				if (!CHECK_INT(fake_left(), 0))
					return;
			}
}

static const struct check checks[] = {
	{ "one chunk", test_one_chunk },
	{ "several chunks", test_several_chunks },
	{ "impossible layouts", test_impossible },
	{ "random layouts", test_random_layouts },
	{ "chunks lie in a row", test_chunks_lie_in_a_row },
	{ "huge pages are aligned", test_huge_pages_are_aligned },
	{ "what is mapped", test_what_is_mapped },
	{ "what fits into memory", test_what_fits },
	{ "every call can fail", test_every_call_can_fail },
};

CHECK_MAIN("buffer", checks)
