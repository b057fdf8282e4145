/* SPDX-License-Identifier: GPL-2.0-only */
/* The result as fio writes it with --output-format=json+. */
#ifndef SENDFILE_REPORT_H
#define SENDFILE_REPORT_H

#include <stdio.h>

#include "job.h"
#include "options.h"

void report_print(const struct sendfile_options *options,
		  const struct job_result *result, FILE *f);

#endif
