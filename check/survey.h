/* SPDX-License-Identifier: GPL-2.0-only */
/* What is to be tried, and all the trying. */
#ifndef CHECK_SURVEY_H
#define CHECK_SURVEY_H

#include "options.h"
#include "report.h"

/*
 * Sets up what the options name. -errno with the line: -EINVAL for wrong use.
 * Nothing is tried yet.
 */
int check_survey_plan(struct check_report *report,
		      const struct check_options *options,
		      struct dmabuf_error *err);

/* Tries it; -EINTR when a signal came, else 0. */
int check_survey_run(struct check_report *report,
		     const struct check_options *options);

void check_survey_free(struct check_report *report);

#endif
