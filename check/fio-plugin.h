/* SPDX-License-Identifier: GPL-2.0-only */
/* The installed fio, and whether the plugin loads into it. */
#ifndef CHECK_FIO_PLUGIN_H
#define CHECK_FIO_PLUGIN_H

#include <limits.h>

#include "result.h"

struct check_fio {
	char file[PATH_MAX];		/* "": no fio */
	char version[64];		/* the answer to --version */
	const char *built_for;		/* the version the plugin needs */
	char module[PATH_MAX];		/* "": loads by name only */
	struct check_result runs;	/* and answers --version */
	struct check_result plugin;	/* loads the module */
	struct check_result by_name;	/* loads ioengine=dmabuf */
};

/*
 * Tries @file, or with NULL the fio in PATH; and @module, or with NULL the
 * module @installed, or what ioengine=dmabuf loads when that file is missing.
 * @built_for stays the caller's. Each run of fio may take 20 seconds.
 */
void check_fio_try(struct check_fio *fio, const char *file,
		   const char *module, const char *installed,
		   const char *built_for);

#endif
