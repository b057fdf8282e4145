/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must work and whether it does, and the two formats of the report: JSON
 * that stays valid whatever is in it, and text with one line for each fact.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check/verdict.h"
#include "t/unit/check.h"
#include "t/unit/json.h"

static struct check_source sources[3];
static struct check_transfer transfers[2];
static struct check_drive drives[1];
static struct check_peer peers[2];
static struct check_report report;
static struct dmabuf_error err;

/* Everything works, except for what a test changes. */
static void begin(void)
{
	memset(sources, 0, sizeof(sources));
	memset(transfers, 0, sizeof(transfers));
	memset(drives, 0, sizeof(drives));
	memset(peers, 0, sizeof(peers));
	memset(&report, 0, sizeof(report));
	CHECK_INT(check_source_parse(&sources[0], "heap", &err), 0);
	CHECK_INT(check_source_parse(&sources[1], "udmabuf", &err), 0);
	CHECK_INT(check_source_parse(&sources[2], "memory", &err), 0);
	check_ok(&sources[0].result);
	check_ok(&sources[1].result);
	check_ok(&sources[2].result);
	report.sources = sources;
	report.nr_sources = 3;
	transfers[0].source = &sources[0];
	transfers[1].source = &sources[1];
	check_ok(&transfers[0].result);
	check_ok(&transfers[1].result);
	drives[0].name = "/dev/nvme0n1";
	drives[0].transfers = transfers;
	drives[0].nr_transfers = 2;
	check_ok(&drives[0].opened);
	check_ok(&drives[0].result);
	report.drives = drives;
	report.nr_drives = 1;
	report.peers = peers;
	report.fio.built_for = "fio-3.33";
	report.version = "0.1.0";
	check_ok(&report.kernel.io_uring);
	check_ok(&report.kernel.interface);
	check_ok(&report.fio.runs);
	check_ok(&report.fio.plugin);
}

static enum check_state verdict(const char *list)
{
	CHECK_INT(check_require(&report, list, &err), 0);
	check_judge(&report);
	return report.verdict;
}

static void test_default(void)
{
	begin();
	CHECK_INT(verdict(NULL), CHECK_OK);
	CHECK_INT(report.nr_required, 4);
	CHECK_TEXT(report.required[3].name, "drives");
	report.nr_drives = 0;
	CHECK_INT(verdict(NULL), CHECK_OK);
	CHECK_INT(report.nr_required, 3);
	check_say(&report.kernel.interface, CHECK_NO, "a; b");
	CHECK_INT(verdict(NULL), CHECK_NO);
	CHECK_TEXT(report.required[1].result.reason, "a");
	CHECK_INT(verdict("io_uring"), CHECK_OK);
}

static void test_unknown_does_not_work(void)
{
	begin();
	check_say(&report.kernel.interface, CHECK_UNKNOWN, "not tried");
	CHECK_INT(verdict("interface"), CHECK_NO);
}

/* One dma-buf source is enough by default; named ones must all work. */
static void test_sources(void)
{
	begin();
	check_say(&sources[0].result, CHECK_NO, "no heap");
	CHECK_INT(verdict("sources"), CHECK_OK);
	CHECK_INT(verdict("heap"), CHECK_NO);
	CHECK_INT(verdict("udmabuf,memory"), CHECK_OK);
	report.sources_given = true;
	CHECK_INT(verdict("sources"), CHECK_NO);
	CHECK_TEXT(report.required[0].result.reason, "no heap");
	report.sources_given = false;
	check_say(&sources[1].result, CHECK_NO, "no udmabuf");
	CHECK_INT(verdict("sources"), CHECK_NO);
	CHECK_TEXT(report.required[0].result.reason, "no heap");
	report.sources = &sources[2];
	report.nr_sources = 1;
	CHECK_INT(verdict("sources"), CHECK_NO);
	CHECK_HAS(report.required[0].result.reason, "no dma-buf source was tried");
}

/* One working source of a kind is enough. */
static void test_kinds(void)
{
	begin();
	CHECK_INT(check_source_parse(&sources[1], "heap:other", &err), 0);
	check_ok(&sources[1].result);
	check_say(&sources[0].result, CHECK_NO, "no");
	CHECK_INT(verdict("heap"), CHECK_OK);
	check_say(&sources[1].result, CHECK_NO, "no either");
	CHECK_INT(verdict("heap"), CHECK_NO);
	CHECK_TEXT(report.required[0].result.reason, "no");
}

static void test_drives(void)
{
	begin();
	check_drive_judge(&drives[0], true);
	CHECK_INT(verdict("drives"), CHECK_OK);
	check_say(&transfers[1].result, CHECK_NO, "refused");
	check_drive_judge(&drives[0], false);
	CHECK_INT(verdict("drives"), CHECK_OK);
	check_drive_judge(&drives[0], true);
	CHECK_INT(verdict("drives"), CHECK_NO);
	CHECK_TEXT(report.required[0].result.reason, "refused");
	drives[0].nr_transfers = 0;
	check_drive_judge(&drives[0], false);
	CHECK_INT(verdict("drives"), CHECK_NO);
	check_say(&drives[0].opened, CHECK_NO, "not there");
	check_drive_judge(&drives[0], false);
	CHECK_TEXT(drives[0].result.reason, "not there");
}

/* A drive that was not restored fails, whatever else works. */
static void test_lost(void)
{
	begin();
	check_say(&transfers[1].result, CHECK_NO, "not put back");
	transfers[1].lost = true;
	check_drive_judge(&drives[0], false);
	CHECK_INT(verdict("drives"), CHECK_NO);
	CHECK_TEXT(report.required[0].result.reason, "not put back");
	check_say(&transfers[0].result, CHECK_NO, "refused");
	check_drive_judge(&drives[0], false);
	CHECK_TEXT(drives[0].result.reason, "not put back");
}

static void test_wrong_names(void)
{
	begin();
	CHECK_INT(check_require(&report, "nosuch", &err), -EINVAL);
	CHECK_HAS(err.text, "--require nosuch: unknown name; choose from io_uring, interface, sources, drives, verify, fio, plugin, heap");
	CHECK_INT(check_require(&report, "", &err), -EINVAL);
	CHECK_INT(check_require(&report, "fio,", &err), -EINVAL);
	report.nr_sources = 1;
	CHECK_INT(check_require(&report, "udmabuf", &err), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "--require udmabuf: this source is not tried; add --source udmabuf");
	report.nr_drives = 0;
	CHECK_INT(check_require(&report, "drives", &err), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "--require drives: no drive to test; add --device");
}

static void fill(void)
{
	begin();
	sources[0].allocated = CHECK_OK;
	sources[0].largest = 1 << 30;
	sources[0].granule = 4096;
	strcpy(sources[0].detail, "a \"quoted\" \xff device");
	strcpy(drives[0].target.disk, "nvme0n1");
	strcpy(drives[0].target.iommu, "DMA-FQ");
	check_say(&drives[0].sgl, CHECK_UNKNOWN, "cannot send Identify; run as root");
	check_say(&transfers[1].result, CHECK_NO, "refused; do this");
	transfers[0].verified = true;
	peers[0].drive = &drives[0];
	peers[0].source = &sources[0];
	strcpy(peers[0].bdf, "0000:03:00.0");
	peers[0].topology.relation = CHECK_PCI_SWITCH;
	peers[0].topology.nr_ports = 2;
	strcpy(peers[0].topology.ports[0].bdf, "0000:02:00.0");
	peers[0].topology.ports[1].known = true;
	strcpy(peers[0].topology.ports[1].bdf, "0000:02:01.0");
	peers[1].drive = &drives[0];
	strcpy(peers[1].topology.problem, "no such device");
	report.nr_peers = 2;
	CHECK_INT(verdict(NULL), CHECK_OK);
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

static void test_json(void)
{
	char *text;

	fill();
	text = printed(check_print_json);
	CHECK_TEXT(json_problem(text), "");
	CHECK_HAS(text, "\"verdict\": \"ok\"");
	CHECK_HAS(text, "\"iommu_mode\": \"lazy\"");
	CHECK_HAS(text, "\"relation\": \"below the same switch\"");
	CHECK_HAS(text, "\"data\": \"read only, verified\"");
	CHECK_HAS(text, "\"detail\": \"a \\\"quoted\\\" \\ufffd device\"");
	CHECK_HAS(text, "\"reason\": \"refused\",\n          \"remedy\": \"do this\"");
	free(text);
	memset(&report, 0, sizeof(report));
	text = printed(check_print_json);
	CHECK_TEXT(json_problem(text), "");
	free(text);
}

static void test_text(void)
{
	char *text;

	fill();
	text = printed(check_print_text);
	CHECK_HAS(text, "\n  iommu domain    DMA-FQ (lazy)\n");
	CHECK_HAS(text, "\n  scatter lists   unknown  cannot send Identify; run as root\n");
	CHECK_HAS(text, "\n  udmabuf         no       refused; do this\n");
	CHECK_HAS(text, "\npeers /dev/nvme0n1 and 0000:03:00.0\n"
		  "  topology        below the same switch\n"
		  "  0000:02:00.0    ACS unknown: cannot read its whole configuration space; run as root\n"
		  "  0000:02:01.0    no ACS\n"
		  "  data            read only, verified\n");
	CHECK_HAS(text, "\n  topology        no such device\n"
		  "  data            not tried: no source uses memory of this device\n");
	CHECK_HAS(text, "\nverdict: ok: io_uring, interface, sources, drives passed\n");
	free(text);
	check_say(&report.kernel.interface, CHECK_NO, "a; b");
	CHECK_INT(verdict(NULL), CHECK_NO);
	text = printed(check_print_text);
	CHECK_HAS(text, "\nverdict: no: interface failed\n");
	free(text);
}

static void test_peers(void)
{
	fill();
	CHECK_TEXT(check_peer_data(&peers[0]), "read only, verified");
	transfers[0].written = true;
	CHECK_TEXT(check_peer_data(&peers[0]),
		   "written and read, verified");
	transfers[0].written = false;
	check_say(&transfers[0].result, CHECK_NO, "lost");
	CHECK_TEXT(check_peer_data(&peers[0]), "failed");
	transfers[0].written = true;
	CHECK_TEXT(check_peer_data(&peers[0]), "failed");
	transfers[0].written = false;
	peers[0].source = &sources[2];
	CHECK_TEXT(check_peer_data(&peers[0]),
		   "not tried: the source is not a dma-buf");
	peers[0].source = NULL;
	CHECK_TEXT(check_peer_data(&peers[0]),
		   "not tried: no source uses memory of this device");
	peers[0].source = &sources[0];
	transfers[0].verified = false;
	check_say(&transfers[0].result, CHECK_UNKNOWN, "not tried");
	CHECK_TEXT(check_peer_data(&peers[0]), "not tried");
}

static const struct check checks[] = {
	{ "the default of --require", test_default },
	{ "what was not tried counts as failed", test_unknown_does_not_work },
	{ "sources", test_sources },
	{ "kinds of sources", test_kinds },
	{ "drives", test_drives },
	{ "a drive that was not restored", test_lost },
	{ "unknown names", test_wrong_names },
	{ "JSON", test_json },
	{ "text", test_text },
	{ "peers", test_peers },
};

CHECK_MAIN("check-verdict", checks)
