/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf-check: reports what works on this machine, and why the rest does not.
 * Parses the command line, runs the survey, prints the report and turns the
 * verdict into the exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "options.h"
#include "report.h"
#include "subprocess.h"
#include "survey.h"

enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

static int complain(int status, const char *text)
{
	fprintf(stderr, "dmabuf-check: %s\n", text);
	return status;
}

/* A report that was not written completely is an error. */
static int finish_output(int status)
{
	if (!fflush(stdout) && !ferror(stdout) && !fclose(stdout))
		return status;
	fprintf(stderr, "dmabuf-check: standard output: %s\n",
		strerror(errno));
	return STATUS_FAILED;
}

static int print(const struct check_report *report,
		 const struct check_options *options)
{
	int status = report->verdict == CHECK_OK ? STATUS_OK : STATUS_FAILED;

	if (options->quiet)
		return status;
	if (options->json)
		check_print_json(report, stdout);
	else
		check_print_text(report, stdout);
	return finish_output(status);
}

/* Ends as if the signal had not been caught. */
static int end_by_signal(int number)
{
	signal(number, SIG_DFL);
	raise(number);
	return 128 + number;
}

/* A drive that was not restored is reported even with -q. */
static void print_losses(const struct check_report *report)
{
	unsigned int i, j;

	for (i = 0; i < report->nr_drives; i++)
		for (j = 0; j < report->drives[i].nr_transfers; j++) {
			const struct check_transfer *t =
				&report->drives[i].transfers[j];

			if (t->lost)
				fprintf(stderr, "dmabuf-check: %s; %s\n",
					t->result.reason, t->result.remedy);
		}
}

static int survey(struct check_options *options)
{
	struct check_report report = {
		.version = PACKAGE_VERSION,
		.fio_version = FIO_DMABUF_FIO_VERSION,
		.installed = DMABUF_MODULE,
	};
	struct dmabuf_error err;
	int status;

	status = check_survey_plan(&report, options, &err);
	if (status) {
		status = complain(STATUS_USAGE, err.text);
	} else {
		check_catch_signals();
		status = check_survey_run(&report, options);
		print_losses(&report);
		status = status ? end_by_signal(check_interrupted()) :
				  print(&report, options);
	}
	check_survey_free(&report);
	return status;
}

/* A file opened later must not become standard input or output. */
static void fill_standard_descriptors(void)
{
	int fd = open("/dev/null", O_RDONLY);

	while (fd >= 0 && fd <= 2)
		fd = open("/dev/null", O_RDONLY);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct check_options options = { .quiet = false };
	struct dmabuf_error err;
	int status;

	fill_standard_descriptors();
	if (check_options_parse(&options, argc, argv, &err)) {
		status = complain(STATUS_USAGE, err.text);
	} else if (options.help) {
		fputs(check_help, stdout);
		status = finish_output(STATUS_OK);
	} else if (options.version) {
		printf("dmabuf-check %s\n", PACKAGE_VERSION);
		status = finish_output(STATUS_OK);
	} else {
		status = survey(&options);
	}
	check_options_free(&options);
	return status;
}
