/* SPDX-License-Identifier: GPL-2.0-only */
/* The state that the hooks keep for a job, and the hooks in io.c. */
#ifndef DMABUF_ENGINE_H
#define DMABUF_ENGINE_H

#include "options.h"

#include "job.h"

/* One per fio thread, as td->io_ops_data. */
struct engine {
	struct dmabuf_job job;
	struct cmdprio cmdprio;
	char *report_path;
	unsigned int forced;		/* I/Os since the last IOSQE_ASYNC */
	bool touches;			/* each I/O has CPU access or copies */
	bool varies;			/* touches, or ioprio and flags vary */
	bool waits_when_full;		/* full queue: getevents is next */
	bool ready;			/* files are open and registered */
	bool started;			/* files and memory are registered */
	bool no_memory;			/* iomem_alloc failed */
	bool failed;			/* opening or registering failed */
	bool explained;			/* a failed copy was reported */
};

/*
 * Prints the line of @err, which the core only fills in, and makes the job
 * fail. Returns 1.
 */
static inline int engine_error(struct thread_data *td,
			       const struct dmabuf_error *err,
			       const char *where)
{
	log_err("dmabuf: %s\n", err->text);
	td_verror(td, -err->code, where);
	return 1;
}

int engine_prep(struct thread_data *td, struct io_u *io_u);
enum fio_q_status engine_queue(struct thread_data *td, struct io_u *io_u);
int engine_commit(struct thread_data *td);
int engine_getevents(struct thread_data *td, unsigned int min,
		     unsigned int max, const struct timespec *timeout);
struct io_u *engine_event(struct thread_data *td, int event);

#endif
