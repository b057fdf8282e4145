/* SPDX-License-Identifier: GPL-2.0-only */
/* Anonymous memory, on ordinary and on huge pages. */
#include <errno.h>
#include <string.h>

#include "buffer.h"
#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"

static struct dmabuf_error err;

static int alloc(struct dmabuf_buffer *buffer, const char *text, uint64_t size)
{
	struct dmabuf_cut one = { size, size, size, 1 };
	struct dmabuf_plan plan = { .chunks = one, .pieces = one };
	static struct dmabuf_source source;	/* as long as the buffer */
	struct dmabuf_source_option option;

	CHECK_INT(dmabuf_source_parse(&option, text, &err), 0);
	CHECK_INT(dmabuf_source_open(&source, &option, &err), 0);
	memset(&err, 0, sizeof(err));
	return dmabuf_buffer_alloc(buffer, &source, &plan, false, &err);
}

static void test_allocation(void)
{
	struct dmabuf_buffer buffer;

	CHECK_INT(alloc(&buffer, "memory", 1 << 20), 0);
	CHECK_INT(buffer.chunks[0].fd, -1);
	CHECK_INT(buffer.chunks[0].memfd, -1);
	CHECK_TEXT(fake.log, "map -1 1048576\n");
	memset(buffer.base, 1, 1 << 20);
	dmabuf_buffer_free(&buffer);
	/* No descriptor, so none to close. */
	CHECK_TEXT(fake.log, "map -1 1048576\n");
	CHECK_INT(fake_left(), 0);

	CHECK_INT(alloc(&buffer, "memory:1G", 1 << 30), 0);
	CHECK_HAS(fake.log, "map -1 1073741824 huge\n");
	dmabuf_buffer_free(&buffer);
}

static void test_no_huge_pages(void)
{
	struct dmabuf_buffer buffer;

	fake_file("/sys/kernel/mm/hugepages/hugepages-2048kB", "");
	fake_file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
		  "0\n");
	/* The second mapping fails; the first one is the range. */
	fake.fail_at = 4;
	fake.fail_errno = ENOMEM;
	CHECK_INT(alloc(&buffer, "memory:2M", 4 << 20), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=memory:2M: 2 huge pages of 2 MiB needed, 0 free; reserve them in /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
	CHECK_INT(fake_left(), 0);
}

static void test_does_not_fit(void)
{
	struct dmabuf_buffer buffer;

	fake_file("/proc/meminfo", "MemAvailable: 1024 kB\n");
	CHECK_INT(alloc(&buffer, "memory", 2 << 20), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=memory: 2 MiB needed, 1 MiB of memory available; lower iodepth, bs or numjobs");
	/* MemAvailable does not count reserved huge pages. */
	CHECK_INT(alloc(&buffer, "memory:2M", 2 << 20), 0);
	dmabuf_buffer_free(&buffer);
}

static void test_no_address_space(void)
{
	struct dmabuf_buffer buffer;

	fake.errors[FAKE_MMAP] = ENOMEM;
	CHECK_INT(alloc(&buffer, "memory", 2 << 20), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=memory: no room for a mapping of 2052 KiB: Cannot allocate memory; lower iodepth or bs, or raise ulimit -v");
}

static const struct check checks[] = {
	{ "allocation", test_allocation },
	{ "no huge pages", test_no_huge_pages },
	{ "more than fits", test_does_not_fit },
	{ "no address space", test_no_address_space },
};

CHECK_MAIN("memory", checks)
