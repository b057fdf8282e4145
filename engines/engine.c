/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the hooks print: the core (job.h) only fills in the line of an error. */
#include "engine.h"

int engine_error(struct thread_data *td, const struct dmabuf_error *err,
		 const char *where)
{
	log_err("dmabuf: %s\n", err->text);
	td_verror(td, -err->code, where);
	return 1;
}
