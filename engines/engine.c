/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints the errors of a job: the core (job.h) only fills in the line. */
#include "engine.h"

int engine_error(struct thread_data *td, const struct dmabuf_error *err,
		 const char *where)
{
	log_err("dmabuf: %s\n", err->text);
	td_verror(td, -err->code, where);
	return 1;
}
