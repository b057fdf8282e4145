/* SPDX-License-Identifier: GPL-2.0-only */
/* Which GPU, which library, and the errors that cuda and hip share. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/fake-gpu/gpu.h"
#include "t/unit/fake/fake-driver.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "engines/source/gpu/gpu.h"

static struct dmabuf_source_option option;
static struct dmabuf_source source;
static struct dmabuf_error err;

struct table {
	int (*must)(void);
	int (*may)(void);
};

static int answer(void)
{
	return 42;
}

static const struct fake_symbol there[] = {
	{ "must", (void *)answer },
	{ "may", (void *)answer },
	{ NULL, NULL },
};

static const struct dmabuf_gpu_symbol symbols[] = {
	{ "must", offsetof(struct table, must), false },
	{ "may", offsetof(struct table, may), true },
	{ NULL, 0, false },
};

static const char *const names[] = { "libone.so", "libtwo.so.2", NULL };

static const struct dmabuf_gpu_library library = {
	.names = names,
	.symbols = symbols,
	.package = "the package",
	.version = "version 3",
	.lister = "gpu-list",
	.filter = "GPU_FILTER",
	.exporter = "another driver",
};

static void test_which_gpu(void)
{
	static const struct {
		const char *text, *name, *arg;
		int number;
	} vectors[] = {
		{ "cuda", "cuda:0", "0", 0 },
		{ "hip", "hip:0", "0", 0 },
		{ "cuda:0", "cuda:0", "0", 0 },
		{ "cuda:7", "cuda:7", "7", 7 },
		{ "cuda:127", "cuda:127", "127", 127 },
		{ "cuda:0000:81:00.0", "cuda:0000:81:00.0", "0000:81:00.0",
		  -1 },
		{ "hip:81:00.7", "hip:0000:81:00.7", "0000:81:00.7", -1 },
		{ "cuda:10000:E1:0f.0", "cuda:10000:e1:0f.0",
		  "10000:e1:0f.0", -1 },
		{ "cuda:0000000A:E1:0f.0", "cuda:000a:e1:0f.0",
		  "000a:e1:0f.0", -1 },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(dmabuf_source_parse(&option, vectors[i].text, &err),
			  0);
		CHECK_TEXT(option.name, vectors[i].name);
		CHECK_TEXT(option.arg, vectors[i].arg);
		CHECK_INT(dmabuf_gpu_number(&option), vectors[i].number);
	}
	/* Parsing must not call the vendor's library: fio forks later. */
	CHECK_TEXT(fake.log, "");
}

static void test_no_gpu_in_words(void)
{
	static const char *const vectors[] = {
		"x", "-1", "1000", "0x0", "0 ", "00.0", "81:00", "81:00.8",
		"81:00.00", "81:0g.0", "8:00.0", "000:81:00.0",
		"000000000:81:00.0", "0000:81:00.0:", "0000:0000:81:00.0",
		"GPU-0123",
	};
	char text[64], wanted[256];
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		snprintf(text, sizeof(text), "cuda:%s", vectors[i]);
		snprintf(wanted, sizeof(wanted), "dmabuf_source=%s: not a GPU; give its number or its PCI address, as in cuda:0 or cuda:0000:81:00.0",
			 text);
		CHECK_INT(dmabuf_source_parse(&option, text, &err), -EINVAL);
		CHECK_ERROR(&err, -EINVAL, wanted);
	}
}

/* A vendor's limit, for a GPU with this much free memory */
static uint64_t available;

static int limit_of_gpu(const struct dmabuf_source *of, uint64_t *bytes,
			struct dmabuf_error *error)
{
	return dmabuf_gpu_limit(of, available, bytes, error);
}

/* Not opened by the vendor's own kind, which needs its library. */
static void open_source(const char *text)
{
	static const struct dmabuf_source_kind kind = {
		.limit = limit_of_gpu,
	};

	CHECK_INT(dmabuf_source_parse(&option, text, &err), 0);
	option.kind = &kind;
	CHECK_INT(dmabuf_source_open(&source, &option, &err), 0);
}

static int load(struct table *table)
{
	void *handle;

	memset(&err, 0, sizeof(err));
	open_source("hip:3");
	return dmabuf_gpu_load(&source, &library, table, &handle, &err);
}

static void test_library(void)
{
	struct table table;

	fake_driver_reset("libtwo.so.2", there);
	CHECK_INT(load(&table), 0);
	CHECK_TEXT(fake.log, "dlopen libone.so\ndlopen libtwo.so.2\n");
	CHECK_INT(table.must(), 42);
	CHECK_INT(table.may(), 42);
	CHECK_INT(fake_driver.handles, 1);

	fake_reset();
	fake_driver_reset("libone.so", there);
	fake_driver.without = "may";
	CHECK_INT(load(&table), 0);
	CHECK_TEXT(fake.log, "dlopen libone.so\n");
	CHECK(table.must == answer);
	CHECK(!table.may);

	fake_driver_reset("libone.so", there);
	fake_driver.without = "must";
	CHECK_INT(load(&table), -ENOSYS);
	CHECK_ERROR(&err, -ENOSYS, "dmabuf_source=hip:3: libone.so has no must; update to version 3 or later");
	CHECK_INT(fake_left(), 0);
}

static void test_no_library(void)
{
	struct table table;

	fake_driver_reset(NULL, there);
	CHECK_INT(load(&table), -ENOENT);
	CHECK_ERROR(&err, -ENOENT, "dmabuf_source=hip:3: cannot load libone.so or libtwo.so.2 (libtwo.so.2: cannot open shared object file: No such file or directory); install the package");
	/* The error of a library that exists is more useful. */
	fake_driver.broken = "libone.so";
	CHECK_INT(load(&table), -ENOENT);
	CHECK_ERROR(&err, -ENOENT, "dmabuf_source=hip:3: cannot load libone.so or libtwo.so.2 (/usr/lib/libone.so: invalid ELF header); install the package");
	CHECK_INT(fake_left(), 0);
}

static void test_limit(void)
{
	static const struct {
		uint64_t available, bytes;
	} vectors[] = {
		{ ~0ULL, 1 << 30 },
		{ 1 << 30, 1 << 30 },
		{ (1 << 30) - 1, (1 << 30) - (2 << 20) },
		{ 2 << 20, 2 << 20 },
	};
	uint64_t bytes;
	size_t i;

	open_source("cuda:1");
	source.granule = 2 << 20;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		available = vectors[i].available;
		CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
		CHECK_INT(bytes, vectors[i].bytes);
	}
	available = 1 << 20;
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=cuda:1: 2 MiB of GPU memory needed, 1 MiB free; lower iodepth, bs or numjobs");
}

static void test_export_failed(void)
{
#define MANY	": each dma-buf takes one or two; raise the limit with ulimit -n, or raise dmabuf_chunk"
	open_source("cuda");
	fake_file("/dev/null", NULL);
	CHECK_INT(dmabuf_gpu_export_failed(&source, &library, 4096, "WHY",
					   &err), -EIO);
	CHECK_ERROR(&err, -EIO, "dmabuf_source=cuda:0: cannot export 4 KiB of GPU memory as a dma-buf: WHY; use another driver");
	fake.errors[FAKE_OPEN] = EMFILE;
	CHECK_INT(dmabuf_gpu_export_failed(&source, &library, 4096, "WHY",
					   &err), -EMFILE);
	CHECK_ERROR(&err, -EMFILE, "dmabuf_source=cuda:0: Too many open files" MANY);
	fake.errors[FAKE_OPEN] = ENFILE;
	CHECK_INT(dmabuf_gpu_export_failed(&source, &library, 4096, "WHY",
					   &err), -ENFILE);
	CHECK_ERROR(&err, -ENFILE, "dmabuf_source=cuda:0: Too many open files in system" MANY);
	CHECK_INT(fake_left(), 0);
}

static void test_adopt(void)
{
	struct dmabuf_chunk chunk = { .size = 2 << 20, .fd = -1 };
	uint64_t address;
	int fd;

	fake_driver_reset(NULL, NULL);
	open_source("cuda");
	CHECK_INT(fake_gpu_alloc(0, &address, 2 << 20), 0);
	CHECK_INT(fake_gpu_export(&fd, address, 2 << 20), 0);
	CHECK_INT(dmabuf_gpu_adopt(&source, fd, &chunk, &err), 0);
	CHECK_INT(chunk.fd, fd);
	CHECK_HAS(fake.log, "flags 1000 1\n");	/* FD_CLOEXEC */

	chunk.size = 4 << 20;
	CHECK_INT(dmabuf_gpu_adopt(&source, fd, &chunk, &err), -EIO);
	CHECK_ERROR(&err, -EIO, "dmabuf_source=cuda:0: the driver exported a dma-buf of 2 MiB for 4 MiB of GPU memory; update the driver");
	CHECK_INT(fake_open_fds(), 0);
	/* not a dma-buf at all */
	fd = fake_fd("something else");
	CHECK_INT(dmabuf_gpu_adopt(&source, fd, &chunk, &err), -EIO);
	CHECK_ERROR(&err, -EIO, "dmabuf_source=cuda:0: the driver exported a dma-buf of 0 bytes for 4 MiB of GPU memory; update the driver");
	fake_gpu_free(address);
	CHECK_INT(fake_left(), 0);
}

static const struct check checks[] = {
	{ "which GPU", test_which_gpu },
	{ "not a GPU", test_no_gpu_in_words },
	{ "the library", test_library },
	{ "no library", test_no_library },
	{ "the largest chunk", test_limit },
	{ "export failed", test_export_failed },
	{ "the dma-buf is checked", test_adopt },
};

CHECK_MAIN("gpu", checks)
