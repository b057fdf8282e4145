/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of a drive: its requests to the kernel, and each failure. */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "source.h"

#define DEVICE	"/sys/bus/pci/devices/0000:01:00.0"
#define DIR	DEVICE "/p2pmem"
#define FILE	DIR "/allocate"
#define SOURCE	"dmabuf_source=p2pmem:0000:01:00.0: "

static struct dmabuf_source_option option;
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
	CHECK_INT(dmabuf_source_parse(&option, "p2pmem:01:00.0", &err), 0);
	CHECK_TEXT(option.name, "p2pmem:0000:01:00.0");
	CHECK_INT(option.ordinary_pages, false);
}

static int alloc(uint64_t size)
{
	chunk = (struct dmabuf_chunk) { .size = size, .fd = -1, .memfd = -1 };
	return source.kind->alloc(&source, &chunk, &err);
}

static void test_memory(void)
{
	static char text[] = "what the CPU copies";
	struct dmabuf_part part = {
		.address = text,
		.offset = 4000,
		.size = sizeof(text),
	};
	char back[sizeof(text)] = "";
	uint64_t limit;

	begin();
	CHECK_INT(dmabuf_source_open(&source, &option, &err), 0);
	CHECK_TEXT(source.detail, "memory of 64 MiB");
	/* fio must not get a mapping that can be revoked. */
	CHECK(source.shadowed && source.kind->unregistered);
	CHECK_INT(fake.mapped, 0);
	CHECK_INT(dmabuf_source_limit(&source, &limit, &err), 0);
	CHECK_INT(limit, 66977792);
	/* The kernel refuses private mappings and offsets. */
	fake.log[0] = '\0';
	CHECK_INT(alloc(8192), 0);
	CHECK_TEXT(fake.log, "map 1000 8192 at 0 shared\n");
	CHECK_INT(chunk.fd, -1);

	CHECK_INT(source.kind->write(&source, &chunk, &part), 0);
	CHECK(!memcmp((char *)chunk.window + 4000, text, sizeof(text)));
	part.address = back;
	CHECK_INT(source.kind->read(&source, &chunk, &part), 0);
	CHECK_TEXT(back, text);
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

static void test_not_lent(void)
{
	begin();
	CHECK_INT(dmabuf_source_open(&source, &option, &err), 0);
	fake.errors[FAKE_MMAP] = EINVAL;
	CHECK_INT(alloc(8192), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, SOURCE "cannot allocate 8 KiB of the drive's memory: Invalid argument; see the kernel log");
	/* Another job took the memory. */
	fake.errors[FAKE_MMAP] = ENOMEM;
	CHECK_INT(alloc(8192), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, SOURCE "8 KiB needed, 65408 KiB of the drive's memory free; lower iodepth, bs or numjobs");
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

static void test_too_little(void)
{
	uint64_t limit;

	begin();
	CHECK_INT(dmabuf_source_open(&source, &option, &err), 0);
	CHECK_INT(alloc(128 << 20), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, SOURCE "128 MiB needed, 65408 KiB of the drive's memory free; lower iodepth, bs or numjobs");
	fake_file(DIR "/available", "4095\n");
	CHECK_INT(dmabuf_source_limit(&source, &limit, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, SOURCE "4 KiB needed, 4095 bytes of the drive's memory free; lower iodepth, bs or numjobs");
	fake_file(DIR "/available", "4294967296\n");
	CHECK_INT(dmabuf_source_limit(&source, &limit, &err), 0);
	CHECK_INT(limit, 1 << 30);
	dmabuf_source_close(&source);

	begin();
	fake.errors[FAKE_ALLOC] = ENOMEM;
	CHECK_INT(dmabuf_source_open(&source, &option, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, SOURCE "out of memory; lower iodepth, bs or numjobs");
	CHECK_INT(fake_left(), 0);
}

static void test_open_refused(void)
{
	static const struct {
		const char *missing;
		int error, code;
		const char *line;
	} vectors[] = {
		{ DEVICE, ENOENT, -ENODEV, DEVICE ": no such PCI device; lspci -D lists the devices" },
		{ DIR, ENOENT, -ENODEV, DIR ": the device offers no memory; use an NVMe drive with a controller memory buffer for data, and a kernel with CONFIG_PCI_P2PDMA" },
		{ FILE, ENOENT, -ENOENT, FILE ": No such file or directory; use Linux 6.2 or later" },
		{ FILE, EACCES, -EACCES, FILE ": Permission denied; run as root, or give the user access to the file" },
		{ FILE, EMFILE, -EMFILE, FILE ": Too many open files; raise the limit with ulimit -n" },
		{ FILE, EIO, -EIO, FILE ": Input/output error; see the kernel log" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		begin();
		fake_file_error(FILE, vectors[i].error);
		fake_file_error(vectors[i].missing, vectors[i].error);
		CHECK_INT(dmabuf_source_open(&source, &option, &err),
			  vectors[i].code);
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
		CHECK_INT(dmabuf_source_parse(&option, vectors[i], &err),
			  -EINVAL);
		CHECK_HAS(err.text, ": not the PCI address of a drive; write p2pmem:0000:01:00.0, as lspci -D shows it");
	}
}

static const struct check checks[] = {
	{ "memory", test_memory },
	{ "not mapped", test_not_lent },
	{ "too little", test_too_little },
	{ "open refused", test_open_refused },
	{ "the argument", test_argument },
};

CHECK_MAIN("p2pmem", checks)
