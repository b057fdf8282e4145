/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The job: options with fio's names and meanings, from a job file or the
 * command line. An option that this program does not support is an error.
 */
#ifndef SENDFILE_OPTIONS_H
#define SENDFILE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

enum { SENDFILE_MAX_GIVEN = 64 };

struct sendfile_given {
	char *key, *value;
};

struct sendfile_options {
	const char *name, *filename, *output, *sink, *rw;
	uint64_t bs, size, offset;
	uint64_t runtime_ms, ramp_ms;
	uint64_t seed;
	unsigned int numjobs;
	bool random, time_based, invalidate, repeats, same_order;
	bool help, version;
	/* All options as given, for the report; the last one of a name wins. */
	struct sendfile_given given[SENDFILE_MAX_GIVEN];
	unsigned int nr_given;
};

extern const char sendfile_help[];

/*
 * Returns 0, or -errno with the line in @err. In either case the caller frees
 * @options, which point into @argv.
 */
int sendfile_options_parse(struct sendfile_options *options, int argc,
			   char **argv, struct dmabuf_error *err);
void sendfile_options_free(struct sendfile_options *options);

#endif
