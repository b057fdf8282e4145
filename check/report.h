/* SPDX-License-Identifier: GPL-2.0-only */
/* All results, and the two formats they are printed in. */
#ifndef CHECK_REPORT_H
#define CHECK_REPORT_H

#include <stdio.h>

#include "check/drive/drive.h"
#include "check/drive/peer.h"
#include "fio-plugin.h"
#include "hints.h"
#include "kernel.h"
#include "sources.h"

#define CHECK_REQUIRED	64

/* An item of --require, see verdict.h. */
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
	bool write;			/* --write was given */
	bool verify;			/* --verify was given */
	struct check_peer *peers;
	unsigned int nr_peers;
	struct check_fio fio;
	struct check_hints hints;
	struct check_required required[CHECK_REQUIRED];
	unsigned int nr_required;
	enum check_state verdict;	/* ok or no */
	const char *version;		/* of this program */
	const char *fio_version;	/* that the plugin is built for */
	const char *installed;		/* plugin, by make install */
};

/* Errors are left in the stream. */
void check_print_text(const struct check_report *report, FILE *f);
void check_print_json(const struct check_report *report, FILE *f);

#endif
