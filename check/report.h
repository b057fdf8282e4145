/* SPDX-License-Identifier: GPL-2.0-only */
/* All that was found out, and the two forms it is told in. */
#ifndef CHECK_REPORT_H
#define CHECK_REPORT_H

#include <stdio.h>

#include "drive.h"
#include "fio.h"
#include "hints.h"
#include "kernel.h"
#include "sources.h"
#include "route.h"

#define CHECK_REQUIRED	64

/* Where a drive and another PCI device are, and what was proved of the two. */
struct check_peer {
	const struct check_drive *drive;
	char bdf[DMABUF_PCI_ADDRESS];
	const struct check_source *source;	/* on it; NULL with --peer */
	struct check_route route;
};

/* A thing that has to work, see verdict.h. */
struct check_required {
	char name[32];
	struct check_result result;
};

struct check_report {
	struct check_kernel kernel;
	struct check_source *sources;
	unsigned int nr_sources;
	bool sources_given;
	struct check_drive *drives;
	unsigned int nr_drives;
	bool write;			/* was asked for */
	struct check_peer *peers;
	unsigned int nr_peers;
	struct check_fio fio;
	struct check_hints hints;
	struct check_required required[CHECK_REQUIRED];
	unsigned int nr_required;
	enum check_state verdict;	/* ok or no */
	const char *version;		/* of this program */
	const char *fio_version;	/* the plugin is for */
	const char *installed;		/* the plugin of make install */
};

/* What was proved of moving data between the two, in words. */
const char *check_peer_data(const struct check_peer *peer);

/* Errors are those of the stream. */
void check_print_text(const struct check_report *report, FILE *f);
void check_print_json(const struct check_report *report, FILE *f);

#endif
