/* SPDX-License-Identifier: GPL-2.0-only */
/* What the hooks keep for a job, and the hooks of the hot path (io.c). */
#ifndef DMABUF_ENGINE_H
#define DMABUF_ENGINE_H

#include "options.h"

#include "job.h"

/* One per fio thread, as td->io_ops_data. */
struct engine {
	struct dmabuf_job job;
	struct cmdprio cmdprio;
	char *report_path;
	unsigned int forced;		/* I/Os since the last forced one */
	bool touches;			/* the CPU has work to do per I/O */
	bool varies;			/* or priority and flags change */
	bool waits_when_full;		/* a full queue means getevents next */
	bool ready;			/* files are open and registered */
	bool started;			/* and so was the memory, if any */
	bool no_memory;			/* iomem_alloc failed */
	bool failed;			/* so did opening or registering */
	bool explained;			/* a failed copy has been */
};

/* Prints the line, once, and makes the job fail. Returns 1. */
int engine_error(struct thread_data *td, const struct dmabuf_error *err,
		 const char *where);

int engine_prep(struct thread_data *td, struct io_u *io_u);
enum fio_q_status engine_queue(struct thread_data *td, struct io_u *io_u);
int engine_commit(struct thread_data *td);
int engine_getevents(struct thread_data *td, unsigned int min,
		     unsigned int max, const struct timespec *timeout);
struct io_u *engine_event(struct thread_data *td, int event);

#endif
