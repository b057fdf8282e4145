/* SPDX-License-Identifier: GPL-2.0-only */
/* The end-of-job line, word by word. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/sample/job-sample.h"

static struct job_sample s;
static char line[2048 + 1];	/* always terminated */

static const char *say(void)
{
	dmabuf_report_line(&s.report, line, sizeof(line));
	return line;
}

static void test_direct(void)
{
	job_sample_direct(&s);
	CHECK_TEXT(say(), "dmabuf: randread: path direct (interface family B (v5 or later)), source heap:system, 1 buffer of 128 KiB in all, 1 registration in 0.088 ms, first map 1.235 ms, 4096 reads of 16 MiB, 0 writes of 0 bytes, 0 reissued after EAGAIN, no errors, nvme0n1 IOMMU domain DMA-FQ");
}

static void test_several_first_maps(void)
{
	job_sample_direct(&s);
	s.job.stats.warmups = 4;
	s.job.stats.first_map_ns = 4000000;
	CHECK_HAS(say(), ", first maps 4.000 ms (longest 1.235 ms), ");
	s.job.stats.warmups = 0;
	CHECK_HAS(say(), ", first map inside the figures (dmabuf_warmup=0), ");
	CHECK(!strstr(say(), "data not compared"));
	s.job.settings.warmup = false;
	CHECK_HAS(say(), ", data not compared (dmabuf_warmup=0), first map inside the figures (dmabuf_warmup=0), ");
	s.job.settings.cpu_reads = true;
	CHECK(!strstr(say(), "data not compared"));
	s.job.settings.ring.sqpoll = true;
	CHECK_HAS(say(), ", CPU time of the kernel's polling thread not in fio's figures (sqthread_poll), ");
	/* The kernel has no interface, and the line says so. */
	s.job.interface.name = NULL;
	CHECK_HAS(say(), "path direct (interface family none), ");
	strcpy(s.job.host.note, "speed means nothing");
	CHECK_HAS(say(), "path direct (interface family none, speed means nothing), ");
}

static void test_staged(void)
{
	job_sample_staged(&s);
	CHECK_TEXT(say(), "dmabuf: randread: path staged, source udmabuf:2M (a detail), 3 buffers of 3146240 bytes in all, slices placed: tail, 3 registrations in 1.500 ms, 1 reads of 1000 bytes, 2 writes of 4000 bytes, 5000 bytes copied by the CPU, no CPU mapping: 7000 bytes copied to and from a host shadow, 42 sync calls, 7 reissued after EAGAIN, 2 short transfers continued, errors: 5 unknown, 3 EIO, 1 ENOSPC, nvme0n1 IOMMU domain identity, /mnt/data file is not a block device");
}

static void test_host(void)
{
	job_sample_host(&s);
	s.job.chunks = 2;
	s.job.bytes = 64 << 10;
	CHECK_TEXT(say(), "dmabuf: randread: path host, source memory, 2 buffers of 64 KiB in all, 0 registrations in 0.000 ms, 0 reads of 0 bytes, 0 writes of 0 bytes, 0 reissued after EAGAIN, no errors");
}

/* A job that only trims. */
static void test_no_memory(void)
{
	job_sample_direct(&s);
	s.job.chunks = 0;
	CHECK_TEXT(say(), "dmabuf: randread: neither reads nor writes, no memory registered; path direct was not used, nvme0n1 IOMMU domain DMA-FQ");
}

/* With any memory, the line claims nothing that was not measured. */
static void test_no_claims(void)
{
	job_sample_direct(&s);
	CHECK(!strstr(say(), "peer") && !strstr(line, "P2P"));
	job_sample_staged(&s);
	CHECK(!strstr(say(), "peer") && !strstr(line, "P2P"));
}

static void test_every_errno_has_a_name(void)
{
	char wanted[64];
	int i;

	for (i = 1; i < DMABUF_ERRNO_MAX; i++) {
		job_sample_direct(&s);
		s.job.queue.stats.errors[i] = 1;
		if (strerrorname_np(i))
			snprintf(wanted, sizeof(wanted), ", errors: 1 %s",
				 strerrorname_np(i));
		else
			snprintf(wanted, sizeof(wanted), ", errors: 1 %s",
				 strerror(i));
		CHECK_HAS(say(), wanted);
	}
}

static void test_many_drives(void)
{
	static char name[] = "/dev/nvme1n1";
	unsigned int i;

	job_sample_direct(&s);
	for (i = 0; i < SAMPLE_FILES; i++) {
		s.files[i] = s.files[0];
		s.files[i].name = name;
		snprintf(s.files[i].target.disk, 64, "nvme%un1", i);
	}
	s.job.open_files = 12;
	CHECK_HAS(say(), ", nvme11n1 IOMMU domain DMA-FQ");
	CHECK(!strstr(line, "more"));
	s.job.open_files = SAMPLE_FILES;
	CHECK_HAS(say(), ", nvme11n1 IOMMU domain DMA-FQ, and 4 more files");
	CHECK(!strstr(line, "nvme12n1"));
}

/* A buffer that is too small truncates the line. */
static void test_short_of_space(void)
{
	char whole[2048];
	size_t size;

	job_sample_staged(&s);
	strcpy(whole, say());
	for (size = 1; size < strlen(whole) + 3; size++) {
		size_t full = strlen(whole), want = size - 1;

		memset(line, 'x', sizeof(line) - 1);
		line[sizeof(line) - 1] = '\0';
		dmabuf_report_line(&s.report, line, size);
		if (want > full)
			want = full;
		CHECK_INT(strlen(line), want);
		CHECK(!strncmp(line, whole, want));
		CHECK_INT(strspn(line + size, "x"), sizeof(line) - 1 - size);
	}
}

static const struct check checks[] = {
	{ "direct", test_direct },
	{ "several first maps", test_several_first_maps },
	{ "staged", test_staged },
	{ "host", test_host },
	{ "no memory", test_no_memory },
	{ "no claims", test_no_claims },
	{ "every errno has a name", test_every_errno_has_a_name },
	{ "many drives", test_many_drives },
	{ "short of space", test_short_of_space },
};

CHECK_MAIN("report", checks)
