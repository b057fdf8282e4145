/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Divides the memory into chunks and fio's addresses into pieces. fio gets one
 * address and lays its units out from there. Packed, a boundary between chunks
 * has to fall between two units and on a page of the source. Placed, each unit
 * is a piece, and goes to one of the places that its chunk is divided into.
 */
#include <errno.h>
#include <stdlib.h>

#include "place.h"
#include "source.h"

static const char *const names[] = {
	[DMABUF_PLACE_PACKED] = "packed",
	[DMABUF_PLACE_SPREAD] = "spread",
	[DMABUF_PLACE_TAIL] = "tail",
	[DMABUF_PLACE_RANDOM] = "random",
};

const char *dmabuf_place_name(enum dmabuf_place place)
{
	return names[place];
}

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

/*
 * The largest lead + k * unit that is at most @max and a multiple of
 * @granule, with k >= 1; 0 when there is none. The remainders repeat after at
 * most @granule units.
 */
static uint64_t cut(uint64_t lead, uint64_t unit, uint64_t max,
		    uint64_t granule)
{
	uint64_t k, tries;

	if (max < lead + unit)
		return 0;
	k = (max - lead) / unit;
	for (tries = 0; k && tries < granule; k--, tries++)
		if ((lead + k * unit) % granule == 0)
			return lead + k * unit;
	return 0;
}

/* Divides @total; -EINVAL when the parts do not fit a 32-bit count. */
static int cut_chunks(uint64_t first, uint64_t span, uint64_t total,
		      struct dmabuf_cut *chunks, struct dmabuf_error *err)
{
	uint64_t nr = total <= first ? 1 :
		      1 + (total - first + span - 1) / span;
	char all[32], one[32];

	if (nr > UINT32_MAX)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_chunk: %s would take too many dma-bufs of %s; raise dmabuf_chunk",
			dmabuf_size_text(total, all),
			dmabuf_size_text(span, one));
	*chunks = (struct dmabuf_cut) {
		.first = first,
		.span = span,
		.total = total,
		.nr = nr,
	};
	return 0;
}

/* More than 1 GiB helps on some kernels only, so a smaller bs is safe. */
static int too_large(const struct dmabuf_layout *layout,
		     struct dmabuf_error *err)
{
	bool raise = layout->chunk_given && layout->unit <= DMABUF_CHUNK_MAX;
	char chunk[32], unit[32];

	return dmabuf_error_set(err, -EINVAL,
		"bs: I/O units of %s do not fit into buffers of at most %s; lower bs%s",
		dmabuf_size_text(layout->unit, unit),
		dmabuf_size_text(layout->chunk_max, chunk),
		raise ? ", or raise dmabuf_chunk" : "");
}

static int plan_packed(const struct dmabuf_layout *layout, uint64_t max,
		       uint64_t total, struct dmabuf_plan *plan,
		       struct dmabuf_error *err)
{
	uint64_t first = total, span = total;
	char chunk[32], unit[32];
	int ret;

	if (total > max) {
		first = cut(layout->lead, layout->unit, max, layout->granule);
		span = cut(0, layout->unit, max, layout->granule);
	}
	if (layout->unit > layout->chunk_max)
		return too_large(layout, err);
	if (!first || !span)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_chunk: dma-bufs of at most %s cannot be split between I/O units of %s on pages of %llu bytes; raise dmabuf_chunk, lower iodepth, or make bs a multiple of 4 KiB and remove iomem_align",
			dmabuf_size_text(layout->chunk_max, chunk),
			dmabuf_size_text(layout->unit, unit),
			(unsigned long long)layout->granule);
	ret = cut_chunks(first, span, total, &plan->chunks, err);
	plan->pieces = plan->chunks;
	return ret;
}

/* The number of units that fit into the chunks. */
static uint64_t slots(const struct dmabuf_cut *chunks, uint64_t unit)
{
	uint64_t last = dmabuf_cut_size(chunks, chunks->nr - 1);

	return (chunks->nr - 1) * (chunks->span / unit) + last / unit;
}

static int plan_placed(const struct dmabuf_layout *layout, uint64_t max,
		       uint64_t total, struct dmabuf_plan *plan,
		       struct dmabuf_error *err)
{
	const char *name = dmabuf_place_name(layout->place);
	char size[32], unit[32];
	int ret;

	dmabuf_size_text(layout->unit, unit);
	if (layout->lead || layout->unit % layout->align)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_place=%s: I/O units of %s do not all begin on a page of %llu bytes; make the largest bs a multiple of the page size and remove iomem_align, or use dmabuf_place=packed",
			name, unit, (unsigned long long)layout->align);
	if (max > total)
		max = total;
	ret = max ? cut_chunks(max, max, total, &plan->chunks, err) : 0;
	if (ret)
		return ret;
	if (!max || slots(&plan->chunks, layout->unit) < layout->units)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_size=%llu: dma-bufs of at most %s have no room for %llu units of %s; raise dmabuf_size or dmabuf_chunk, or lower iodepth or bs",
			(unsigned long long)total,
			dmabuf_size_text(max ? : layout->chunk_max, size),
			(unsigned long long)layout->units, unit);
	plan->pieces = (struct dmabuf_cut) {
		.first = layout->unit,
		.span = layout->unit,
		.total = layout->unit * layout->units,
		.nr = layout->units,
	};
	return 0;
}

int dmabuf_place_plan(const struct dmabuf_layout *layout,
		      struct dmabuf_plan *plan, struct dmabuf_error *err)
{
	uint64_t granule = layout->granule;
	uint64_t max = layout->chunk_max - layout->chunk_max % granule;
	uint64_t need = round_up(layout->lead + layout->unit * layout->units,
				 granule);
	char needed[32], page[32];

	plan->place = layout->place;
	plan->seed = layout->seed;
	if (layout->place != DMABUF_PLACE_PACKED && !layout->size)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_place=%s: dmabuf_size is not set; set it to more than iodepth times bs",
			dmabuf_place_name(layout->place));
	if (layout->size % granule)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_size=%llu: not a multiple of the source's page size of %s; round it up",
			(unsigned long long)layout->size,
			dmabuf_size_text(granule, page));
	if (layout->size && layout->size < need)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_size=%llu: iodepth times the largest bs needs %s; raise dmabuf_size, or lower iodepth or bs",
			(unsigned long long)layout->size,
			dmabuf_size_text(need, needed));
	if (layout->place == DMABUF_PLACE_PACKED)
		return plan_packed(layout, max, layout->size ? : need, plan,
				   err);
	return plan_placed(layout, max, layout->size, plan, err);
}

/* The piece in place @slot, counted from the start of the chunk or its end. */
static struct dmabuf_piece at_slot(const struct dmabuf_plan *plan,
				   uint64_t slot)
{
	uint64_t unit = plan->pieces.span;
	uint64_t per_chunk = plan->chunks.span / unit;
	struct dmabuf_piece piece = {
		.chunk = slot / per_chunk,
		.offset = slot % per_chunk * unit,
	};

	if (plan->place == DMABUF_PLACE_TAIL)
		piece.offset += dmabuf_cut_size(&plan->chunks, piece.chunk) %
				unit;
	return piece;
}

static uint64_t next_random(unsigned short state[3])
{
	return (uint64_t)nrand48(state) << 31 | nrand48(state);
}

/*
 * Every choice and order of slots is equally likely: Knuth's selection
 * sampling, then a shuffle.
 */
static void place_randomly(const struct dmabuf_plan *plan, uint64_t nr_slots,
			   struct dmabuf_piece *pieces)
{
	unsigned int nr = plan->pieces.nr, taken = 0, i;
	unsigned short state[3] = {
		plan->seed, plan->seed >> 16, plan->seed >> 32,
	};
	uint64_t slot;

	for (slot = 0; taken < nr; slot++)
		if (next_random(state) % (nr_slots - slot) < nr - taken)
			pieces[taken++] = at_slot(plan, slot);
	for (i = nr; i > 1; i--) {
		unsigned int j = next_random(state) % i;
		struct dmabuf_piece piece = pieces[j];

		pieces[j] = pieces[i - 1];
		pieces[i - 1] = piece;
	}
}

void dmabuf_place_pieces(const struct dmabuf_plan *plan,
			 struct dmabuf_piece *pieces)
{
	unsigned int nr = plan->pieces.nr, i;
	uint64_t nr_slots;

	if (plan->place == DMABUF_PLACE_PACKED) {
		for (i = 0; i < nr; i++)
			pieces[i] = (struct dmabuf_piece) { .chunk = i };
		return;
	}
	nr_slots = slots(&plan->chunks, plan->pieces.span);
	if (plan->place == DMABUF_PLACE_RANDOM) {
		place_randomly(plan, nr_slots, pieces);
		return;
	}
	for (i = 0; i < nr; i++)
		pieces[i] = at_slot(plan, plan->place == DMABUF_PLACE_TAIL ?
				    nr_slots - nr + i :
				    (unsigned __int128)i * nr_slots / nr);
}
