/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_report=FILE: the exact text, that any string makes valid JSON (json.c
 * parses strictly), and that a failure leaves nothing behind.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t/unit/check.h"
#include "t/unit/sample/job-sample.h"
#include "t/unit/json.h"

static struct job_sample s;
static struct dmabuf_error err;
static char dir[32], path[64], text[32768];

static void begin(void)
{
	strcpy(dir, "/tmp/test-report-XXXXXX");
	CHECK(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/report.json", dir);
	text[0] = '\0';
}

/* The names in the directory, without "." and "..". */
static unsigned int entries(void)
{
	DIR *d = opendir(dir);
	unsigned int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 2;
}

static void end(void)
{
	unlink(path);
	CHECK_INT(entries(), 0);
	CHECK_INT(rmdir(dir), 0);
}

static const char *written(void)
{
	FILE *f;
	size_t n = 0;

	memset(&err, 0, sizeof(err));
	CHECK_INT(dmabuf_report_write(&s.report, path, &err), 0);
	f = fopen(path, "r");
	if (CHECK(f)) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	CHECK_TEXT(json_problem(text), "");
	return text;
}

/* The other tests rely on this. */
static void test_the_reader_is_strict(void)
{
	static const char *const good[] = {
		"{}", " { \"a\" : [ ] , \"b\":[0,-1.5e+3,null,true,\"\\u00ff\"]}\n",
		"{\"\xc3\xa9\":{\"a\":{}}}",
	};
	static const char *const bad[] = {
		"", "{", "}", "{}}", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
		"{a:1}", "{'a':1}", "{\"a\":01}", "{\"a\":.5}", "{\"a\":1.}",
		"{\"a\":+1}", "{\"a\":1e}", "{\"a\":nul}", "{\"a\":nan}",
		"{\"a\":\"\t\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}",
		"{\"a\":\"", "{\"a\":\"\xff\"}", "{\"a\":[1,]}", "{\"a\":[1 2]}",
		"{\"a\":1,\"a\":2}", "{\"a\":1 \"b\":2}", "{\"a\":1}x",
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_TEXT(json_problem(good[i]), "");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!CHECK(json_problem(bad[i])[0]))
			CHECK_TEXT(bad[i], "wrong");
}

static void test_direct(void)
{
	begin();
	job_sample_direct(&s);
	CHECK_TEXT(written(), "{\n"
		"  \"job\": \"randread\",\n"
		"  \"job_number\": 1,\n"
		"  \"path\": \"direct\",\n"
		"  \"interface_family\": \"B (v5 or later)\",\n"
		"  \"source\": \"heap:system\",\n"
		"  \"source_detail\": null,\n"
		"  \"place\": \"packed\",\n"
		"  \"buffers\": 1,\n"
		"  \"buffer_bytes\": 131072,\n"
		"  \"registrations\": 1,\n"
		"  \"registration_ns\": 87654,\n"
		"  \"warmup_reads\": 1,\n"
		"  \"first_map_ns\": 1234567,\n"
		"  \"first_map_longest_ns\": 1234567,\n"
		"  \"sync\": \"auto\",\n"
		"  \"sync_calls\": 0,\n"
		"  \"copied_bytes\": 0,\n"
		"  \"shadow_bytes\": 0,\n"
		"  \"reads\": 4096,\n"
		"  \"read_bytes\": 16777216,\n"
		"  \"writes\": 0,\n"
		"  \"write_bytes\": 0,\n"
		"  \"eagain_reissues\": 0,\n"
		"  \"short_transfers_continued\": 0,\n"
		"  \"errors\": {},\n"
		"  \"targets\": [\n"
		"    {\n"
		"      \"file\": \"/dev/nvme0n1\",\n"
		"      \"kind\": \"nvme\",\n"
		"      \"disk\": \"nvme0n1\",\n"
		"      \"model\": \"QEMU NVMe Ctrl\",\n"
		"      \"firmware\": \"8.2.2\",\n"
		"      \"iommu_domain\": \"DMA-FQ\"\n"
		"    }\n"
		"  ],\n"
		"  \"kernel\": \"7.2.0-v5\",\n"
		"  \"kernel_note\": null,\n"
		"  \"kernel_command_line\": \"console=ttyS0 intel_iommu=on\",\n"
		"  \"cpu\": \"QEMU TCG CPU\",\n"
		"  \"fio\": \"fio-3.33\",\n"
		"  \"fio_dmabuf\": \"0.1.0\"\n"
		"}\n");
	CHECK_INT(entries(), 1);
	end();
}

static void test_staged(void)
{
	begin();
	job_sample_staged(&s);
	written();
	CHECK_HAS(text, "  \"job_number\": 12,\n  \"path\": \"staged\",\n  \"interface_family\": null,\n  \"source\": \"udmabuf:2M\",\n  \"source_detail\": \"a detail\",\n  \"place\": \"tail\",\n  \"buffers\": 3,\n");
	CHECK_HAS(text, "  \"sync\": \"always\",\n  \"sync_calls\": 42,\n  \"copied_bytes\": 5000,\n  \"shadow_bytes\": 7000,\n  \"reads\": 1,\n  \"read_bytes\": 1000,\n  \"writes\": 2,\n  \"write_bytes\": 4000,\n  \"eagain_reissues\": 7,\n  \"short_transfers_continued\": 2,\n");
	CHECK_HAS(text, "  \"errors\": {\"unknown\": 5, \"EIO\": 3, \"ENOSPC\": 1},\n");
	CHECK_HAS(text, "    },\n    {\n      \"file\": \"/mnt/data file\",\n      \"kind\": \"file\",\n      \"disk\": null,\n      \"model\": null,\n      \"firmware\": null,\n      \"iommu_domain\": null\n    }\n  ],\n");
	end();
}

static void test_nothing_known(void)
{
	begin();
	job_sample_host(&s);
	s.job.source = (struct dmabuf_source) { 0 };
	written();
	CHECK_HAS(text, "  \"targets\": [\n  ],\n  \"kernel\": null,\n  \"kernel_note\": null,\n  \"kernel_command_line\": null,\n  \"cpu\": null,\n");
	CHECK_HAS(text, "  \"sync\": \"never\",\n");
	/* It has opened no source, so the option's name has to do. */
	CHECK_HAS(text, "  \"source\": \"memory\",\n  \"source_detail\": null,\n");
	end();
}

static void test_strings(void)
{
	static const struct {
		const char *name, *json;
	} vectors[] = {
		{ "say \"cheese\"", "say \\\"cheese\\\"" },
		{ "C:\\fio\\", "C:\\\\fio\\\\" },
		{ "tab\tline\nend\r", "tab\\u0009line\\u000aend\\u000d" },
		{ "\x01\x1f\x7f", "\\u0001\\u001f\x7f" },
		{ "Zürich €  \xf0\x9f\x92\xbe", "Zürich €  \xf0\x9f\x92\xbe" },
		{ "/slash", "/slash" },
	};
	char wanted[128];
	size_t i;

	begin();
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		job_sample_direct(&s);
		s.report.name = vectors[i].name;
		snprintf(wanted, sizeof(wanted), "\"job\": \"%s\",\n",
			 vectors[i].json);
		CHECK_HAS(written(), wanted);
	}
	end();
}

/* File names and command lines are bytes; JSON is UTF-8. */
static void test_bytes_that_are_no_utf8(void)
{
	char name[40];
	unsigned int seed;
	static const char *const names[] = {
		"caf\xe9", "\xff", "cut \xe2\x82", "\xc0\x80", "\xed\xa0\x80",
		"\xf5\x80\x80\x80", "\x80z",
	};
	size_t i;

	begin();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		job_sample_direct(&s);
		s.report.name = names[i];
		written();
	}
	seed = check_seed();
	for (i = 0; i < 300; i++) {
		size_t n = check_random(&seed, sizeof(name)), k;

		for (k = 0; k < n; k++)
			name[k] = 1 + check_random(&seed, 255);
		name[n] = '\0';
		s.report.name = name;
		written();
	}
	end();
}

static void test_every_errno(void)
{
	unsigned int i;

	begin();
	job_sample_host(&s);
	for (i = 0; i < DMABUF_ERRNO_MAX; i++)
		s.job.queue.stats.errors[i] = i + 1;
	written();
	CHECK_HAS(text, "\"errors\": {\"unknown\": 1, \"EPERM\": 2, ");
	end();
}

static void test_an_older_report_is_replaced(void)
{
	FILE *f;

	begin();
	job_sample_host(&s);
	f = fopen(path, "w");
	if (CHECK(f)) {
		fputs("an older report that is longer than nothing", f);
		fclose(f);
	}
	CHECK_HAS(written(), "{\n  \"job\"");
	CHECK_INT(entries(), 1);
	end();
}

/* A limit on the size of files. */
static void test_disk_full(void)
{
	struct rlimit before, limit;
	char wanted[256];
	int ret;
	FILE *f;

	begin();
	job_sample_direct(&s);
	f = fopen(path, "w");
	if (CHECK(f)) {
		fputs("old", f);
		fclose(f);
	}
	CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 100;
	signal(SIGXFSZ, SIG_IGN);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ret = dmabuf_report_write(&s.report, path, &err);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
	CHECK_INT(ret, -EFBIG);
	snprintf(wanted, sizeof(wanted), "dmabuf_report=%s: cannot write: File too large; free some space or choose another file",
		 path);
	CHECK_ERROR(&err, -EFBIG, wanted);
	/* The previous report is complete, and no other file is left. */
	CHECK_INT(entries(), 1);
	f = fopen(path, "r");
	if (CHECK(f)) {
		CHECK(fgets(text, sizeof(text), f));
		CHECK_TEXT(text, "old");
		fclose(f);
	}
	end();
}

/* Links planted under names that could be guessed are not followed. */
static void test_planted_links(void)
{
	char name[120];

	begin();
	job_sample_host(&s);
	snprintf(name, sizeof(name), "%s.tmp", path);
	CHECK_INT(symlink("victim", name), 0);
	CHECK_HAS(written(), "{\n  \"job\"");
	snprintf(name, sizeof(name), "%s/victim", dir);
	CHECK_INT(access(name, F_OK), -1);
	/* The report, and the link as it was. */
	CHECK_INT(entries(), 2);
	snprintf(name, sizeof(name), "%s.tmp", path);
	CHECK_INT(unlink(name), 0);
	end();
}

static void test_no_such_directory(void)
{
	char wanted[256];

	begin();
	job_sample_direct(&s);
	snprintf(path, sizeof(path), "%s/none/report.json", dir);
	CHECK_INT(dmabuf_report_write(&s.report, path, &err), -ENOENT);
	snprintf(wanted, sizeof(wanted), "dmabuf_report=%s: cannot create: No such file or directory; choose a file in a writable directory",
		 path);
	CHECK_ERROR(&err, -ENOENT, wanted);
	end();
}

static void test_a_directory_in_its_place(void)
{
	begin();
	job_sample_direct(&s);
	CHECK_INT(mkdir(path, 0700), 0);
	CHECK_INT(dmabuf_report_write(&s.report, path, &err), -EISDIR);
	CHECK_HAS(err.text, ": Is a directory; ");
	CHECK_INT(entries(), 1);
	CHECK_INT(rmdir(path), 0);
	end();
}

static void test_a_name_that_is_too_long(void)
{
	static char name[5000];

	job_sample_direct(&s);
	memset(name, 'n', sizeof(name) - 1);
	CHECK_INT(dmabuf_report_write(&s.report, name, &err), -ENAMETOOLONG);
	CHECK_HAS(err.text, "nnn...: the name is too long; use a shorter one");
}

/*
 * dmabuf_report=/dev/stdout or a named pipe, perhaps as root: the report is
 * written to it, and no file replaces it.
 */
static void test_devices_stay_what_they_are(void)
{
	struct stat st;

	begin();
	job_sample_direct(&s);
	CHECK_INT(symlink("/dev/null", path), 0);
	CHECK_INT(dmabuf_report_write(&s.report, path, &err), 0);
	CHECK_INT(lstat(path, &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	end();
}

static const struct check checks[] = {
	{ "the reader is strict", test_the_reader_is_strict },
	{ "direct", test_direct },
	{ "staged", test_staged },
	{ "nothing known", test_nothing_known },
	{ "strings", test_strings },
	{ "bytes that are no UTF-8", test_bytes_that_are_no_utf8 },
	{ "every errno", test_every_errno },
	{ "an older report is replaced", test_an_older_report_is_replaced },
	{ "disk full", test_disk_full },
	{ "planted links", test_planted_links },
	{ "no such directory", test_no_such_directory },
	{ "a directory in its place", test_a_directory_in_its_place },
	{ "a name that is too long", test_a_name_that_is_too_long },
	{ "devices stay what they are", test_devices_stay_what_they_are },
};

CHECK_MAIN("report-json", checks)
