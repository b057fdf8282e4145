/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything that is tried, in order: the kernel, each source, each drive with
 * each working source, then fio.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/drive/writable.h"
#include "subprocess.h"
#include "survey.h"
#include "verdict.h"

#define MOST_SOURCES	64

static int out_of_memory(struct dmabuf_error *err)
{
	return dmabuf_error_no_memory(err, "command line",
				      "give fewer options");
}

/* Keeps the remedy: it shows how to write the argument. */
static void needs_argument(struct check_result *result)
{
	result->state = CHECK_UNKNOWN;
	strcpy(result->reason, "not tried: it needs an argument");
}

static int plan_sources(struct check_report *report,
			const struct check_options *options,
			struct dmabuf_error *err)
{
	char names[MOST_SOURCES][160];
	unsigned int nr = options->sources.nr, i;

	report->sources_given = nr;
	if (!nr)
		nr = check_source_names(names, MOST_SOURCES);
	report->sources = calloc(nr, sizeof(*report->sources));
	if (!report->sources)
		return out_of_memory(err);
	for (i = 0; i < nr; i++) {
		struct check_source *source = &report->sources[i];
		int ret = check_source_parse(source, report->sources_given ?
				options->sources.items[i] : names[i], err);

		source->given = report->sources_given;
		report->nr_sources++;
		if (ret == -EINVAL && source->given)
			return ret;
		/* A kind that needs an argument is only tried with one. */
		if (ret == -EINVAL)
			needs_argument(&source->result);
	}
	return 0;
}

static int plan_peers(struct check_report *report,
		      const struct check_options *options,
		      struct dmabuf_error *err)
{
	unsigned int nr = options->peers.nr, i;
	char bdf[DMABUF_PCI_ADDRESS];

	for (i = 0; i < nr; i++)
		if (dmabuf_pci_address(options->peers.items[i], bdf))
			return dmabuf_error_set(err, -EINVAL,
				"--peer %s: not a PCI address; write it as DDDD:BB:DD.F",
				options->peers.items[i]);
	if (nr && !report->nr_drives)
		return dmabuf_error_set(err, -EINVAL,
			"--peer: no drive to relate it to; add --device");
	report->peers = calloc(1 + report->nr_drives *
			       (nr + report->nr_sources),
			       sizeof(*report->peers));
	return report->peers ? 0 : out_of_memory(err);
}

int check_survey_plan(struct check_report *report,
		      const struct check_options *options,
		      struct dmabuf_error *err)
{
	unsigned int i;
	int ret;

	report->write = options->write;
	report->verify = options->verify;
	ret = plan_sources(report, options, err);
	if (ret)
		return ret;
	report->drives = calloc(options->devices.nr + 1,
				sizeof(*report->drives));
	if (!report->drives)
		return out_of_memory(err);
	for (i = 0; i < options->devices.nr; i++) {
		struct check_drive *drive = &report->drives[i];

		drive->name = options->devices.items[i];
		drive->transfers = calloc(report->nr_sources,
					  sizeof(*drive->transfers));
		report->nr_drives++;
		if (!drive->transfers)
			return out_of_memory(err);
	}
	ret = plan_peers(report, options, err);
	return ret ? ret : check_require(report, options->require, err);
}

/* False when the drive was not restored. */
static bool verify(struct check_transfer *t, const char *drive,
		   enum check_direction direction,
		   const struct check_options *options)
{
	struct check_verify *v = check_shared_alloc(sizeof(*v));
	bool lost;

	if (!v) {
		t->verified_by[direction].asked = true;
		check_say(&t->verified_by[direction].result, CHECK_UNKNOWN,
			  "not verified: out of memory");
		return true;
	}
	snprintf(v->drive, sizeof(v->drive), "%s", drive);
	snprintf(v->source, sizeof(v->source), "%s", t->source->name);
	v->source_limit = t->source->largest;
	v->direction = direction;
	v->seconds = options->seconds;
	v->force = options->force;
	v->progress = !options->quiet && isatty(STDERR_FILENO);
	check_verify_try(v);
	t->verified_by[direction] = v->found;
	/* The transfer fails with the first direction that does. */
	lost = v->saved.dirty;
	if (v->found.result.state != CHECK_OK &&
	    (t->result.state == CHECK_OK || lost))
		t->result = v->found.result;
	t->lost |= lost;
	check_shared_free(v, sizeof(*v));
	return !lost;
}

/* True when the drive may be written to again. */
static bool try_verify(struct check_transfer *t, const char *drive, bool write,
		       const struct check_options *options)
{
	verify(t, drive, CHECK_READS, options);
	return !write || check_interrupted() ||
	       verify(t, drive, CHECK_WRITES, options);
}

static void try_transfers(struct check_report *report,
			  struct check_drive *drive,
			  const struct check_options *options)
{
	bool write = drive->writable.state == CHECK_OK;
	unsigned int i;

	for (i = 0; i < report->nr_sources && !check_interrupted(); i++) {
		const struct check_source *source = &report->sources[i];
		struct check_transfer *t;

		if (!source->exports)
			continue;
		if (source->result.state != CHECK_OK && !source->given)
			continue;
		t = &drive->transfers[drive->nr_transfers++];
		t->source = source;
		if (source->result.state != CHECK_OK)
			check_say(&t->result, CHECK_UNKNOWN,
				  "not tried: the source does not work");
		else if (report->kernel.interface.state != CHECK_OK)
			check_say(&t->result, CHECK_UNKNOWN,
				  "not tried: io_uring cannot register dma-bufs");
		else
			check_transfer_try(t, drive->name, write,
					   options->force);
		/* The next one would save the wrong data as the drive's. */
		write = write && !t->lost;
		if (options->verify && t->result.state == CHECK_OK &&
		    !check_interrupted())
			write = try_verify(t, drive->name, write, options) &&
				write;
	}
}

static void try_drive(struct check_report *report, struct check_drive *drive,
		      const struct check_options *options)
{
	check_drive_read(drive, drive->name, "/sys");
	if (drive->opened.state == CHECK_OK) {
		if (options->write)
			check_writable_try(&drive->writable, drive->name,
					options->force);
		try_transfers(report, drive, options);
	}
	check_drive_judge(drive, report->sources_given);
	/* --write was asked for and is not possible. */
	if (drive->writable.state == CHECK_NO)
		drive->result = drive->writable;
}

static void add_peer(struct check_report *report,
		     const struct check_drive *drive, const char *bdf,
		     const struct check_source *source)
{
	struct check_peer *peer = &report->peers[report->nr_peers++];

	peer->drive = drive;
	peer->source = source;
	strcpy(peer->bdf, bdf);
	check_pci_topology_read(&peer->topology, "/sys", drive->pci, bdf);
}

/* The devices of --peer, and those that the sources are on. */
static void find_peers(struct check_report *report,
		       const struct check_drive *drive,
		       const struct check_options *options)
{
	char bdf[DMABUF_PCI_ADDRESS];
	unsigned int i;

	for (i = 0; i < options->peers.nr; i++)
		if (!dmabuf_pci_address(options->peers.items[i], bdf))
			add_peer(report, drive, bdf, NULL);
	for (i = 0; i < report->nr_sources; i++) {
		const struct check_source *source = &report->sources[i];

		if (check_source_device(source, bdf, "/sys"))
			add_peer(report, drive, bdf, source);
	}
}

int check_survey_run(struct check_report *report,
		     const struct check_options *options)
{
	unsigned int i;

	check_kernel_try(&report->kernel);
	for (i = 0; i < report->nr_sources && !check_interrupted(); i++)
		if (!report->sources[i].result.reason[0])
			check_source_try_subprocess(&report->sources[i]);
	for (i = 0; i < report->nr_drives && !check_interrupted(); i++) {
		try_drive(report, &report->drives[i], options);
		find_peers(report, &report->drives[i], options);
	}
	if (!check_interrupted())
		check_fio_try(&report->fio, options->fio, options->module,
			      report->installed, report->fio_version);
	check_hints_read(&report->hints, "/sys");
	check_judge(report);
	return check_interrupted() ? -EINTR : 0;
}

void check_survey_free(struct check_report *report)
{
	unsigned int i;

	for (i = 0; i < report->nr_drives; i++)
		free(report->drives[i].transfers);
	free(report->drives);
	free(report->sources);
	free(report->peers);
}
