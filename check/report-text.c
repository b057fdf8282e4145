/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report for people: one line for each fact, in groups, with the state of
 * each attempt in a separate column.
 */
#include <string.h>

#include "check/verify/report.h"
#include "report.h"

#define NAME_WIDTH	14
#define STATE_WIDTH	7

static void group(FILE *f, const char *name)
{
	fprintf(f, "%s\n", name);
}

/* A fact, which has no state. */
static void fact(FILE *f, const char *name, const char *text)
{
	fprintf(f, "  %-*s  %s\n", NAME_WIDTH, name, text[0] ? text :
							    "unknown");
}

/* Prints @text when the result is ok, else the reason and the remedy. */
static void attempt(FILE *f, const char *name,
		    const struct check_result *result, const char *text)
{
	bool ok = result->state == CHECK_OK;
	const char *said = ok ? text : result->reason;

	fprintf(f, "  %-*s  ", NAME_WIDTH, name);
	if (!said[0])
		fprintf(f, "%s\n", check_state_name(result->state));
	else
		fprintf(f, "%-*s  %s%s%s\n", STATE_WIDTH,
			check_state_name(result->state), said,
			!ok && result->remedy[0] ? "; " : "",
			ok ? "" : result->remedy);
}

static void print_kernel(const struct check_kernel *kernel, FILE *f)
{
	char text[256];

	group(f, "kernel");
	snprintf(text, sizeof(text), "%s%s%s", kernel->host.release,
		 kernel->host.note[0] ? ", " : "", kernel->host.note);
	fact(f, "release", text);
	fact(f, "cpu", kernel->host.cpu);
	attempt(f, "io_uring", &kernel->io_uring, "a ring can be set up");
	snprintf(text, sizeof(text), "family %s",
		 kernel->family ? : "none");
	attempt(f, "interface", &kernel->interface, text);
}

static void print_sources(const struct check_report *report, FILE *f)
{
	char text[512], largest[32], granule[32];
	unsigned int i;

	group(f, "sources");
	for (i = 0; i < report->nr_sources; i++) {
		const struct check_source *source = &report->sources[i];

		snprintf(text, sizeof(text),
			 "%s, %s the CPU, written and read back, buffers up to %s, %s pages%s%s",
			 source->exports ? "dma-buf" : "not a dma-buf",
			 source->mapped ? "mapped by" : "copied for",
			 source->largest ?
			 dmabuf_size_text(source->largest, largest) :
			 "an unknown size",
			 dmabuf_size_text(source->granule, granule),
			 source->detail[0] ? ", " : "", source->detail);
		attempt(f, source->name, &source->result, text);
	}
}

static void print_transfers(const struct check_drive *drive, FILE *f)
{
	unsigned int i;

	for (i = 0; i < drive->nr_transfers; i++) {
		const struct check_transfer *t = &drive->transfers[i];
		char text[256];

		snprintf(text, sizeof(text),
			 "%s, registered in %.3f ms, first read in %.3f ms",
			 t->written ?
			 "read and written through the dma-buf and verified" :
			 "read only: one block read through the dma-buf and verified",
			 t->register_ns / 1e6, t->first_map_ns / 1e6);
		attempt(f, t->source->name, &t->result, text);
	}
}

static void print_drive(const struct check_report *report,
			const struct check_drive *drive, FILE *f)
{
	const char *mode = check_iommu_mode(drive->target.iommu);
	char text[512];

	fprintf(f, "drive %s\n", drive->name);
	if (drive->opened.state != CHECK_OK)
		attempt(f, "open", &drive->opened, "");
	if (!drive->target.disk[0])
		return;
	fact(f, "kind", check_drive_kind(drive));
	snprintf(text, sizeof(text), "%s%s%s", drive->target.model,
		 drive->target.firmware[0] ? ", firmware " : "",
		 drive->target.firmware);
	fact(f, "model", text);
	fact(f, "pci", drive->pci);
	snprintf(text, sizeof(text), "%s%s%s%s", drive->target.iommu,
		 mode[0] ? " (" : "", mode, mode[0] ? ")" : "");
	fact(f, "iommu domain", text);
	if (drive->logical_block) {
		snprintf(text, sizeof(text), "%lu bytes",
			 drive->logical_block);
		fact(f, "logical block", text);
	}
	if (drive->max_kib) {
		snprintf(text, sizeof(text),
			 "%lu KiB, limit of the drive %lu KiB",
			 drive->max_kib, drive->max_hw_kib);
		fact(f, "max request", text);
	}
	attempt(f, "scatter lists", &drive->sgl, "SGL and PRP");
	if (report->write && drive->opened.state == CHECK_OK)
		attempt(f, "writable", &drive->writable,
			"not in use; what is overwritten is restored");
	print_transfers(drive, f);
}

static void print_peer(const struct check_peer *peer, FILE *f)
{
	const struct check_pci_topology *topology = &peer->topology;
	unsigned int i;

	fprintf(f, "peers %s and %s\n", peer->drive->name, peer->bdf);
	fact(f, "topology", topology->relation ?
	     check_pci_relation_text(topology->relation) : topology->problem);
	for (i = 0; i < topology->nr_ports; i++) {
		const struct check_pci_port *port = &topology->ports[i];
		char text[96];

		if (!port->known)
			strcpy(text, "ACS unknown: cannot read its whole configuration space; run as root");
		else if (!port->has_acs)
			snprintf(text, sizeof(text), "no ACS");
		else
			snprintf(text, sizeof(text), "ACS enabled: %s",
				 port->acs[0] ? port->acs : "none");
		fact(f, port->bdf, text);
	}
	fact(f, "data", check_peer_data(peer));
}

static void print_fio(const struct check_fio *fio, FILE *f)
{
	char text[PATH_MAX + 96];

	group(f, "fio");
	snprintf(text, sizeof(text), "%s, %s", fio->file, fio->version);
	attempt(f, "fio", &fio->runs, text);
	snprintf(text, sizeof(text), "%s%sbuilt for %s", fio->module,
		 fio->module[0] ? ", " : "", fio->built_for);
	attempt(f, "plugin", &fio->plugin, text);
	attempt(f, "by name", &fio->by_name, "ioengine=dmabuf loads it");
}

static const char *limit_text(uint64_t limit, bool bytes, char text[32])
{
	if (limit == UINT64_MAX)
		return "unlimited";
	if (bytes)
		return dmabuf_size_text(limit, text);
	snprintf(text, 32, "%llu", (unsigned long long)limit);
	return text;
}

static void print_hints(const struct check_hints *hints, FILE *f)
{
	char text[640], limit[32];

	group(f, "hints");
	fact(f, "memlock limit", limit_text(hints->memlock, true, limit));
	fact(f, "open files", limit_text(hints->open_files, false, limit));
	snprintf(text, sizeof(text), "%s%s", hints->governor,
		 hints->governor[0] && strcmp(hints->governor, "performance") ?
		 "; performance gives steadier results" : "");
	fact(f, "governor", text);
	if (!hints->mitigations_known)
		text[0] = '\0';
	else if (!hints->mitigations)
		strcpy(text, "none active");
	else
		snprintf(text, sizeof(text),
			 "%u active (%s); they slow down system calls",
			 hints->mitigations, hints->mitigation_names);
	fact(f, "mitigations", text);
}

/* The required items that are ok, or those that are not. */
static void list(const struct check_report *report, bool ok, FILE *f)
{
	const char *separator = "";
	unsigned int i;

	for (i = 0; i < report->nr_required; i++) {
		const struct check_required *r = &report->required[i];

		if ((r->result.state == CHECK_OK) != ok)
			continue;
		fprintf(f, "%s%s", separator, r->name);
		separator = ", ";
	}
}

void check_print_text(const struct check_report *report, FILE *f)
{
	unsigned int i;

	print_kernel(&report->kernel, f);
	print_sources(report, f);
	if (!report->nr_drives) {
		group(f, "drives");
		fact(f, "none", "name one with --device /dev/nvmeXnY; it is only read");
	}
	for (i = 0; i < report->nr_drives; i++)
		print_drive(report, &report->drives[i], f);
	check_print_verified(report, f);
	for (i = 0; i < report->nr_peers; i++)
		print_peer(&report->peers[i], f);
	print_fio(&report->fio, f);
	print_hints(&report->hints, f);
	fprintf(f, "verdict: %s: ", check_state_name(report->verdict));
	list(report, report->verdict == CHECK_OK, f);
	fputs(report->verdict == CHECK_OK ? " passed\n" : " failed\n", f);
}
