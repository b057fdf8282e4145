/* SPDX-License-Identifier: GPL-2.0-only */
/* What --verify found, in the two formats of the report. */
#ifndef CHECK_VERIFY_REPORT_H
#define CHECK_VERIFY_REPORT_H

#include "check/report.h"
#include "json.h"

/* A table of all drives, sources and directions; nothing without --verify. */
void check_print_verified(const struct check_report *report, FILE *f);

/* The array "verify" of one transfer, empty without --verify. */
void check_put_verified(struct dmabuf_json *json,
			const struct check_transfer *transfer);

#endif
