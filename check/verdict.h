/* SPDX-License-Identifier: GPL-2.0-only */
/* What has to work, and whether it does. */
#ifndef CHECK_VERDICT_H
#define CHECK_VERDICT_H

#include "report.h"

/*
 * Fills in the names of report->required from @list, NULL: those of the
 * default; the report has its sources and drives already. -EINVAL with the
 * line for a name that there is not, or that cannot be told.
 */
int check_require(struct check_report *report, const char *list,
		  struct dmabuf_error *err);

/* Looks up what came of each, and sets report->verdict. */
void check_judge(struct check_report *report);

#endif
