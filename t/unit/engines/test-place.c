/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory divided into chunks and addresses into pieces: vectors, and random
 * layouts with the properties that every plan must have.
 */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "place.h"

#define KIB		1024ULL
#define MIB		(1ULL << 20)
#define GIB		(1ULL << 30)

/* Lead, unit, units, largest chunk, granule; and placed in a size. */
#define PACKED(l, u, n, c, g)						\
	{ .lead = l, .unit = u, .units = n, .chunk_max = c, .granule = g,	\
	  .align = g }
#define PLACED(l, u, n, c, g, s, p)					\
	{ .lead = l, .unit = u, .units = n, .chunk_max = c, .granule = g,	\
	  .align = g, .size = s, .place = DMABUF_PLACE_##p }

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

	CHECK_INT(dmabuf_place_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.chunks.nr, 1);
	CHECK_INT(plan.chunks.total, 128 * KIB);
	CHECK_INT(plan.chunks.first, 128 * KIB);
	/* Rounded up to whole pages, of the base size and huge. */
	layout.unit = 512;
	layout.units = 1;
	CHECK_INT(dmabuf_place_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.chunks.total, 4 * KIB);
	layout.granule = 2 * MIB;
	CHECK_INT(dmabuf_place_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.chunks.total, 2 * MIB);
	CHECK_INT(plan.chunks.nr, 1);
	/* Exactly the largest chunk is still one. */
	layout = (struct dmabuf_layout)
		PACKED(0, MIB, 64, 64 * MIB, 4 * KIB);
	CHECK_INT(dmabuf_place_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.chunks.nr, 1);
	layout.units = 65;
	CHECK_INT(dmabuf_place_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.chunks.nr, 2);
	CHECK_INT(plan.chunks.first, 64 * MIB);
	CHECK_INT(plan.chunks.total, 65 * MIB);
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
	CHECK_INT(dmabuf_place_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.chunks.first, 32 * KIB);
	CHECK_INT(plan.chunks.span, 28 * KIB);
	CHECK_INT(plan.chunks.total, 144 * KIB);
	CHECK_INT(plan.chunks.nr, 5);
	CHECK_INT(dmabuf_cut_index(&plan.pieces, 0), 0);
	CHECK_INT(dmabuf_cut_index(&plan.pieces, 32 * KIB - 1), 0);
	CHECK_INT(dmabuf_cut_index(&plan.pieces, 32 * KIB), 1);
	CHECK_INT(dmabuf_cut_index(&plan.pieces, 60 * KIB - 1), 1);
	CHECK_INT(dmabuf_cut_index(&plan.pieces, 60 * KIB), 2);
	CHECK_INT(dmabuf_cut_start(&plan.pieces, 0), 0);
	CHECK_INT(dmabuf_cut_start(&plan.pieces, 1), 32 * KIB);
	CHECK_INT(dmabuf_cut_start(&plan.pieces, 3), 88 * KIB);
}

#define REMEDY	"; raise dmabuf_chunk, lower iodepth, or make bs a multiple of 4 KiB and remove iomem_align"

static void test_impossible(void)
{
	static const struct {
		struct dmabuf_layout layout;
		const char *text;
	} vectors[] = {
		/* Units larger than a chunk, */
		{ PACKED(0, 8 * KIB, 2, 4 * KIB, 4 * KIB),
		  "bs: I/O units of 8 KiB do not fit into buffers of at most 4 KiB; lower bs" },
		{ PACKED(0, 2 * GIB, 1, GIB, 4 * KIB),
		  "bs: I/O units of 2 GiB do not fit into buffers of at most 1 GiB; lower bs" },
		{ { .unit = 8 * KIB, .units = 1, .chunk_max = 4 * KIB,
		    .chunk_given = true, .granule = 4 * KIB },
		  "bs: I/O units of 8 KiB do not fit into buffers of at most 4 KiB; lower bs, or raise dmabuf_chunk" },
		{ { .unit = 2 * GIB, .units = 1, .chunk_max = GIB,
		    .chunk_given = true, .granule = 4 * KIB },
		  "bs: I/O units of 2 GiB do not fit into buffers of at most 1 GiB; lower bs" },
		/* a chunk below a page, ... */
		{ PACKED(0, 4 * KIB, 1, MIB, 2 * MIB),
		  "dmabuf_chunk: dma-bufs of at most 1 MiB cannot be split between I/O units of 4 KiB on pages of 2097152 bytes" REMEDY },
		/* ... a lead that never reaches a page, */
		{ PACKED(512, 4 * KIB, 1000, MIB, 4 * KIB),
		  "dmabuf_chunk: dma-bufs of at most 1 MiB cannot be split between I/O units of 4 KiB on pages of 4096 bytes" REMEDY },
		/* and a common multiple over the limit. */
		{ PACKED(0, 4608, 1000, 32 * KIB, 4 * KIB),
		  "dmabuf_chunk: dma-bufs of at most 32 KiB cannot be split between I/O units of 4608 bytes on pages of 4096 bytes" REMEDY },
	};
	struct dmabuf_plan plan;
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(dmabuf_place_plan(&vectors[i].layout, &plan, &err),
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

static bool same(const struct dmabuf_cut *a, const struct dmabuf_cut *b)
{
	return a->first == b->first && a->span == b->span &&
	       a->total == b->total && a->nr == b->nr;
}

/* The properties of every plan, with chunks computed independently. */
static bool plan_holds(const struct dmabuf_layout *l,
		       const struct dmabuf_plan *p)
{
	uint64_t need = l->lead + l->unit * l->units, start = 0, i;
	const struct dmabuf_cut *c = &p->chunks;
	unsigned int chunk;

	if (c->total < need || c->total - need >= l->granule ||
	    c->total % l->granule || !c->nr ||
	    !same(c, &p->pieces))
		return false;
	for (chunk = 0; chunk < c->nr; chunk++) {
		uint64_t size = chunk ? c->span : c->first;

		if (size > c->total - start)
			size = c->total - start;
		if (!size || size > l->chunk_max || size % l->granule ||
		    dmabuf_cut_start(c, chunk) != start ||
		    dmabuf_cut_index(c, start) != chunk ||
		    dmabuf_cut_index(c, start + size - 1) != chunk)
			return false;
		start += size;
	}
	if (start != c->total)
		return false;
	for (i = 0; i < l->units; i++) {
		uint64_t at = l->lead + i * l->unit;

		if (dmabuf_cut_index(c, at) !=
		    dmabuf_cut_index(c, at + l->unit - 1))
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
		ret = dmabuf_place_plan(&l, &p, &err);
		if (ret)
			holds = ret == -EINVAL && !plan_exists(&l);
		else
			holds = plan_exists(&l) && plan_holds(&l, &p);
		refused += ret != 0;
		plans += !ret;
		many += !ret && p.chunks.nr > 1;
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

/* ---- placed: each unit has its own slot ---- */

static const struct dmabuf_layout placed = {
	.unit = 64 * KIB,
	.units = 4,
	.chunk_max = MIB,
	.granule = 4 * KIB,
	.align = 4 * KIB,
	.size = 2 * MIB + 516 * KIB,	/* two chunks, and 8 units + 4 KiB */
};

/* Where unit @i lies in all of the memory. */
static uint64_t place_of(const struct dmabuf_plan *plan,
			 const struct dmabuf_piece *piece)
{
	return dmabuf_cut_start(&plan->chunks, piece->chunk) + piece->offset;
}

static void test_places(void)
{
	static const struct {
		enum dmabuf_place place;
		uint64_t at[4];		/* KiB, by hand */
	} vectors[] = {
		/* 40 slots: 16, 16 and 8 */
		{ DMABUF_PLACE_SPREAD, { 0, 640, 1280, 1920 } },
		{ DMABUF_PLACE_TAIL, { 2308, 2372, 2436, 2500 } },
	};
	struct dmabuf_layout layout = placed;
	struct dmabuf_piece pieces[4];
	struct dmabuf_plan plan;
	size_t i, k;

	for (i = 0; i < 2; i++) {
		layout.place = vectors[i].place;
		CHECK_INT(dmabuf_place_plan(&layout, &plan, &err), 0);
		CHECK_INT(plan.chunks.nr, 3);
		CHECK_INT(plan.chunks.total, 2 * MIB + 516 * KIB);
		CHECK_INT(plan.pieces.nr, 4);
		CHECK_INT(plan.pieces.total, 256 * KIB);
		dmabuf_place_pieces(&plan, pieces);
		for (k = 0; k < 4; k++)
			CHECK_INT(place_of(&plan, &pieces[k]),
				  vectors[i].at[k] * KIB);
	}
}

/* A buffer of a given size, with packed slices. */
static void test_packed_in_more(void)
{
	struct dmabuf_layout layout = placed;
	struct dmabuf_piece pieces[3];
	struct dmabuf_plan plan;

	CHECK_INT(dmabuf_place_plan(&layout, &plan, &err), 0);
	CHECK_INT(plan.chunks.nr, 3);
	CHECK_INT(plan.chunks.total, 2 * MIB + 516 * KIB);
	CHECK(same(&plan.chunks, &plan.pieces));
	dmabuf_place_pieces(&plan, pieces);
	CHECK_INT(pieces[2].chunk, 2);
	CHECK_INT(pieces[2].offset, 0);
}

static void test_places_refused(void)
{
	static const struct {
		struct dmabuf_layout layout;
		const char *text;
	} vectors[] = {
		{ PLACED(0, 4 * KIB, 4, MIB, 4 * KIB, 0, SPREAD),
		  "dmabuf_place=spread: dmabuf_size is not set; set it to more than iodepth times bs" },
		{ PLACED(0, 512, 4, MIB, 4 * KIB, MIB, TAIL),
		  "dmabuf_place=tail: I/O units of 512 bytes do not all begin on a page of 4096 bytes; make the largest bs a multiple of the page size and remove iomem_align, or use dmabuf_place=packed" },
		{ PLACED(512, 4 * KIB, 4, MIB, 4 * KIB, MIB, RANDOM),
		  "dmabuf_place=random: I/O units of 4 KiB do not all begin on a page of 4096 bytes; make the largest bs a multiple of the page size and remove iomem_align, or use dmabuf_place=packed" },
		{ PLACED(0, 4 * KIB, 4, GIB, 2 * MIB, 4 * MIB, SPREAD),
		  "dmabuf_place=spread: I/O units of 4 KiB do not all begin on a page of 2097152 bytes; make the largest bs a multiple of the page size and remove iomem_align, or use dmabuf_place=packed" },
		{ PLACED(0, 4 * KIB, 4, MIB, 4 * KIB, MIB + 512, PACKED),
		  "dmabuf_size=1049088: not a multiple of the source's page size of 4 KiB; round it up" },
		{ PLACED(0, 4 * KIB, 4, MIB, 4 * KIB, 8 * KIB, PACKED),
		  "dmabuf_size=8192: iodepth times the largest bs needs 16 KiB; raise dmabuf_size, or lower iodepth or bs" },
		/* 3 of 4 units: a chunk has room for one and a half. */
		{ PLACED(0, 8 * KIB, 4, 12 * KIB, 4 * KIB, 36 * KIB, SPREAD),
		  "dmabuf_size=36864: dma-bufs of at most 12 KiB have no room for 4 units of 8 KiB; raise dmabuf_size or dmabuf_chunk, or lower iodepth or bs" },
		{ PLACED(0, 8 * KIB, 4, 2 * KIB, 4 * KIB, 36 * KIB, SPREAD),
		  "dmabuf_size=36864: dma-bufs of at most 2 KiB have no room for 4 units of 8 KiB; raise dmabuf_size or dmabuf_chunk, or lower iodepth or bs" },
	};
	struct dmabuf_plan plan;
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(dmabuf_place_plan(&vectors[i].layout, &plan, &err),
			  -EINVAL);
		CHECK_ERROR(&err, -EINVAL, vectors[i].text);
	}
}

/* Each unit lies in one chunk, is aligned, and overlaps no other. */
static bool places_hold(const struct dmabuf_layout *l,
			const struct dmabuf_plan *plan,
			const struct dmabuf_piece *pieces, unsigned char *used)
{
	uint64_t i, page, at;

	memset(used, 0, l->size / (4 * KIB));
	for (i = 0; i < l->units; i++) {
		if (pieces[i].offset % (4 * KIB) ||
		    pieces[i].chunk >= plan->chunks.nr ||
		    pieces[i].offset + l->unit >
			dmabuf_cut_size(&plan->chunks, pieces[i].chunk))
			return false;
		at = place_of(plan, &pieces[i]) / (4 * KIB);
		for (page = 0; page < l->unit / (4 * KIB); page++)
			if (used[at + page]++)
				return false;
	}
	return true;
}

static void test_random_places(void)
{
	static struct dmabuf_piece pieces[256], again[256];
	static unsigned char used[8192];
	unsigned int seed = check_seed(), i, refused = 0;
	struct dmabuf_plan plan;

	for (i = 0; i < 3000; i++) {
		struct dmabuf_layout l = {
			.unit = 4 * KIB * (1 + check_random(&seed, 8)),
			.units = 1 + check_random(&seed, 256),
			.chunk_max = 4 * KIB * (1 + check_random(&seed, 512)),
			.granule = 4 * KIB,
			.align = 4 * KIB,
			.place = 1 + check_random(&seed, 3),
			.seed = check_random(&seed, 1 << 30),
		};

		l.size = l.unit * l.units +
			 4 * KIB * check_random(&seed, 4096);
		if (l.size > 8192 * 4 * KIB)
			continue;
		if (dmabuf_place_plan(&l, &plan, &err)) {
			refused++;
			continue;
		}
		dmabuf_place_pieces(&plan, pieces);
		if (!CHECK(places_hold(&l, &plan, pieces, used)))
			return;
		/* The same seed, the same places. */
		dmabuf_place_pieces(&plan, again);
		CHECK(!memcmp(pieces, again, l.units * sizeof(*pieces)));
	}
	/* 30 on the average of all seeds, give or take 6 */
	CHECK(refused > 2 && refused < 2000);
}

/* All slots are used about equally often, in every order. */
static void test_random_is_even(void)
{
	struct dmabuf_layout layout = {
		.unit = 4 * KIB, .units = 2, .chunk_max = MIB,
		.granule = 4 * KIB, .align = 4 * KIB, .size = 16 * KIB,
		.place = DMABUF_PLACE_RANDOM,
	};
	unsigned int count[4][4] = { 0 }, i, k;
	struct dmabuf_piece pieces[2];
	struct dmabuf_plan plan;

	for (layout.seed = 0; layout.seed < 12000; layout.seed++) {
		CHECK_INT(dmabuf_place_plan(&layout, &plan, &err), 0);
		plan.seed = layout.seed * 0x9e3779b97f4a7c15;
		dmabuf_place_pieces(&plan, pieces);
		count[pieces[0].offset >> 12][pieces[1].offset >> 12]++;
	}
	for (i = 0; i < 4; i++)
		for (k = 0; k < 4; k++)
			CHECK(i == k ? !count[i][k] :
			      count[i][k] > 850 && count[i][k] < 1150);
}

/* The number of chunks fits 32 bits. */
static void test_too_many_chunks(void)
{
	struct dmabuf_layout one = PACKED(0, 4 * KIB, 32, 4 * KIB, 4 * KIB);
	struct dmabuf_layout other = PLACED(0, 4 * KIB, 32, 4 * KIB, 4 * KIB,
					    16384 * GIB, SPREAD);
	struct dmabuf_plan plan;

	one.size = 16384 * GIB - 4 * KIB;
	CHECK_INT(dmabuf_place_plan(&one, &plan, &err), 0);
	CHECK_INT(plan.chunks.nr, 0xffffffff);
	one.size += 4 * KIB;
	CHECK_INT(dmabuf_place_plan(&one, &plan, &err), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "dmabuf_chunk: 16 TiB would take too many dma-bufs of 4 KiB; raise dmabuf_chunk");
	CHECK_INT(dmabuf_place_plan(&other, &plan, &err), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "dmabuf_chunk: 16 TiB would take too many dma-bufs of 4 KiB; raise dmabuf_chunk");
	other.size -= 4 * KIB;
	CHECK_INT(dmabuf_place_plan(&other, &plan, &err), 0);
}

static const struct check checks[] = {
	{ "one chunk", test_one_chunk },
	{ "several chunks", test_several_chunks },
	{ "impossible layouts", test_impossible },
	{ "random layouts", test_random_layouts },
	{ "places", test_places },
	{ "packed in more than is needed", test_packed_in_more },
	{ "places that are refused", test_places_refused },
	{ "random places", test_random_places },
	{ "random is even", test_random_is_even },
	{ "too many chunks", test_too_many_chunks },
};

CHECK_MAIN("place", checks)
