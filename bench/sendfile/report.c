/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One job with fio's keys. What does not apply to sendfile() (a queue, short
 * I/Os, writes) has no key, or 0 where readers of fio's JSON expect a key.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "config.h"
#include "json.h"
#include "report.h"

/* fio's own percentile list */
static const double percentiles[] = {
	1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.5, 99.9, 99.95,
	99.99,
};

static bool given_again(const struct sendfile_options *o, unsigned int i)
{
	unsigned int later;

	for (later = i + 1; later < o->nr_given; later++)
		if (!strcmp(o->given[later].key, o->given[i].key))
			return true;
	return false;
}

static bool is_given(const struct sendfile_options *o, const char *key)
{
	unsigned int i;

	for (i = 0; i < o->nr_given; i++)
		if (!strcmp(o->given[i].key, key))
			return true;
	return false;
}

static void put_default(struct dmabuf_json *json,
			const struct sendfile_options *o, const char *key,
			const char *value)
{
	if (!is_given(o, key))
		dmabuf_json_text(json, key, value);
}

/* The options as given, and defaults for those that readers expect. */
static void put_options(struct dmabuf_json *json,
			const struct sendfile_options *o)
{
	char text[32];
	unsigned int i;

	dmabuf_json_open(json, "job options", '{');
	for (i = 0; i < o->nr_given; i++)
		if (!given_again(o, i) &&
		    strncmp(o->given[i].key, "output", strlen("output")))
			dmabuf_json_text(json, o->given[i].key,
				o->given[i].value ? o->given[i].value : "1");
	put_default(json, o, "name", o->name);
	put_default(json, o, "ioengine", "sendfile");
	put_default(json, o, "rw", o->rw);
	snprintf(text, sizeof(text), "%" PRIu64, o->bs);
	put_default(json, o, "bs", text);
	put_default(json, o, "iodepth", "1");
	snprintf(text, sizeof(text), "%u", o->numjobs);
	put_default(json, o, "numjobs", text);
	dmabuf_json_close(json, '}');
}

static void put_latency(struct dmabuf_json *json, const char *key,
			const struct latency *latency)
{
	char text[32];
	size_t i;

	dmabuf_json_open(json, key, '{');
	dmabuf_json_number(json, "min", latency->least);
	dmabuf_json_number(json, "max", latency->most);
	dmabuf_json_real(json, "mean", latency_mean(latency));
	dmabuf_json_real(json, "stddev", latency_deviation(latency));
	dmabuf_json_number(json, "N", latency->count);
	if (latency->count) {
		dmabuf_json_open(json, "percentile", '{');
		for (i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]);
		     i++) {
			snprintf(text, sizeof(text), "%f", percentiles[i]);
			dmabuf_json_number(json, text,
				latency_percentile(latency, percentiles[i]));
		}
		dmabuf_json_close(json, '}');
		dmabuf_json_open_line(json, "bins", '{');
		for (i = 0; i < LATENCY_BUCKETS; i++) {
			if (!latency->buckets[i])
				continue;
			snprintf(text, sizeof(text), "%" PRIu64,
				 latency_value(i));
			dmabuf_json_number(json, text, latency->buckets[i]);
		}
		dmabuf_json_close(json, '}');
	}
	dmabuf_json_close(json, '}');
}

static void put_reads(struct dmabuf_json *json,
		      const struct job_result *result)
{
	double seconds = result->wall_ns / 1e9;

	dmabuf_json_open(json, "read", '{');
	dmabuf_json_number(json, "io_bytes", result->bytes);
	dmabuf_json_number(json, "io_kbytes", result->bytes >> 10);
	dmabuf_json_number(json, "bw_bytes", result->bytes / seconds);
	dmabuf_json_number(json, "bw", result->bytes / seconds / 1024);
	dmabuf_json_real(json, "iops", result->latency.count / seconds);
	dmabuf_json_number(json, "runtime", result->wall_ns / 1000000);
	dmabuf_json_number(json, "total_ios", result->latency.count);
	dmabuf_json_number(json, "short_ios", 0);
	dmabuf_json_number(json, "drop_ios", 0);
	/* Submission and completion are one call: both latencies are equal. */
	put_latency(json, "clat_ns", &result->latency);
	put_latency(json, "lat_ns", &result->latency);
	dmabuf_json_close(json, '}');
}

static void put_nothing(struct dmabuf_json *json, const char *key)
{
	dmabuf_json_open(json, key, '{');
	dmabuf_json_number(json, "io_bytes", 0);
	dmabuf_json_number(json, "bw_bytes", 0);
	dmabuf_json_number(json, "bw", 0);
	dmabuf_json_real(json, "iops", 0);
	dmabuf_json_number(json, "runtime", 0);
	dmabuf_json_number(json, "total_ios", 0);
	dmabuf_json_close(json, '}');
}

static void put_job(struct dmabuf_json *json, const struct sendfile_options *o,
		    const struct job_result *result)
{
	double run_us = result->run_ns / 1e3;

	dmabuf_json_open(json, NULL, '{');
	dmabuf_json_text(json, "jobname", o->name);
	dmabuf_json_number(json, "groupid", 0);
	dmabuf_json_number(json, "error", 0);
	dmabuf_json_number(json, "elapsed", result->elapsed_ns / 1000000000);
	put_options(json, o);
	put_reads(json, result);
	put_nothing(json, "write");
	put_nothing(json, "trim");
	dmabuf_json_number(json, "job_runtime", result->run_ns / 1000000);
	dmabuf_json_real(json, "usr_cpu", 100 * result->user_us / run_us);
	dmabuf_json_real(json, "sys_cpu", 100 * result->system_us / run_us);
	dmabuf_json_number(json, "ctx", result->switches);
	dmabuf_json_number(json, "majf", result->major_faults);
	dmabuf_json_number(json, "minf", result->minor_faults);
	dmabuf_json_close(json, '}');
}

void report_print(const struct sendfile_options *o,
		  const struct job_result *result, FILE *f)
{
	struct dmabuf_json out = { .f = f }, *json = &out;

	dmabuf_json_open(json, NULL, '{');
	dmabuf_json_text(json, "fio version",
			 "fio-dmabuf-sendfile-" PACKAGE_VERSION);
	dmabuf_json_number(json, "timestamp", time(NULL));
	dmabuf_json_open(json, "jobs", '[');
	put_job(json, o, result);
	dmabuf_json_close(json, ']');
	dmabuf_json_close(json, '}');
}
