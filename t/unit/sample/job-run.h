/* SPDX-License-Identifier: GPL-2.0-only */
/* One job that the tests start as fio's hooks do. */
#ifndef JOB_RUN_H
#define JOB_RUN_H

#include "job.h"

#define UNIT	(128 << 10)
#define UNITS	12

struct job_run {
	struct dmabuf_job job;
	struct dmabuf_error err;
};

extern struct job_run job_run;

/* The settings, for chunks of four units and drives that answer. */
void job_run_begin(enum dmabuf_path path, const char *source);
int job_run_alloc(void);
int job_run_open_files(unsigned int nr);
/* As fio calls the hooks: memory, ring, files, registration. */
int job_run_start(unsigned int nr_files);
/* Frees everything, and checks that nothing is left. */
void job_run_end(void);
/* Where the SQE of a unit points for a file, and in which slot. */
void job_run_slice_is(uint32_t unit, unsigned int file, uint64_t addr,
		      unsigned int slot);

#endif
