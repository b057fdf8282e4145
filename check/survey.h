/* SPDX-License-Identifier: GPL-2.0-only */
/* Plans what to try from the options, and tries it. */
#ifndef CHECK_SURVEY_H
#define CHECK_SURVEY_H

#include "options.h"
#include "report.h"

/*
 * Fills in what the options name, without trying anything. Returns 0, or
 * -errno with the line in @err: -EINVAL for invalid usage. In either case the
 * caller frees @report.
 */
int check_survey_plan(struct check_report *report,
		      const struct check_options *options,
		      struct dmabuf_error *err);

/* Fills in the results; returns -EINTR when a signal arrived, else 0. */
int check_survey_run(struct check_report *report,
		     const struct check_options *options);

void check_survey_free(struct check_report *report);

#endif
