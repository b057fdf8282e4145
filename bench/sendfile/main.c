/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fio-dmabuf-sendfile: measures reading a drive with sendfile(2), with the
 * options and the report of fio. A signal ends it without a report.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "job.h"
#include "options.h"
#include "report.h"

enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

static int complain(int status, const char *text)
{
	fprintf(stderr, "fio-dmabuf-sendfile: %s\n", text);
	return status;
}

static int finish_output(FILE *f, const char *name)
{
	int failed = ferror(f);

	if (!fclose(f) && !failed)
		return STATUS_OK;
	fprintf(stderr, "fio-dmabuf-sendfile: %s: %s; free some space\n", name,
		strerror(errno));
	return STATUS_FAILED;
}

static int run(const struct sendfile_options *options)
{
	struct job_result result;
	struct dmabuf_error err;
	FILE *f = stdout;

	if (job_run(options, &result, &err))
		return complain(STATUS_FAILED, err.text);
	if (options->output)
		f = fopen(options->output, "w");
	if (!f) {
		fprintf(stderr, "fio-dmabuf-sendfile: %s: %s; give a writable --output\n",
			options->output, strerror(errno));
		return STATUS_FAILED;
	}
	report_print(options, &result, f);
	return finish_output(f, options->output ? options->output :
						  "standard output");
}

int main(int argc, char **argv)
{
	struct sendfile_options options;
	struct dmabuf_error err;
	int status;

	if (sendfile_options_parse(&options, argc, argv, &err)) {
		status = complain(STATUS_USAGE, err.text);
	} else if (options.help) {
		fputs(sendfile_help, stdout);
		status = finish_output(stdout, "standard output");
	} else if (options.version) {
		printf("fio-dmabuf-sendfile %s\n", PACKAGE_VERSION);
		status = finish_output(stdout, "standard output");
	} else {
		status = run(&options);
	}
	sendfile_options_free(&options);
	return status;
}
