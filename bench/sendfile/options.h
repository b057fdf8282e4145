/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The job: options with fio's names and meanings, of a job file or of the
 * command line. What this program cannot do is an error, not passed over.
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
	/* What was said, for the report; the last of a name counts. */
	struct sendfile_given given[SENDFILE_MAX_GIVEN];
	unsigned int nr_given;
};

extern const char sendfile_help[];

/* 0 or -errno with the line in @err; to be freed in either case. */
int sendfile_options_parse(struct sendfile_options *options, int argc,
			   char **argv, struct dmabuf_error *err);
void sendfile_options_free(struct sendfile_options *options);

#endif
