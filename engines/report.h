/* SPDX-License-Identifier: GPL-2.0-only */
/* The report at the end of a job: one line, and a JSON file. */
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
 * Writes the end-of-job line to @text, without a newline and terminated. It
 * names up to 12 drives and counts the rest; 2 KiB are enough.
 */
void dmabuf_report_line(const struct dmabuf_report *report, char *text,
			size_t size);

/*
 * Writes the JSON to a new file beside @path and renames that to @path, so that
 * a report is either complete or absent. 0, or -errno with the line.
 */
int dmabuf_report_write(const struct dmabuf_report *report, const char *path,
			struct dmabuf_error *err);

#endif
