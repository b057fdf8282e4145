/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of --verify for people, and its objects for programs. */
#include <string.h>

#include "report.h"

#define NR_KINDS	(DMABUF_NR_ARRIVALS - 1)

/* "untouched 12, torn 1" */
static void list_kinds(const struct check_verified *verified, char *text,
		       size_t size)
{
	unsigned int i;
	size_t used = 0;

	text[0] = '\0';
	for (i = DMABUF_ARRIVED + 1; i < DMABUF_NR_ARRIVALS; i++)
		if (verified->arrivals[i] && used < size)
			used += snprintf(text + used, size - used, "%s%s %llu",
				used ? ", " : "", dmabuf_arrival_name(i),
				(unsigned long long)verified->arrivals[i]);
}

static void print_row(const struct check_drive *drive,
		      const struct check_transfer *t,
		      enum check_direction direction, FILE *f)
{
	const struct check_verified *verified = &t->verified_by[direction];
	char kinds[128 * NR_KINDS];

	list_kinds(verified, kinds, sizeof(kinds));
	fprintf(f, "  %-14s  %-14s  %-9s  %10llu  %10llu  %s\n",
		t->source->name, drive->name, check_direction_name(direction),
		(unsigned long long)check_verified_blocks(verified),
		(unsigned long long)check_verified_wrong(verified),
		kinds[0] ? kinds :
		check_verified_blocks(verified) ? "none" : "not verified");
}

/* What the figures do not show. */
static void print_notes(const struct check_transfer *t,
			const struct check_verified *verified, FILE *f)
{
	const struct check_result *result = &verified->result;

	if (result->state != CHECK_OK)
		fprintf(f, "  %-14s  %-7s  %s%s%s\n", t->source->name,
			check_state_name(result->state), result->reason, result->remedy[0] ? "; " : "",
			result->remedy);
	if (verified->changed)
		fprintf(f, "  %-14s  note     %llu more blocks changed meanwhile and were not judged; stop what writes to the drive\n",
			t->source->name,
			(unsigned long long)verified->changed);
	if (verified->repeated)
		fprintf(f, "  %-14s  note     %llu blocks repeat the one before in their place, so stale or shifted data would not be seen there; fill the drive with data, or add --write\n",
			t->source->name,
			(unsigned long long)verified->repeated);
}

void check_print_verified(const struct check_report *report, FILE *f)
{
	bool begun = false;
	unsigned int i, j, d;

	for (i = 0; i < report->nr_drives; i++)
		for (j = 0; j < report->drives[i].nr_transfers; j++) {
			const struct check_transfer *t =
				&report->drives[i].transfers[j];

			for (d = 0; d < CHECK_NR_DIRECTIONS; d++) {
				if (!t->verified_by[d].asked)
					continue;
				if (!begun)
					fprintf(f, "verify\n  %-14s  %-14s  %-9s  %10s  %10s  %s\n",
						"source", "drive", "direction",
						"blocks", "wrong", "kinds");
				begun = true;
				print_row(&report->drives[i], t, d, f);
				print_notes(t, &t->verified_by[d], f);
			}
		}
}

static void put_direction(struct dmabuf_json *json,
			  enum check_direction direction,
			  const struct check_verified *verified)
{
	const uint64_t *arrivals = verified->arrivals;
	const struct check_result *result = &verified->result;
	uint64_t wrong = check_verified_wrong(verified);

	dmabuf_json_open(json, NULL, '{');
	dmabuf_json_text(json, "direction", check_direction_name(direction));
	dmabuf_json_text(json, "state", check_state_name(result->state));
	dmabuf_json_text(json, "reason", result->reason);
	dmabuf_json_text(json, "remedy", result->remedy);
	dmabuf_json_number(json, "block_bytes", verified->block_bytes);
	dmabuf_json_number(json, "in_flight", verified->in_flight);
	dmabuf_json_number(json, "blocks", check_verified_blocks(verified));
	dmabuf_json_number(json, "wrong", wrong);
	dmabuf_json_number(json, "untouched", arrivals[DMABUF_UNTOUCHED]);
	dmabuf_json_number(json, "stale", arrivals[DMABUF_STALE]);
	dmabuf_json_number(json, "shifted", arrivals[DMABUF_SHIFTED]);
	dmabuf_json_number(json, "torn", arrivals[DMABUF_TORN]);
	dmabuf_json_number(json, "foreign", arrivals[DMABUF_FOREIGN]);
	dmabuf_json_number(json, "changed", verified->changed);
	dmabuf_json_number(json, "repeated", verified->repeated);
	if (wrong)
		dmabuf_json_number(json, "first_wrong_byte",
				   verified->first_wrong);
	else
		dmabuf_json_null(json, "first_wrong_byte");
	dmabuf_json_close(json, '}');
}

void check_put_verified(struct dmabuf_json *json,
			const struct check_transfer *transfer)
{
	unsigned int d;

	dmabuf_json_open(json, "verify", '[');
	for (d = 0; d < CHECK_NR_DIRECTIONS; d++)
		if (transfer->verified_by[d].asked)
			put_direction(json, d, &transfer->verified_by[d]);
	dmabuf_json_close(json, ']');
}
