/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of options, parsing of job file and command line, and --help. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

const char sendfile_help[] =
"Usage: fio-dmabuf-sendfile [--output=FILE] [--OPTION=VALUE...] [JOBFILE]\n"
"Reads a drive or file with sendfile(2), for which fio has no engine, and prints\n"
"the report of fio's --output-format=json+. Runs one job, given as a fio job\n"
"file or as options with fio's names and meanings:\n"
"\n"
"  name filename rw bs size offset runtime ramp_time time_based numjobs\n"
"  invalidate norandommap randrepeat randseed\n"
"\n"
"  rw is read or randread. iodepth is 1, because sendfile() returns when the\n"
"  data is sent, and direct is 0, because it reads through the page cache.\n"
"  Without norandommap and time_based a job ends when it has read each block\n"
"  once.\n"
"\n"
"  --sink=FILE     send the data there (default: /dev/null, which accepts the\n"
"                  pages without a copy; other sinks may copy them)\n"
"  --output=FILE   write the report there (default: standard output)\n"
"  --help          print this text\n"
"  --version       print the version\n"
"\n"
"Exit status: 0 success, 1 an error while reading, 2 invalid usage.\n";

enum kind {
	TEXT,
	SIZE,
	TIME,
	COUNT,
	YES,
	ONLY,		/* only one value is supported */
	IGNORED,	/* no effect on sendfile */
};

/* Sorted by name. Ignored options may be there for fio. */
static const struct entry {
	const char *name;
	enum kind kind;
	size_t at;
	const char *only, *why;
} entries[] = {
#define ENTRY(word, what, member) { .name = word, .kind = what, \
	.at = offsetof(struct sendfile_options, member) }
#define ENTRY_ONLY(word, value, reason) { .name = word, .kind = ONLY, \
	.only = value, .why = reason }
#define ENTRY_IGNORED(word) { .name = word, .kind = IGNORED }
	ENTRY("bs", SIZE, bs),
	ENTRY_IGNORED("clat_percentiles"),
	ENTRY_ONLY("direct", "0",
		   "sendfile reads through the page cache"),
	ENTRY("filename", TEXT, filename),
	ENTRY_IGNORED("group_reporting"),
	ENTRY("invalidate", YES, invalidate),
	ENTRY_ONLY("iodepth", "1",
		   "sendfile returns when the data is sent"),
	ENTRY_ONLY("ioengine", "sendfile", "the only engine of this program"),
	ENTRY_IGNORED("lat_percentiles"),
	ENTRY("name", TEXT, name),
	ENTRY("norandommap", YES, repeats),
	ENTRY("numjobs", COUNT, numjobs),
	ENTRY("offset", SIZE, offset),
	ENTRY("output", TEXT, output),
	ENTRY_ONLY("output-format", "json+", "the only format of this program"),
	ENTRY("ramp_time", TIME, ramp_ms),
	ENTRY("randrepeat", YES, same_order),
	ENTRY("randseed", SIZE, seed),
	ENTRY("runtime", TIME, runtime_ms),
	ENTRY("rw", TEXT, rw),
	ENTRY("sink", TEXT, sink),
	ENTRY("size", SIZE, size),
	ENTRY_IGNORED("thread"),
	ENTRY("time_based", YES, time_based),
#undef ENTRY
#undef ENTRY_ONLY
#undef ENTRY_IGNORED
};

static const struct entry *find_entry(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		if (!strcmp(entries[i].name, name))
			return &entries[i];
	return NULL;
}

struct unit {
	const char *suffix;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{ "", 1 }, { "b", 1 }, { "k", 1ULL << 10 }, { "m", 1ULL << 20 },
	{ "g", 1ULL << 30 }, { "t", 1ULL << 40 }, { NULL, 0 },
};

static const struct unit time_units[] = {
	{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
	{ "h", 3600000 }, { NULL, 0 },
};

/* Parses a number with a unit. */
static bool read_number(const char *text, const struct unit *units,
			uint64_t *number)
{
	unsigned long long n;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	for (; units->suffix; units++)
		if (!strcasecmp(end, units->suffix))
			break;
	if (errno || !units->suffix || n > UINT64_MAX / units->factor)
		return false;
	*number = n * units->factor;
	return true;
}

/* @text is "reason; remedy". */
static int refuse_value(struct dmabuf_error *err, const char *key,
			const char *value, const char *text)
{
	return dmabuf_error_set(err, -EINVAL, "%s=%s: %s", key, value, text);
}

static int take_number(void *at, const struct entry *entry, const char *value,
		       struct dmabuf_error *err)
{
	const struct unit *units = entry->kind == TIME ? time_units :
							 size_units;
	uint64_t number;

	if (!read_number(value, units, &number))
		return refuse_value(err, entry->name, value,
			entry->kind == TIME ? "not a time; write 10, 10s or 500ms" :
			"not a number; write 4096, 4k or 1m");
	if (entry->kind == COUNT) {
		if (!number || number > 4096)
			return refuse_value(err, entry->name, value,
					    "out of range; give 1 to 4096");
		*(unsigned int *)at = number;
		return 0;
	}
	*(uint64_t *)at = number;
	return 0;
}

static int take(struct sendfile_options *o, const char *key,
		const char *value, struct dmabuf_error *err)
{
	const struct entry *entry = find_entry(key);
	void *at;

	if (!entry)
		return dmabuf_error_set(err, -EINVAL,
			"%s: unsupported option; leave it out, or see --help",
			key);
	at = (char *)o + entry->at;
	switch (entry->kind) {
	case TEXT:
		if (!value[0])
			return refuse_value(err, key, value,
					    "empty; give a value");
		*(const char **)at = value;
		return 0;
	case YES:
		if (strcmp(value, "0") && strcmp(value, "1"))
			return refuse_value(err, key, value,
					    "not a flag; give 0 or 1");
		*(bool *)at = value[0] == '1';
		return 0;
	case ONLY:
		if (strcmp(value, entry->only))
			return dmabuf_error_set(err, -EINVAL,
				"%s=%s: %s; give %s=%s", key, value,
				entry->why, key, entry->only);
		return 0;
	case IGNORED:
		return 0;
	default:
		return take_number(at, entry, value, err);
	}
}

static char *trim(char *line)
{
	char *end = line + strlen(line);

	while (end > line && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*line))
		line++;
	return line;
}

/* Notes "key=value", or "key" for key=1, and takes it. */
static int give(struct sendfile_options *o, const char *word,
		struct dmabuf_error *err)
{
	struct sendfile_given *given = &o->given[o->nr_given];
	char *equals;

	if (o->nr_given == SENDFILE_MAX_GIVEN)
		return dmabuf_error_set(err, -E2BIG,
			"more than %d options; leave some out",
			SENDFILE_MAX_GIVEN);
	given->key = strdup(word);
	if (!given->key)
		return dmabuf_error_set(err, -ENOMEM,
					"out of memory; free some");
	o->nr_given++;
	equals = strchr(given->key, '=');
	if (equals)
		*equals = '\0';
	trim(given->key);
	given->value = equals ? trim(equals + 1) : NULL;
	return take(o, given->key, given->value ? given->value : "1", err);
}

/* Begins [NAME]; [global] belongs to the only job. */
static int begin_section(struct sendfile_options *o, char *line,
			 const char *file, unsigned int *jobs,
			 struct dmabuf_error *err)
{
	char word[256];

	line[strcspn(line, "]")] = '\0';
	if (!strcmp(line + 1, "global"))
		return 0;
	if ((*jobs)++)
		return dmabuf_error_set(err, -EINVAL,
			"%s: [%s]: second job; keep only one", file,
			line + 1);
	snprintf(word, sizeof(word), "name=%s", line + 1);
	return give(o, word, err);
}

static int read_job_file(struct sendfile_options *o, const char *file,
			 struct dmabuf_error *err)
{
	unsigned int jobs = 0;
	char *line = NULL;
	size_t size = 0;
	int ret = 0;
	FILE *f;

	f = fopen(file, "r");
	if (!f)
		return dmabuf_error_set(err, -errno, "%s: %s; give a job file",
					file, strerror(errno));
	while (!ret && getline(&line, &size, f) >= 0) {
		char *text = trim(line);

		if (!text[0] || text[0] == '#' || text[0] == ';')
			continue;
		if (text[0] == '[')
			ret = begin_section(o, text, file, &jobs, err);
		else
			ret = give(o, text, err);
	}
	if (!ret && ferror(f))
		ret = dmabuf_error_set(err, -EIO,
				       "%s: cannot read it; give a job file",
				       file);
	free(line);
	fclose(f);
	return ret;
}

static int judge(struct sendfile_options *o, struct dmabuf_error *err)
{
	if (!o->filename)
		return dmabuf_error_set(err, -EINVAL,
			"filename: missing; give --filename");
	if (strcmp(o->rw, "read") && strcmp(o->rw, "randread"))
		return refuse_value(err, "rw", o->rw,
			"sendfile only reads; give read or randread");
	if (!o->bs || o->bs > INT_MAX)
		return dmabuf_error_set(err, -EINVAL,
			"bs: out of range; give 1 byte to 2 GiB");
	if (o->time_based && !o->runtime_ms)
		return dmabuf_error_set(err, -EINVAL,
			"time_based: needs a runtime; give runtime");
	if (o->random && o->repeats && !o->runtime_ms)
		return dmabuf_error_set(err, -EINVAL,
			"norandommap: never ends; give runtime");
	return 0;
}

int sendfile_options_parse(struct sendfile_options *o, int argc, char **argv,
			   struct dmabuf_error *err)
{
	int i, ret = 0;

	*o = (struct sendfile_options) {
		.name = "sendfile",
		.sink = "/dev/null",
		.rw = "read",
		.bs = 4096,
		.numjobs = 1,
		.invalidate = true,
		.same_order = true,
	};
	for (i = 1; i < argc && !ret; i++) {
		if (!strcmp(argv[i], "--help"))
			o->help = true;
		else if (!strcmp(argv[i], "--version"))
			o->version = true;
		else if (!strncmp(argv[i], "--", 2))
			ret = give(o, argv[i] + 2, err);
		else
			ret = read_job_file(o, argv[i], err);
		if (o->help || o->version)
			return 0;
	}
	o->random = !strcmp(o->rw, "randread");
	return ret ? ret : judge(o, err);
}

void sendfile_options_free(struct sendfile_options *options)
{
	while (options->nr_given)
		free(options->given[--options->nr_given].key);
}
