/* SPDX-License-Identifier: GPL-2.0-only */
/* Huge pages and RAM: their flags, and the errors when there are too few. */
#include <errno.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "source.h"

static struct dmabuf_source source;
static struct dmabuf_error err;

static void open_source(const char *text)
{
	struct dmabuf_source_option option;

	CHECK_INT(dmabuf_source_parse(&option, text, &err), 0);
	CHECK_INT(dmabuf_source_open(&source, &option, &err), 0);
}

static void test_huge_flags(void)
{
	open_source("memory:2M");
	CHECK_INT(dmabuf_source_huge_flags(&source), 21 << 26);
	open_source("memory:1G");
	CHECK_INT(dmabuf_source_huge_flags(&source), 30 << 26);
}

static void test_no_huge_pages(void)
{
	open_source("udmabuf:2M");
	CHECK_INT(dmabuf_source_no_huge_pages(&source, 5 << 20, &err),
		  -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=udmabuf:2M: this machine has no huge pages of 2 MiB; use another page size");

	fake_file("/sys/kernel/mm/hugepages/hugepages-2048kB", "");
	fake_file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
		  "2\n");
	CHECK_INT(dmabuf_source_no_huge_pages(&source, 5 << 20, &err),
		  -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=udmabuf:2M: 3 huge pages of 2 MiB needed, 2 free; reserve them in /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");

	open_source("memory:1G");
	fake_file("/sys/kernel/mm/hugepages/hugepages-1048576kB", "");
	fake_file("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages",
		  "0\n");
	CHECK_INT(dmabuf_source_no_huge_pages(&source, 1 << 30, &err),
		  -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=memory:1G: 1 huge pages of 1 GiB needed, 0 free; reserve them in /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages");
}

static void test_what_fits(void)
{
	open_source("memory");
	/* Unknown: the allocation is tried. */
	CHECK_INT(dmabuf_source_check_ram(&source, ~0ULL, &err), 0);
	fake_file("/proc/meminfo", "MemTotal:  9 kB\nMemFree:  9 kB\n");
	CHECK_INT(dmabuf_source_check_ram(&source, ~0ULL, &err), 0);

	fake_file("/proc/meminfo", "MemTotal:       8000000 kB\n"
		  "MemFree:         100000 kB\nMemAvailable:   1048576 kB\n"
		  "Buffers:          10000 kB\n");
	CHECK_INT(dmabuf_source_check_ram(&source, 1 << 30, &err), 0);
	CHECK_INT(dmabuf_source_check_ram(&source, (1 << 30) + 1, &err),
		  -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=memory: 1073741825 bytes needed, 1 GiB of memory available; lower iodepth, bs or numjobs");
}

static const struct check checks[] = {
	{ "flags for huge pages", test_huge_flags },
	{ "no huge pages", test_no_huge_pages },
	{ "what fits into memory", test_what_fits },
};

CHECK_MAIN("resources", checks)
