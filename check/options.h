/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of dmabuf-check. */
#ifndef CHECK_OPTIONS_H
#define CHECK_OPTIONS_H

#include <stdbool.h>

#include "error.h"

struct check_list {
	const char **items;	/* belong to argv */
	unsigned int nr;
};

struct check_options {
	struct check_list devices;
	struct check_list sources;
	struct check_list peers;
	const char *require;	/* NULL: the default */
	const char *fio;	/* NULL: the one in PATH */
	const char *module;	/* NULL: the installed one */
	bool json;
	bool quiet;
	bool write;
	bool force;
	bool verify;
	const char *seconds_text;	/* NULL: the default */
	unsigned int seconds;		/* for --verify */
	bool help;
	bool version;
};

/*
 * Returns 0, or -EINVAL with the line in @err. In either case the caller frees
 * @options.
 */
int check_options_parse(struct check_options *options, int argc, char **argv,
			struct dmabuf_error *err);
void check_options_free(struct check_options *options);

/* Printed by --help. */
extern const char check_help[];

#endif
