/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_report=FILE: the end-of-job line as JSON, with the environment. One
 * object, flat where possible; times in nanoseconds, sizes in bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "report.h"

static void put_errors(struct dmabuf_json *json,
		       const struct dmabuf_queue_stats *stats)
{
	unsigned int i;

	dmabuf_json_open_line(json, "errors", '{');
	for (i = 0; i < DMABUF_ERRNO_MAX; i++) {
		const char *name = i ? strerrorname_np(i) : "unknown";

		if (stats->errors[i])
			dmabuf_json_number(json, name ? : strerror(i),
					   stats->errors[i]);
	}
	dmabuf_json_close(json, '}');
}

static void put_targets(struct dmabuf_json *json,
			const struct dmabuf_job *job)
{
	unsigned int i;

	dmabuf_json_open(json, "targets", '[');
	for (i = 0; i < job->open_files; i++) {
		const struct dmabuf_file *file = &job->files[i];
		const struct dmabuf_target *target = &file->target;

		dmabuf_json_open(json, NULL, '{');
		dmabuf_json_text(json, "file", file->name);
		dmabuf_json_text(json, "kind",
				 dmabuf_target_kind_name(target->kind));
		dmabuf_json_text(json, "disk", target->disk);
		dmabuf_json_text(json, "model", target->model);
		dmabuf_json_text(json, "firmware", target->firmware);
		dmabuf_json_text(json, "iommu_domain", target->iommu);
		dmabuf_json_close(json, '}');
	}
	dmabuf_json_close(json, ']');
}

static void put_report(FILE *f, const struct dmabuf_report *report)
{
	static const char *const sync_names[] = {
		[DMABUF_SYNC_AUTO] = "auto",
		[DMABUF_SYNC_ALWAYS] = "always",
		[DMABUF_SYNC_NEVER] = "never",
	};
	const struct dmabuf_job *job = report->job;
	const struct dmabuf_queue_stats *stats = &job->queue.stats;
	const struct dmabuf_job_stats *job_stats = &job->stats;
	struct dmabuf_json out = { .f = f }, *json = &out;

	dmabuf_json_open(json, NULL, '{');
	dmabuf_json_text(json, "job", report->name);
	dmabuf_json_number(json, "job_number", report->number);
	dmabuf_json_text(json, "path", job->traits->name);
	dmabuf_json_text(json, "interface_family", job->interface.name);
	/* A job that neither reads nor writes opens none. */
	dmabuf_json_text(json, "source", job->chunks ? job->source.name :
						       job->settings.source.name);
	dmabuf_json_text(json, "source_detail", job->source.detail);
	dmabuf_json_text(json, "place", dmabuf_place_name(job->settings.place));
	dmabuf_json_number(json, "buffers", job->chunks);
	dmabuf_json_number(json, "buffer_bytes", job->bytes);
	dmabuf_json_number(json, "registrations", job_stats->registrations);
	dmabuf_json_number(json, "registration_ns", job_stats->register_ns);
	dmabuf_json_number(json, "warmup_reads", job_stats->warmups);
	dmabuf_json_number(json, "first_map_ns", job_stats->first_map_ns);
	dmabuf_json_number(json, "first_map_longest_ns",
			   job_stats->first_map_max_ns);
	dmabuf_json_text(json, "sync", sync_names[job->settings.sync]);
	dmabuf_json_number(json, "sync_calls", job_stats->sync_calls);
	dmabuf_json_number(json, "copied_bytes", job_stats->copied_bytes);
	dmabuf_json_number(json, "shadow_bytes", job_stats->shadow_bytes);
	dmabuf_json_number(json, "reads", dmabuf_queue_ios(stats, false));
	dmabuf_json_number(json, "read_bytes",
			   dmabuf_queue_bytes(stats, false));
	dmabuf_json_number(json, "writes", dmabuf_queue_ios(stats, true));
	dmabuf_json_number(json, "write_bytes",
			   dmabuf_queue_bytes(stats, true));
	dmabuf_json_number(json, "eagain_reissues", stats->reissued);
	dmabuf_json_number(json, "short_transfers_continued", stats->continued);
	put_errors(json, stats);
	put_targets(json, job);
	dmabuf_json_text(json, "kernel", job->host.release);
	dmabuf_json_text(json, "kernel_note", job->host.note);
	dmabuf_json_text(json, "kernel_command_line", job->host.cmdline);
	dmabuf_json_text(json, "cpu", job->host.cpu);
	dmabuf_json_text(json, "fio", report->fio_version);
	dmabuf_json_text(json, "fio_dmabuf", report->version);
	dmabuf_json_close(json, '}');
}

/*
 * Creates a file beside @path whose name nobody knows in advance, and which
 * follows no link. Its descriptor or -1.
 */
static int create_beside(const char *path, char *name, size_t size)
{
	unsigned int random, tries;
	int fd = -1;

	for (tries = 0; fd < 0 && tries < 100; tries++) {
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return -1;
		snprintf(name, size, "%s.%08x.tmp", path, random);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
			  O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	return fd;
}

static FILE *open_report(const char *path, bool device, char *temporary,
			 size_t size)
{
	int fd;
	FILE *f;

	if (device)
		return fopen(path, "w");
	fd = create_beside(path, temporary, size);
	if (fd < 0)
		return NULL;
	f = fdopen(fd, "w");
	if (!f) {
		close(fd);
		unlink(temporary);
	}
	return f;
}

int dmabuf_report_write(const struct dmabuf_report *report, const char *path,
			struct dmabuf_error *err)
{
	char temporary[PATH_MAX];
	struct stat st;
	bool device;
	int ret = 0;
	FILE *f;

	if (strlen(path) + sizeof(".01234567.tmp") > sizeof(temporary))
		return dmabuf_error_set(err, -ENAMETOOLONG,
			"dmabuf_report=%.60s...: the name is too long; use a shorter one",
			path);
	/* /dev/stdout or a pipe: write to it, do not replace it by a file. */
	device = !stat(path, &st) && !S_ISREG(st.st_mode) &&
		 !S_ISDIR(st.st_mode);
	f = open_report(path, device, temporary, sizeof(temporary));
	if (!f)
		return dmabuf_error_set(err, -errno,
			"dmabuf_report=%s: cannot create: %s; choose a file in a writable directory",
			path, strerror(errno));
	put_report(f, report);
	if (fflush(f) || ferror(f) || (!device && fsync(fileno(f))))
		ret = -(errno ? : EIO);
	if (fclose(f) && !ret)
		ret = -errno;
	if (!ret && !device && rename(temporary, path))
		ret = -errno;
	if (!ret)
		return 0;
	if (!device)
		unlink(temporary);
	return dmabuf_error_set(err, ret,
		"dmabuf_report=%s: cannot write: %s; free some space or choose another file",
		path, strerror(-ret));
}
