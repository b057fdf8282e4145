/* SPDX-License-Identifier: GPL-2.0-only */
/* The measurement: numjobs threads that call sendfile(). */
#ifndef SENDFILE_JOB_H
#define SENDFILE_JOB_H

#include <stdint.h>

#include "error.h"
#include "latency.h"
#include "options.h"

/* Sums over all threads; ramp_time is not counted. */
struct job_result {
	struct latency latency;
	uint64_t bytes;
	uint64_t wall_ns;	/* of the slowest thread */
	uint64_t run_ns;	/* of all threads; the base of CPU time */
	uint64_t user_us, system_us;
	uint64_t switches, major_faults, minor_faults;
	uint64_t elapsed_ns;	/* including ramp_time */
};

/* Runs the job. Returns 0, or -errno with the line in @err. */
int job_run(const struct sendfile_options *options, struct job_result *result,
	    struct dmabuf_error *err);

#endif
