/* SPDX-License-Identifier: GPL-2.0-only */
/* The measurement: one thread for each of numjobs. */
#ifndef SENDFILE_JOB_H
#define SENDFILE_JOB_H

#include <stdint.h>

#include "error.h"
#include "latency.h"
#include "options.h"

/* Sums over all threads, without what was done in ramp_time. */
struct job_result {
	struct latency latency;
	uint64_t bytes;
	uint64_t wall_ns;	/* of the one that took longest */
	uint64_t run_ns;	/* of all together, to which CPU time relates */
	uint64_t user_us, system_us;
	uint64_t switches, major_faults, minor_faults;
	uint64_t elapsed_ns;	/* with ramp_time */
};

int job_run(const struct sendfile_options *options, struct job_result *result,
	    struct dmabuf_error *err);

#endif
