/* SPDX-License-Identifier: GPL-2.0-only */
/* --require: what must work, and whether it does. */
#ifndef CHECK_VERDICT_H
#define CHECK_VERDICT_H

#include "report.h"

/*
 * Fills in the names in report->required from @list, or the default ones for
 * NULL. The report must have its sources and drives already. Returns 0, or
 * -EINVAL with the line in @err for a name that is unknown or not tested.
 */
int check_require(struct check_report *report, const char *list,
		  struct dmabuf_error *err);

/* Looks up the result of each, and sets report->verdict. */
void check_judge(struct check_report *report);

#endif
