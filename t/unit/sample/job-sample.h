/* SPDX-License-Identifier: GPL-2.0-only */
/* Finished jobs, with everything that a report contains. */
#ifndef JOB_SAMPLE_H
#define JOB_SAMPLE_H

#include "engines/report.h"

#define SAMPLE_FILES	16

struct job_sample {
	struct dmabuf_job job;
	struct dmabuf_file files[SAMPLE_FILES];
	struct dmabuf_report report;
};

/* A direct job on one drive, without an error. */
void job_sample_direct(struct job_sample *sample);
/* A staged job on two files with a bit of everything. */
void job_sample_staged(struct job_sample *sample);
/* A host job that did nothing. */
void job_sample_host(struct job_sample *sample);

#endif
