/* SPDX-License-Identifier: GPL-2.0-only */
/* What a job says of itself at its end: one line, and a JSON file. */
#ifndef DMABUF_REPORT_H
#define DMABUF_REPORT_H

#include <stddef.h>

#include "job.h"

struct dmabuf_report {
	const char *name;		/* of the fio job */
	unsigned int number;		/* of the fio job, from 1 */
	const char *fio_version;
	const char *version;		/* of this engine */
	const struct dmabuf_job *job;
};

/*
 * The end-of-job line, without a newline. Always ends in '\0'; 2 KiB hold a
 * job on a dozen drives, more drives are counted instead of named.
 */
void dmabuf_report_line(const struct dmabuf_report *report, char *text,
			size_t size);

/*
 * Writes the JSON to @path by way of @path.tmp, so that a report is there
 * whole or not at all. -errno with the line.
 */
int dmabuf_report_write(const struct dmabuf_report *report, const char *path,
			struct dmabuf_error *err);

#endif
