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
	bool explained;			/* a failed access was reported */
	int broken;			/* errno: no I/O is possible any
					 * more, whatever continue_on_error
					 * says; or 0 */
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

/* The same; the job does no I/O afterwards. */
static inline int engine_break(struct thread_data *td, struct engine *e,
			       const struct dmabuf_error *err,
			       const char *where)
{
	e->broken = -err->code;
	/* prep refuses all I/O. */
	e->touches = e->varies = true;
	return engine_error(td, err, where);
}

/*
 * fio refills a free io_u before prep: opens the access of each io_u that is
 * not in flight. 0, or -errno with the line.
 */
int engine_open_refills(struct thread_data *td, struct engine *e,
			struct dmabuf_error *err);

int engine_prep(struct thread_data *td, struct io_u *io_u);
enum fio_q_status engine_queue(struct thread_data *td, struct io_u *io_u);
int engine_commit(struct thread_data *td);
int engine_getevents(struct thread_data *td, unsigned int min,
		     unsigned int max, const struct timespec *timeout);
struct io_u *engine_event(struct thread_data *td, int event);

#endif
