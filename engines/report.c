/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end-of-job line answers "what did I just measure?". It names the path that
 * the I/Os took. It does not claim peer-to-peer DMA, which the kind of memory
 * does not prove. The JSON file is in report-json.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

/* The line names this many drives and counts the rest. */
#define NAMED_DRIVES	12

struct text {
	char *at;
	size_t size;
	size_t used;
};

static void add(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	if (t->used >= t->size)
		return;
	va_start(args, format);
	n = vsnprintf(t->at + t->used, t->size - t->used, format, args);
	va_end(args);
	t->used += n > 0 ? (size_t)n : 0;
}

static void add_transfers(struct text *t, const char *what,
			  const struct dmabuf_queue_stats *stats, bool write)
{
	char size[32];

	add(t, ", %llu %s of %s",
	    (unsigned long long)dmabuf_queue_ios(stats, write), what,
	    dmabuf_size_text(dmabuf_queue_bytes(stats, write), size));
}

static void add_errors(struct text *t, const struct dmabuf_queue_stats *stats)
{
	const char *separator = ", errors: ";
	unsigned int i;

	for (i = 0; i < DMABUF_ERRNO_MAX; i++) {
		if (!stats->errors[i])
			continue;
		add(t, "%s%llu %s", separator,
		    (unsigned long long)stats->errors[i],
		    i ? strerrorname_np(i) ? : strerror(i) : "unknown");
		separator = ", ";
	}
	if (separator[2] == 'e')
		add(t, ", no errors");
}

static void add_first_map(struct text *t, const struct dmabuf_job *job)
{
	const struct dmabuf_job_stats *stats = &job->stats;

	/* With verify=, fio compares the data. */
	if (!job->settings.warmup && !job->settings.cpu_reads)
		add(t, ", data not compared (dmabuf_warmup=0)");
	if (job->settings.path != DMABUF_PATH_DIRECT)
		return;
	if (!stats->warmups)
		add(t, ", first map inside the figures (dmabuf_warmup=0)");
	else if (stats->warmups == 1)
		add(t, ", first map %.3f ms", stats->first_map_ns / 1e6);
	else
		add(t, ", first maps %.3f ms (longest %.3f ms)",
		    stats->first_map_ns / 1e6, stats->first_map_max_ns / 1e6);
}

static void add_targets(struct text *t, const struct dmabuf_job *job)
{
	unsigned int i;

	for (i = 0; i < job->open_files && i < NAMED_DRIVES; i++) {
		const struct dmabuf_target *target = &job->files[i].target;

		if (target->kind == DMABUF_TARGET_FILE)
			add(t, ", %s is not a block device", job->files[i].name);
		else
			add(t, ", %s IOMMU domain %s",
			    target->disk[0] ? target->disk : job->files[i].name,
			    target->iommu[0] ? target->iommu : "unknown");
	}
	if (job->open_files > NAMED_DRIVES)
		add(t, ", and %u more files", job->open_files - NAMED_DRIVES);
}

void dmabuf_report_line(const struct dmabuf_report *report, char *text,
			size_t size)
{
	const struct dmabuf_job *job = report->job;
	const struct dmabuf_queue_stats *stats = &job->queue.stats;
	struct text t = { .at = text, .size = size };
	char bytes[32];

	if (!job->chunks) {
		add(&t, "dmabuf: %s: neither reads nor writes, no memory registered; path %s was not used",
		    report->name, job->traits->name);
		add_targets(&t, job);
		return;
	}
	add(&t, "dmabuf: %s: path %s", report->name, job->traits->name);
	if (job->settings.path == DMABUF_PATH_DIRECT)
		add(&t, " (interface family %s%s%s)",
		    job->interface.name ? : "none",
		    job->host.note[0] ? ", " : "", job->host.note);
	if (job->settings.source.kind->unregistered)
		add(&t, " (plain requests, nothing is registered)");
	add(&t, ", source %s", job->source.name);
	if (job->source.detail[0])
		add(&t, " (%s)", job->source.detail);
	add(&t, ", %u buffer%s of %s in all", job->chunks,
	    job->chunks == 1 ? "" : "s", dmabuf_size_text(job->bytes, bytes));
	if (job->settings.place != DMABUF_PLACE_PACKED)
		add(&t, ", slices placed: %s",
		    dmabuf_place_name(job->settings.place));
	add(&t, ", %u registration%s in %.3f ms", job->stats.registrations,
	    job->stats.registrations == 1 ? "" : "s",
	    job->stats.register_ns / 1e6);
	add_first_map(&t, job);
	add_transfers(&t, "reads", stats, false);
	add_transfers(&t, "writes", stats, true);
	if (job->settings.ring.sqpoll)
		add(&t, ", CPU time of the kernel's polling thread not in fio's figures (sqthread_poll)");
	if (job->traits->copies)
		add(&t, ", %s copied by the CPU",
		    dmabuf_size_text(job->stats.copied_bytes, bytes));
	if (job->source.shadowed)
		add(&t, ", no CPU mapping: %s copied to and from a host shadow",
		    dmabuf_size_text(job->stats.shadow_bytes, bytes));
	if (job->stats.sync_calls)
		add(&t, ", %llu sync calls",
		    (unsigned long long)job->stats.sync_calls);
	add(&t, ", %llu reissued after EAGAIN",
	    (unsigned long long)stats->reissued);
	if (stats->continued)
		add(&t, ", %llu short transfers continued",
		    (unsigned long long)stats->continued);
	add_errors(&t, stats);
	add_targets(&t, job);
}
