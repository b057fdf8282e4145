/* SPDX-License-Identifier: GPL-2.0-only */
/* The udmabuf source: memfd, seals, the module's limit, each failure. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "source.h"

#define LIMIT	"/sys/module/udmabuf/parameters/size_limit_mb"

#define MANY	": each dma-buf takes one or two; raise the limit with ulimit -n, or raise dmabuf_chunk"

static struct dmabuf_source_option option;
static struct dmabuf_source source;
static struct dmabuf_chunk chunk;
static struct dmabuf_error err;

static int alloc(const char *text, uint64_t size)
{
	CHECK_INT(dmabuf_source_parse(&option, text, &err), 0);
	CHECK_INT(dmabuf_source_open(&source, &option, &err), 0);
	memset(&err, 0, sizeof(err));
	chunk = (struct dmabuf_chunk) { .size = size, .fd = -1, .memfd = -1 };
	return source.kind->alloc(&source, &chunk, &err);
}

static int limit(const char *text, uint64_t *bytes)
{
	CHECK_INT(dmabuf_source_parse(&option, text, &err), 0);
	CHECK_INT(dmabuf_source_open(&source, &option, &err), 0);
	return dmabuf_source_limit(&source, bytes, &err);
}

static void test_allocation(void)
{
	fake_file("/dev/udmabuf", NULL);
	fake_file(LIMIT, "64\n");
	CHECK_INT(alloc("udmabuf", 64 << 20), 0);
	/* MFD_CLOEXEC | MFD_ALLOW_SEALING; F_SEAL_SHRINK and no other */
	CHECK_TEXT(fake.log, "open /dev/udmabuf 1000\n"
		   "memfd 1001 flags 0x3\n"
		   "ftruncate 1001 67108864\n"
		   "fallocate 1001 0 0 67108864\n"
		   "seal 1001 2\n"
		   "udmabuf 1000 memfd 1001 flags 1 offset 0 size 67108864: 1002\n"
		   "close 1000\n");
	CHECK_INT(chunk.fd, 1002);
	CHECK_INT(chunk.memfd, 1001);
	source.kind->free(&source, &chunk);
	CHECK_INT(fake_left(), 0);
}

static void test_huge_pages(void)
{
	fake_file("/dev/udmabuf", NULL);
	/* MemAvailable does not count huge pages. */
	fake_file("/proc/meminfo", "MemAvailable: 1 kB\n");
	CHECK_INT(alloc("udmabuf:2M", 2 << 20), 0);
	/* with MFD_HUGETLB and 21 << 26 */
	CHECK_HAS(fake.log, "memfd 1001 flags 0x54000007\n");
	source.kind->free(&source, &chunk);
	CHECK_INT(alloc("udmabuf:1G", 1 << 30), 0);
	CHECK_HAS(fake.log, "memfd 1004 flags 0x78000007\n");
	source.kind->free(&source, &chunk);
}

static void test_limit(void)
{
	uint64_t bytes;

	CHECK_INT(limit("udmabuf", &bytes), 0);
	CHECK_INT(bytes, 1 << 30);	/* not known */
	fake_file(LIMIT, "64\n");
	CHECK_INT(limit("udmabuf", &bytes), 0);
	CHECK_INT(bytes, 64 << 20);
	CHECK_INT(limit("udmabuf:2M", &bytes), 0);
	CHECK_INT(bytes, 64 << 20);
	fake_file(LIMIT, "65\n");
	CHECK_INT(limit("udmabuf:2M", &bytes), 0);
	CHECK_INT(bytes, 64 << 20);	/* whole pages */
	fake_file(LIMIT, "8192\n");
	CHECK_INT(limit("udmabuf:1G", &bytes), 0);
	CHECK_INT(bytes, 1 << 30);	/* what every version takes */
	fake_file(LIMIT, "rubbish\n");
	CHECK_INT(limit("udmabuf", &bytes), 0);
	CHECK_INT(bytes, 1 << 30);

	fake_file(LIMIT, "64\n");
	CHECK_INT(limit("udmabuf:1G", &bytes), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "dmabuf_source=udmabuf:1G: one page of 1 GiB is over the limit, " LIMIT " is 64; write a larger value there as root");
}

static void test_over_the_limit(void)
{
	fake_file("/dev/udmabuf", NULL);
	fake_file(LIMIT, "64\n");
	CHECK_INT(alloc("udmabuf", 128 << 20), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "dmabuf_source=udmabuf: a buffer of 128 MiB is over the limit, " LIMIT " is 64; write a larger value there as root or lower dmabuf_chunk");
	CHECK_TEXT(fake.log, "");
}

static void test_open_refused(void)
{
	static const struct {
		int error;
		const char *line;
	} vectors[] = {
		{ ENOENT, "/dev/udmabuf: No such file or directory; load the udmabuf module or use a kernel with CONFIG_UDMABUF" },
		{ ENODEV, "/dev/udmabuf: No such device; load the udmabuf module or use a kernel with CONFIG_UDMABUF" },
		{ ENXIO, "/dev/udmabuf: No such device or address; load the udmabuf module or use a kernel with CONFIG_UDMABUF" },
		{ EACCES, "/dev/udmabuf: Permission denied; run as root or give the user access with a udev rule" },
		{ EPERM, "/dev/udmabuf: Operation not permitted; run as root or give the user access with a udev rule" },
		{ EMFILE, "dmabuf_source=udmabuf: Too many open files" MANY },
		{ ENFILE, "dmabuf_source=udmabuf: Too many open files in system" MANY },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_file_error("/dev/udmabuf", vectors[i].error);
		CHECK_INT(alloc("udmabuf", 4096), -vectors[i].error);
		CHECK_ERROR(&err, -vectors[i].error, vectors[i].line);
		CHECK_INT(fake_left(), 0);
	}
}

/* Each step after the open, on ordinary and on huge pages. */
static void test_steps_refused(void)
{
	static const char no_huge[] = "dmabuf_source=udmabuf:2M: 2 huge pages of 2 MiB needed, 1 free; reserve them in /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";
	static const struct {
		enum fake_call call;
		int error;
		const char *source;
		int code;
		const char *line;
	} vectors[] = {
		{ FAKE_MEMFD, EMFILE, "udmabuf", -EMFILE, "dmabuf_source=udmabuf: Too many open files" MANY },
		{ FAKE_MEMFD, EMFILE, "udmabuf:2M", -EMFILE, "dmabuf_source=udmabuf:2M: Too many open files" MANY },
		{ FAKE_MEMFD, ENFILE, "udmabuf", -ENFILE, "dmabuf_source=udmabuf: Too many open files in system" MANY },
		{ FAKE_MEMFD, ENOSYS, "udmabuf", -ENOSYS, "dmabuf_source=udmabuf: memfd_create: Function not implemented; see the kernel log" },
		{ FAKE_UDMABUF, EMFILE, "udmabuf", -EMFILE, "dmabuf_source=udmabuf: Too many open files" MANY },
		{ FAKE_UDMABUF, ENFILE, "udmabuf:2M", -ENFILE, "dmabuf_source=udmabuf:2M: Too many open files in system" MANY },
		{ FAKE_MEMFD, ENODEV, "udmabuf:2M", -ENOMEM, no_huge },
		{ FAKE_FTRUNCATE, EFBIG, "udmabuf", -EFBIG, "dmabuf_source=udmabuf: cannot allocate 4 MiB: File too large; lower iodepth or bs" },
		{ FAKE_FALLOCATE, ENOSPC, "udmabuf", -ENOSPC, "dmabuf_source=udmabuf: cannot allocate 4 MiB: No space left on device; lower iodepth or bs" },
		{ FAKE_FALLOCATE, ENOSPC, "udmabuf:2M", -ENOMEM, no_huge },
		{ FAKE_SEAL, EINVAL, "udmabuf", -EINVAL, "dmabuf_source=udmabuf: cannot seal the memfd: Invalid argument; udmabuf needs a sealed memfd, use dmabuf_source=heap" },
		{ FAKE_UDMABUF, EINVAL, "udmabuf", -EINVAL, "/dev/udmabuf: cannot create a dma-buf of 4 MiB: Invalid argument; check " LIMIT " and the kernel log" },
		{ FAKE_UDMABUF, ENOMEM, "udmabuf:2M", -ENOMEM, "/dev/udmabuf: cannot create a dma-buf of 4 MiB: Cannot allocate memory; check " LIMIT " and the kernel log" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_reset();
		fake_file("/dev/udmabuf", NULL);
		fake_file("/sys/kernel/mm/hugepages/hugepages-2048kB", "");
		fake_file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
			  "1\n");
		fake.errors[vectors[i].call] = vectors[i].error;
		CHECK_INT(alloc(vectors[i].source, 4 << 20), vectors[i].code);
		CHECK_ERROR(&err, vectors[i].code, vectors[i].line);
		CHECK_INT(fake_left(), 0);
	}
}

static const struct check checks[] = {
	{ "allocation", test_allocation },
	{ "huge pages", test_huge_pages },
	{ "the module's limit", test_limit },
	{ "over the limit", test_over_the_limit },
	{ "open refused", test_open_refused },
	{ "each step refused", test_steps_refused },
};

CHECK_MAIN("udmabuf", checks)
