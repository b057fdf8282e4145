/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --require: the fixed names and the kinds of sources. What could not be tried
 * counts as failed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "verdict.h"

/* All sources given with --source must work, or else one of the defaults. */
static void judge_sources(const struct check_report *report,
			  struct check_result *result)
{
	const struct check_source *bad = NULL, *source;
	unsigned int i, exporting = 0;

	for (i = 0; i < report->nr_sources; i++) {
		source = &report->sources[i];
		if (source->result.state == CHECK_OK)
			exporting += source->exports;
		else if (source->exports && !bad)
			bad = source;
	}
	if (bad && (report->sources_given || !exporting))
		*result = bad->result;
	else if (exporting)
		check_ok(result);
	else
		check_say(result, CHECK_NO,
			  "no dma-buf source was tried; name one with --source");
}

static void judge_drives(const struct check_report *report,
			 struct check_result *result)
{
	unsigned int i;

	check_ok(result);
	for (i = 0; i < report->nr_drives; i++)
		if (report->drives[i].result.state != CHECK_OK) {
			*result = report->drives[i].result;
			return;
		}
}

/* Everything that was compared is right, and something was compared. */
static void judge_verify(const struct check_report *report,
			 struct check_result *result)
{
	unsigned int i, j, d;

	check_say(result, CHECK_UNKNOWN,
		  "not tried: no source works with a drive");
	for (i = 0; i < report->nr_drives; i++)
		for (j = 0; j < report->drives[i].nr_transfers; j++)
			for (d = 0; d < CHECK_NR_DIRECTIONS; d++) {
				const struct check_verified *verified =
					&report->drives[i].transfers[j]
						.verified_by[d];

				if (!verified->asked)
					continue;
				*result = verified->result;
				if (result->state != CHECK_OK)
					return;
			}
}

/* The first source of that kind that works, else the first. */
static bool judge_kind(const struct check_report *report, const char *kind,
		       struct check_result *result)
{
	const struct check_source *best = NULL;
	unsigned int i;

	for (i = 0; i < report->nr_sources; i++) {
		const struct check_source *source = &report->sources[i];

		if (strcmp(source->kind, kind))
			continue;
		if (!best || (best->result.state != CHECK_OK &&
			      source->result.state == CHECK_OK))
			best = source;
	}
	if (best && result)
		*result = best->result;
	return best;
}

/* Returns false for an unknown name. */
static bool look_up(const struct check_report *report, const char *name,
		    struct check_result *result)
{
	if (!strcmp(name, "io_uring"))
		*result = report->kernel.io_uring;
	else if (!strcmp(name, "interface"))
		*result = report->kernel.interface;
	else if (!strcmp(name, "sources"))
		judge_sources(report, result);
	else if (!strcmp(name, "drives"))
		judge_drives(report, result);
	else if (!strcmp(name, "verify"))
		judge_verify(report, result);
	else if (!strcmp(name, "fio"))
		*result = report->fio.runs;
	else if (!strcmp(name, "plugin"))
		*result = report->fio.plugin;
	else
		return judge_kind(report, name, result);
	return true;
}

static int unknown_name(const char *name, struct dmabuf_error *err)
{
	char known[256] = "io_uring, interface, sources, drives, verify, fio, plugin";
	unsigned int i;

	for (i = 0; dmabuf_source_kind(i); i++) {
		const char *kind = dmabuf_source_kind(i)->name;
		size_t used = strlen(known);

		if (!strcmp(kind, name))
			return dmabuf_error_set(err, -EINVAL,
				"--require %s: this source is not tried; add --source %s",
				name, name);
		snprintf(known + used, sizeof(known) - used, ", %s", kind);
	}
	return dmabuf_error_set(err, -EINVAL,
		"--require %s: unknown name; choose from %s", name, known);
}

/* --verify asks for it in any case. */
static int add_verify(struct check_report *report, struct dmabuf_error *err)
{
	unsigned int i;

	if (!report->verify)
		return 0;
	for (i = 0; i < report->nr_required; i++)
		if (!strcmp(report->required[i].name, "verify"))
			return 0;
	if (report->nr_required == CHECK_REQUIRED)
		return dmabuf_error_set(err, -EINVAL,
			"--require: too many names; give each once");
	strcpy(report->required[report->nr_required++].name, "verify");
	return 0;
}

int check_require(struct check_report *report, const char *list,
		  struct dmabuf_error *err)
{
	struct check_result ignored;

	if (!list)
		list = report->nr_drives ? "io_uring,interface,sources,drives" :
					   "io_uring,interface,sources";
	report->nr_required = 0;
	for (;;) {
		struct check_required *r =
			&report->required[report->nr_required];
		int length = strcspn(list, ",");

		if (report->nr_required == CHECK_REQUIRED)
			return dmabuf_error_set(err, -EINVAL,
				"--require: too many names; give each once");
		if (length >= (int)sizeof(r->name) || !length)
			return unknown_name(length ? "LIST" : "\"\"", err);
		snprintf(r->name, sizeof(r->name), "%.*s", length, list);
		if (!look_up(report, r->name, &ignored))
			return unknown_name(r->name, err);
		if (!strcmp(r->name, "drives") && !report->nr_drives)
			return dmabuf_error_set(err, -EINVAL,
				"--require drives: no drive to test; add --device");
		if (!strcmp(r->name, "verify") && !report->verify)
			return dmabuf_error_set(err, -EINVAL,
				"--require verify: nothing is verified; add --verify");
		report->nr_required++;
		if (!list[length])
			return add_verify(report, err);
		list += length + 1;
	}
}

void check_judge(struct check_report *report)
{
	unsigned int i;

	report->verdict = CHECK_OK;
	for (i = 0; i < report->nr_required; i++) {
		struct check_required *r = &report->required[i];

		look_up(report, r->name, &r->result);
		if (r->result.state != CHECK_OK)
			report->verdict = CHECK_NO;
	}
}
