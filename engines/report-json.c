/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_report=FILE: the end-of-job line as JSON, with the environment. One
 * object, flat where it can be; times in nanoseconds, sizes in bytes.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

/* Bytes of the UTF-8 character at @text, 0 when it is none. */
static unsigned int utf8_length(const char *text)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = *text;
	unsigned int n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, i;
	unsigned int code = c & (0xff >> (n + 1));

	if (n == 1)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	return code < least[n] || code > 0x10ffff ||
		(code >= 0xd800 && code < 0xe000) ? 0 : n;
}

/*
 * @text as a JSON string; bytes below 0x20 and the two specials escaped. File
 * names are bytes: what is no UTF-8 becomes the replacement character.
 */
static void put_string(FILE *f, const char *text)
{
	putc('"', f);
	while (*text) {
		unsigned int n = utf8_length(text);
		unsigned char c = *text;

		if (!n)
			fputs("\\ufffd", f);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20)
			fprintf(f, "\\u%04x", c);
		else
			fwrite(text, 1, n, f);
		text += n ? n : 1;
	}
	putc('"', f);
}

static void put_text(FILE *f, const char *indent, const char *key,
		     const char *text, const char *end)
{
	fprintf(f, "%s\"%s\": ", indent, key);
	if (text && text[0])
		put_string(f, text);
	else
		fputs("null", f);
	fputs(end, f);
}

static void put_number(FILE *f, const char *indent, const char *key,
		       unsigned long long number, const char *end)
{
	fprintf(f, "%s\"%s\": %llu%s", indent, key, number, end);
}

static void put_errors(FILE *f, const struct dmabuf_queue_stats *stats)
{
	const char *separator = "";
	unsigned int i;

	fputs("  \"errors\": {", f);
	for (i = 0; i < DMABUF_ERRNO_MAX; i++) {
		const char *name = i ? strerrorname_np(i) : "unknown";

		if (!stats->errors[i])
			continue;
		fprintf(f, "%s\"%s\": %llu", separator, name ? : strerror(i),
			(unsigned long long)stats->errors[i]);
		separator = ", ";
	}
	fputs("},\n", f);
}

static const char *kind_name(enum dmabuf_target_kind kind)
{
	static const char *const names[] = {
		[DMABUF_TARGET_FILE] = "file",
		[DMABUF_TARGET_BLOCK] = "block",
		[DMABUF_TARGET_NVME] = "nvme",
		[DMABUF_TARGET_NVME_FABRICS] = "nvme-fabrics",
		[DMABUF_TARGET_NVME_MULTIPATH] = "nvme-multipath",
	};

	return names[kind];
}

static void put_targets(FILE *f, const struct dmabuf_job *job)
{
	unsigned int i;

	fputs("  \"targets\": [\n", f);
	for (i = 0; i < job->open_files; i++) {
		const struct dmabuf_file *file = &job->files[i];

		fputs("    {\n", f);
		put_text(f, "      ", "file", file->name, ",\n");
		put_text(f, "      ", "kind", kind_name(file->target.kind),
			 ",\n");
		put_text(f, "      ", "disk", file->target.disk, ",\n");
		put_text(f, "      ", "model", file->target.model, ",\n");
		put_text(f, "      ", "firmware", file->target.firmware, ",\n");
		put_text(f, "      ", "iommu_domain", file->target.iommu, "\n");
		fputs(i + 1 < job->open_files ? "    },\n" : "    }\n", f);
	}
	fputs("  ],\n", f);
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
	const struct dmabuf_times *times = &job->times;
	const char *in = "  ";

	fputs("{\n", f);
	put_text(f, in, "job", report->name, ",\n");
	put_number(f, in, "job_number", report->number, ",\n");
	put_text(f, in, "path", job->traits->name, ",\n");
	put_text(f, in, "interface_family", job->interface.name, ",\n");
	put_text(f, in, "source", job->settings.source.name, ",\n");
	put_text(f, in, "source_detail", job->settings.source.detail, ",\n");
	put_text(f, in, "place", dmabuf_place_name(job->settings.place),
		 ",\n");
	put_number(f, in, "buffers", job->chunks, ",\n");
	put_number(f, in, "buffer_bytes", job->bytes, ",\n");
	put_number(f, in, "registrations", times->registrations, ",\n");
	put_number(f, in, "registration_ns", times->register_ns, ",\n");
	put_number(f, in, "warmup_reads", times->warmups, ",\n");
	put_number(f, in, "first_map_ns", times->first_map_ns, ",\n");
	put_number(f, in, "first_map_longest_ns", times->first_map_max_ns,
		   ",\n");
	put_text(f, in, "sync", sync_names[job->settings.sync], ",\n");
	put_number(f, in, "sync_calls", times->sync_calls, ",\n");
	put_number(f, in, "copied_bytes", times->copied_bytes, ",\n");
	put_number(f, in, "shadow_bytes", times->shadow_bytes, ",\n");
	put_number(f, in, "reads", stats->ios[IORING_OP_READ_FIXED], ",\n");
	put_number(f, in, "read_bytes", stats->bytes[IORING_OP_READ_FIXED],
		   ",\n");
	put_number(f, in, "writes", stats->ios[IORING_OP_WRITE_FIXED], ",\n");
	put_number(f, in, "write_bytes", stats->bytes[IORING_OP_WRITE_FIXED],
		   ",\n");
	put_number(f, in, "eagain_reissues", stats->reissued, ",\n");
	put_number(f, in, "short_transfers_continued", stats->continued, ",\n");
	put_errors(f, stats);
	put_targets(f, job);
	put_text(f, in, "kernel", job->host.release, ",\n");
	put_text(f, in, "kernel_note", job->host.note, ",\n");
	put_text(f, in, "kernel_command_line", job->host.cmdline, ",\n");
	put_text(f, in, "cpu", job->host.cpu, ",\n");
	put_text(f, in, "fio", report->fio_version, ",\n");
	put_text(f, in, "fio_dmabuf", report->version, "\n");
	fputs("}\n", f);
}

int dmabuf_report_write(const struct dmabuf_report *report, const char *path,
			struct dmabuf_error *err)
{
	char temporary[PATH_MAX];
	struct stat st;
	bool device;
	int ret = 0;
	FILE *f;

	if (snprintf(temporary, sizeof(temporary), "%s.tmp", path) >=
	    (int)sizeof(temporary))
		return dmabuf_error_set(err, -ENAMETOOLONG,
			"dmabuf_report=%.60s...: too long; use a shorter name",
			path);
	/* /dev/stdout, a pipe: written to, never replaced by a file. */
	device = !stat(path, &st) && !S_ISREG(st.st_mode) &&
		 !S_ISDIR(st.st_mode);
	f = fopen(device ? path : temporary, "w");
	if (!f)
		return dmabuf_error_set(err, -errno,
			"dmabuf_report=%s: cannot create it: %s; choose a file in a directory that can be written",
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
		"dmabuf_report=%s: cannot write it: %s; make room or choose another file",
		path, strerror(-ret));
}
