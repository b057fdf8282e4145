/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf-check: what this machine can do, and if not, why. Reads the command
 * line, has everything tried, prints, and turns the verdict into the exit
 * status.
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
	STATUS_WORKS = 0,
	STATUS_DOES_NOT = 1,
	STATUS_WRONG_USE = 2,
};

static int complain(int status, const char *text)
{
	fprintf(stderr, "dmabuf-check: %s\n", text);
	return status;
}

/* What was printed must have arrived, or the status would be all there is. */
static int finish_output(int status)
{
	if (!fflush(stdout) && !ferror(stdout) && !fclose(stdout))
		return status;
	fprintf(stderr, "dmabuf-check: standard output: %s\n",
		strerror(errno));
	return STATUS_DOES_NOT;
}

static int print(const struct check_report *report,
		 const struct check_options *options)
{
	int status = report->verdict == CHECK_OK ? STATUS_WORKS :
						   STATUS_DOES_NOT;

	if (options->quiet)
		return status;
	if (options->json)
		check_print_json(report, stdout);
	else
		check_print_text(report, stdout);
	return finish_output(status);
}

/* As a signal ends a program that does not catch it. */
static int end_by_signal(int number)
{
	signal(number, SIG_DFL);
	raise(number);
	return 128 + number;
}

/* A drive that is not as it was is told of even where nothing is printed. */
static void tell_losses(const struct check_report *report)
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
		status = complain(STATUS_WRONG_USE, err.text);
	} else {
		check_catch_signals();
		status = check_survey_run(&report, options);
		tell_losses(&report);
		status = status ? end_by_signal(check_interrupted()) :
				  print(&report, options);
	}
	check_survey_free(&report);
	return status;
}

/* A file opened later must not take the place of one of the three. */
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
		status = complain(STATUS_WRONG_USE, err.text);
	} else if (options.help) {
		fputs(check_help, stdout);
		status = finish_output(STATUS_WORKS);
	} else if (options.version) {
		printf("dmabuf-check %s\n", PACKAGE_VERSION);
		status = finish_output(STATUS_WORKS);
	} else {
		status = survey(&options);
	}
	check_options_free(&options);
	return status;
}
