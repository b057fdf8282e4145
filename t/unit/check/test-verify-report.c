/* SPDX-License-Identifier: GPL-2.0-only */
/* What --verify found: the verdict, the table and the JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check/verdict.h"
#include "t/unit/check.h"
#include "t/unit/json.h"

static struct check_source sources[1];
static struct check_transfer transfers[1];
static struct check_drive drives[1];
static struct check_report report;
static struct dmabuf_error err;

static struct check_verified *const reads =
	&transfers[0].verified_by[CHECK_READS];
static struct check_verified *const writes =
	&transfers[0].verified_by[CHECK_WRITES];

static void begin(void)
{
	memset(transfers, 0, sizeof(transfers));
	memset(drives, 0, sizeof(drives));
	memset(&report, 0, sizeof(report));
	CHECK_INT(check_source_parse(&sources[0], "heap", &err), 0);
	check_ok(&sources[0].result);
	report.sources = sources;
	report.nr_sources = 1;
	report.sources_given = true;
	transfers[0].source = &sources[0];
	check_ok(&transfers[0].result);
	drives[0].name = "/dev/nvme0n1";
	drives[0].transfers = transfers;
	drives[0].nr_transfers = 1;
	strcpy(drives[0].target.disk, "nvme0n1");
	check_ok(&drives[0].opened);
	report.drives = drives;
	report.nr_drives = 1;
	report.fio.built_for = "fio-3.33";
	report.version = "0.1.0";
	report.verify = true;
	check_ok(&report.kernel.io_uring);
	check_ok(&report.kernel.interface);
	reads->asked = true;
	reads->arrivals[DMABUF_ARRIVED] = 1000;
	check_ok(&reads->result);
}

static void spoil(struct check_verified *verified)
{
	verified->asked = true;
	verified->arrivals[DMABUF_ARRIVED] = 900;
	verified->arrivals[DMABUF_UNTOUCHED] = 99;
	verified->arrivals[DMABUF_TORN] = 1;
	verified->first_wrong = 8192;
	check_say(&verified->result, CHECK_NO, "the reason; the remedy");
}

static enum check_state verdict(const char *list)
{
	check_drive_judge(&drives[0], true);
	CHECK_INT(check_require(&report, list, &err), 0);
	check_judge(&report);
	return report.verdict;
}

/* Whatever else is required, wrong data fails. */
static void test_verdict(void)
{
	begin();
	CHECK_INT(verdict(NULL), CHECK_OK);
	CHECK_TEXT(report.required[4].name, "verify");
	CHECK_INT(verdict("io_uring"), CHECK_OK);
	CHECK_INT(report.nr_required, 2);
	CHECK_INT(verdict("verify,io_uring"), CHECK_OK);
	CHECK_INT(report.nr_required, 2);
	spoil(writes);
	CHECK_INT(verdict("io_uring"), CHECK_NO);
	CHECK_INT(verdict(NULL), CHECK_NO);
	CHECK_TEXT(report.required[4].result.reason, "the reason");
	/* And so does a direction that nothing could be said about, */
	begin();
	writes->asked = true;
	CHECK_INT(verdict("io_uring"), CHECK_NO);
	/* or that nothing was compared at all. */
	begin();
	reads->asked = false;
	CHECK_INT(verdict("io_uring"), CHECK_NO);
	CHECK_TEXT(report.required[1].result.reason,
		   "not tried: no source works with a drive");
	report.verify = false;
	CHECK_INT(verdict("io_uring"), CHECK_OK);
	CHECK_INT(check_require(&report, "verify", &err), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "--require verify: nothing is verified; add --verify");
}

/* Another source that works does not make up for one that loses data. */
static void test_drive(void)
{
	begin();
	spoil(reads);
	transfers[0].result = reads->result;
	check_drive_judge(&drives[0], false);
	CHECK_INT(drives[0].result.state, CHECK_NO);
	CHECK_TEXT(drives[0].result.reason, "the reason");
}

static char *printed(void (*print)(const struct check_report *report, FILE *f))
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	print(&report, f);
	fclose(f);
	return text;
}

static void test_text(void)
{
	char *text;

	begin();
	reads->changed = 3;
	reads->repeated = 7;
	spoil(writes);
	text = printed(check_print_text);
	CHECK_HAS(text, "\nverify\n"
		  "  source          drive           direction      blocks       wrong  kinds\n"
		  "  heap:system     /dev/nvme0n1    read             1000           0  none\n"
		  "  heap:system     note     3 more blocks changed");
	CHECK_HAS(text, "\n  heap:system     note     7 blocks repeat the one before");
	CHECK_HAS(text, "\n  heap:system     /dev/nvme0n1    write            1000         100  untouched 99, torn 1\n"
		  "  heap:system     no       the reason; the remedy\n");
	free(text);
	begin();
	reads->asked = false;
	text = printed(check_print_text);
	CHECK(!strstr(text, "verify"));
	free(text);
}

static void test_json(void)
{
	char *text;

	begin();
	spoil(writes);
	text = printed(check_print_json);
	CHECK_TEXT(json_problem(text), "");
	CHECK_HAS(text, "\"direction\": \"read\"");
	CHECK_HAS(text, "\"first_wrong_byte\": null");
	CHECK_HAS(text, "\"direction\": \"write\"");
	CHECK_HAS(text, "\"blocks\": 1000");
	CHECK_HAS(text, "\"wrong\": 100,");
	CHECK_HAS(text, "\"untouched\": 99,");
	CHECK_HAS(text, "\"torn\": 1,");
	CHECK_HAS(text, "\"first_wrong_byte\": 8192");
	free(text);
}

static const struct check checks[] = {
	{ "the verdict", test_verdict },
	{ "the drive", test_drive },
	{ "text", test_text },
	{ "JSON", test_json },
};

CHECK_MAIN("check-verify-report", checks)
