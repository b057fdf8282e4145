/* SPDX-License-Identifier: GPL-2.0-only */
/* The fio that is there, and whether the plugin loads into it. */
#ifndef CHECK_FIO_H
#define CHECK_FIO_H

#include <limits.h>

#include "result.h"

struct check_fio {
	char file[PATH_MAX];		/* empty: none was found */
	char version[64];		/* what it answers to --version */
	const char *wanted;		/* the version the plugin is for */
	char module[PATH_MAX];		/* empty: by name only */
	struct check_result found;	/* it runs and tells its version */
	struct check_result plugin;	/* it loads the module */
	struct check_result by_name;	/* so does ioengine=dmabuf */
};

/*
 * @file NULL: the one in PATH. @module NULL: @installed, or what
 * ioengine=dmabuf finds when there is none. No call of fio takes longer than
 * 20 seconds.
 */
void check_fio_try(struct check_fio *fio, const char *file,
		   const char *module, const char *installed,
		   const char *wanted);

#endif
