/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of a drive: what is asked of the kernel, each refusal, and the one
 * that every kernel known so far gives.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "fake.h"
#include "source.h"

#define DEVICE	"/sys/bus/pci/devices/0000:01:00.0"
#define DIR	DEVICE "/p2pmem"
#define FILE	DIR "/allocate"
#define SOURCE	"dmabuf_source=p2pmem:0000:01:00.0: "

static struct dmabuf_source source;
static struct dmabuf_chunk chunk;
static struct dmabuf_error err;

static void begin(void)
{
	fake_reset();
	memset(&err, 0, sizeof(err));
	fake_file(DEVICE, "");
	fake_file(DIR, "");
	fake_file(FILE, NULL);
	fake_file(DIR "/size", "67108864\n");
	fake_file(DIR "/available", "66977792\n");
	CHECK_INT(dmabuf_source_parse(&source, "p2pmem:01:00.0", &err), 0);
	CHECK_TEXT(source.name, "p2pmem:0000:01:00.0");
	CHECK_INT(source.ordinary, false);
}

static int alloc(uint64_t size)
{
	chunk = (struct dmabuf_chunk) { .size = size, .fd = -1, .memfd = -1 };
	return source.kind->alloc(&source, &chunk, &err);
}

/* On a kernel that would register it. */
static void test_memory(void)
{
	struct dmabuf_part part = { .size = 8192 };
	uint64_t limit;

	begin();
	CHECK_INT(dmabuf_source_open(&source, &err), 0);
	CHECK_TEXT(source.detail, "memory of 64 MiB");
	CHECK_INT(fake_rings(), 0);
	CHECK_INT(fake.mapped, 0);
	CHECK_INT(source.kind->limit(&source, &limit, &err), 0);
	CHECK_INT(limit, 66977792);
	CHECK_INT(alloc(8192), 0);
	CHECK_INT(chunk.fd, -1);

	part.address = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	fake.log[0] = '\0';
	CHECK_INT(source.kind->map(&source, &chunk, &part, false), 0);
	/* A private mapping and an offset are refused by the kernel. */
	CHECK_TEXT(fake.log, "map 1000 8192 shared\n");
	CHECK_INT(source.kind->map(&source, &chunk, &part, true),
		  -EOPNOTSUPP);
	part.offset = 4096;
	CHECK_INT(source.kind->map(&source, &chunk, &part, false),
		  -EOPNOTSUPP);
	part.offset = 0;
	fake.errors[FAKE_MMAP] = ENOMEM;
	CHECK_INT(source.kind->map(&source, &chunk, &part, false), -ENOMEM);
	munmap(part.address, 8192);
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

static void test_not_registered(void)
{
	begin();
	fake.errors[FAKE_REGISTER_BUFFERS] = EFAULT;
	CHECK_INT(dmabuf_source_open(&source, &err), -EFAULT);
	CHECK_ERROR(&err, -EFAULT, SOURCE "io_uring of this kernel registers no memory of a PCI device: Bad address; use fio's own engine io_uring without fixedbufs, with iomem=mmapshared:" FILE);
	CHECK(!source.state);
	CHECK_INT(fake_left(), 0);

	/* Of a missing io_uring the job's own ring says why. */
	begin();
	fake.errors[FAKE_RING] = ENOSYS;
	CHECK_INT(dmabuf_source_open(&source, &err), 0);
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

static void test_too_little(void)
{
	uint64_t limit;

	begin();
	CHECK_INT(dmabuf_source_open(&source, &err), 0);
	CHECK_INT(alloc(128 << 20), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, SOURCE "128 MiB wanted, and the drive has 65408 KiB left of its memory; lower iodepth, bs or numjobs");
	fake_file(DIR "/available", "4095\n");
	CHECK_INT(source.kind->limit(&source, &limit, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, SOURCE "4 KiB wanted, and the drive has 4095 bytes left of its memory; lower iodepth, bs or numjobs");
	fake_file(DIR "/available", "4294967296\n");
	CHECK_INT(source.kind->limit(&source, &limit, &err), 0);
	CHECK_INT(limit, 1 << 30);
	dmabuf_source_close(&source);

	/* All of it is lent already. */
	begin();
	fake_file(DIR "/available", "0\n");
	fake.errors[FAKE_MMAP] = ENOMEM;
	CHECK_INT(dmabuf_source_open(&source, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, SOURCE "4 KiB wanted, and the drive has 0 bytes left of its memory; lower iodepth, bs or numjobs");
	CHECK_INT(fake_left(), 0);

	begin();
	fake.errors[FAKE_ALLOC] = ENOMEM;
	CHECK_INT(dmabuf_source_open(&source, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, SOURCE "out of memory; lower numjobs");
	CHECK_INT(fake_left(), 0);
}

static void test_open_refused(void)
{
	static const struct {
		const char *missing;
		int error, code;
		const char *line;
	} vectors[] = {
		{ DEVICE, ENOENT, -ENODEV, DEVICE ": no such PCI device; see lspci -D for those there are" },
		{ DIR, ENOENT, -ENODEV, DIR ": the device lends no memory; it has to be an NVMe drive with a controller memory buffer for data, on a kernel with CONFIG_PCI_P2PDMA" },
		{ FILE, ENOENT, -ENOENT, FILE ": No such file or directory; a kernel from 6.2 on is needed" },
		{ FILE, EACCES, -EACCES, FILE ": Permission denied; run as root, or give the user access to the file" },
		{ FILE, EMFILE, -EMFILE, FILE ": Too many open files; raise the limit with ulimit -n" },
		{ FILE, EIO, -EIO, FILE ": Input/output error; see the kernel log" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		begin();
		fake_file_error(FILE, vectors[i].error);
		fake_file_error(vectors[i].missing, vectors[i].error);
		CHECK_INT(dmabuf_source_open(&source, &err), vectors[i].code);
		CHECK_ERROR(&err, vectors[i].code, vectors[i].line);
		CHECK(!source.state);
		CHECK_INT(fake_left(), 0);
	}
}

static void test_argument(void)
{
	static const char *const vectors[] = {
		"p2pmem", "p2pmem:nvme0", "p2pmem:../../x", "p2pmem:01:00.9",
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(dmabuf_source_parse(&source, vectors[i], &err),
			  -EINVAL);
		CHECK_HAS(err.text, ": not the PCI address of a drive; write p2pmem:0000:01:00.0, as lspci -D shows it");
	}
}

static const struct check checks[] = {
	{ "memory", test_memory },
	{ "not registered", test_not_registered },
	{ "too little", test_too_little },
	{ "open refused", test_open_refused },
	{ "the argument", test_argument },
};

CHECK_MAIN("p2pmem", checks)
