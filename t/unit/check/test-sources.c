/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trying a source: which step fails, what is reported when it works, and that
 * everything is freed. And trying the kernel, which comes first.
 */
#include <errno.h>
#include <string.h>

#include "check/kernel.h"
#include "check/sources.h"
#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"

static struct check_source source;
static struct dmabuf_error err;

static void attempt(const char *name)
{
	CHECK_INT(check_source_parse(&source, name, &err), 0);
	check_source_try(&source);
	CHECK_INT(fake_left(), 0);
}

static void steps(enum check_state present, enum check_state permitted,
		  enum check_state allocated, enum check_state read_back)
{
	CHECK_INT(source.present, present);
	CHECK_INT(source.permitted, permitted);
	CHECK_INT(source.allocated, allocated);
	CHECK_INT(source.read_back, read_back);
	CHECK_INT(source.result.state, read_back == CHECK_OK ? CHECK_OK :
							       CHECK_NO);
	CHECK(read_back == CHECK_OK || source.result.reason[0]);
	CHECK(read_back == CHECK_OK || source.result.remedy[0]);
}

static void test_works(void)
{
	fake_file("/dev/dma_heap/system", NULL);
	attempt("heap");
	steps(CHECK_OK, CHECK_OK, CHECK_OK, CHECK_OK);
	CHECK_TEXT(source.name, "heap:system");
	CHECK_TEXT(source.kind, "heap");
	CHECK(source.exports);
	CHECK(source.mapped);
	CHECK_INT(source.largest, 1 << 30);
	CHECK_INT(source.granule, 4096);
	CHECK_HAS(fake.log, "start write");
	CHECK_HAS(fake.log, "start read");
}

static void test_no_dmabuf(void)
{
	attempt("memory");
	steps(CHECK_OK, CHECK_OK, CHECK_OK, CHECK_OK);
	CHECK(!source.exports);
}

static void test_steps(void)
{
	attempt("heap");
	steps(CHECK_NO, CHECK_UNKNOWN, CHECK_UNKNOWN, CHECK_UNKNOWN);
	fake_reset();
	fake_file_error("/dev/dma_heap/system", EACCES);
	attempt("heap");
	steps(CHECK_OK, CHECK_NO, CHECK_UNKNOWN, CHECK_UNKNOWN);
	fake_reset();
	fake_file("/dev/dma_heap/system", NULL);
	fake.errors[FAKE_HEAP_ALLOC] = ENOMEM;
	attempt("heap");
	steps(CHECK_OK, CHECK_OK, CHECK_NO, CHECK_UNKNOWN);
	fake_reset();
	fake_file("/dev/dma_heap/system", NULL);
	fake.errors[FAKE_SYNC] = EIO;
	attempt("heap");
	steps(CHECK_OK, CHECK_OK, CHECK_OK, CHECK_NO);
}

static void test_every_failure(void)
{
	unsigned int at;

	for (at = 1; at < 50; at++) {
		fake_reset();
		fake_file("/dev/dma_heap/system", NULL);
		fake.fail_at = at;
		fake.fail_errno = EIO;
		attempt("heap");
		if (fake.calls < at)
			break;
		/* The last call only ends the CPU access when freeing. */
		CHECK(source.result.state == CHECK_NO ||
		      source.read_back == CHECK_OK);
	}
	CHECK(at > 5 && at < 50);
}

static void test_arguments(void)
{
	CHECK_INT(check_source_parse(&source, "nosuch", &err), -EINVAL);
	CHECK(!source.kind);
	CHECK_INT(check_source_parse(&source, "heap:a/b", &err), -EINVAL);
	CHECK_TEXT(source.kind, "heap");
	CHECK_INT(source.result.state, CHECK_NO);
	CHECK_HAS(source.result.reason, "heap:a/b");
}

static void device_is(const char *name, const char *detail,
		      const char *wanted)
{
	char bdf[DMABUF_PCI_ADDRESS];

	memset(&source, 0, sizeof(source));
	strcpy(source.name, name);
	strcpy(source.detail, detail);
	CHECK_INT(check_source_device(&source, bdf, "/nowhere"),
		  wanted[0] != '\0');
	CHECK_TEXT(bdf, wanted);
}

/* The device that a source names, or reports in its detail. */
static void test_device(void)
{
	device_is("vfio:0000:04:00.0,bar=2", "1af4:1110 BAR 2 of 64 MiB",
		  "0000:04:00.0");
	device_is("p2pmem:0000:03:00.0", "memory of 64 MiB", "0000:03:00.0");
	device_is("cuda:0", "a GPU, GPU 0, 0000:81:00.0", "0000:81:00.0");
	device_is("heap:system", "", "");
	device_is("drm:/dev/dri/card99,vram", "amdgpu, VRAM", "");
}

/* A kind without its argument is not reported as missing. */
static void test_no_argument(void)
{
	static const char *const kinds[] = { "vfio", "fd", "p2pmem" };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		CHECK_INT(check_source_parse(&source, kinds[i], &err),
			  -EINVAL);
		CHECK_TEXT(source.kind, kinds[i]);
		CHECK_INT(source.present, CHECK_UNKNOWN);
		CHECK_HAS(source.result.remedy, kinds[i]);
		CHECK_HAS(source.result.remedy, "write ");
	}
}

/* The libraries of GPUs that are not installed. */
static void test_no_library(void)
{
	attempt("cuda");
	steps(CHECK_NO, CHECK_UNKNOWN, CHECK_UNKNOWN, CHECK_UNKNOWN);
	CHECK_HAS(source.result.reason, "cannot load libcuda");
	attempt("hip");
	steps(CHECK_NO, CHECK_UNKNOWN, CHECK_UNKNOWN, CHECK_UNKNOWN);
	CHECK_HAS(source.result.reason, "cannot load libamdhip64");
}

static void test_names(void)
{
	char names[16][160];
	unsigned int nr = check_source_names(names, 16), i;

	CHECK(nr >= 3);
	for (i = 0; dmabuf_source_kind(i); i++)
		;
	CHECK(nr >= i);
	CHECK_TEXT(names[0], dmabuf_source_kind(0)->name);
	CHECK_INT(check_source_names(names, 2), 2);
	CHECK(!dmabuf_source_kind(10000));
}

static void test_kernels(void)
{
	static const struct {
		enum fake_interface interface;
		enum check_state state;
		const char *family;
	} vectors[] = {
		{ FAKE_MAINLINE, CHECK_NO, NULL },
		{ FAKE_NO_SPARSE, CHECK_NO, NULL },
		{ FAKE_B_OFF, CHECK_NO, NULL },
		{ FAKE_A, CHECK_OK, "A (RFC v1 or v2)" },
		{ FAKE_B_V3, CHECK_OK, "B (v3 or v4)" },
		{ FAKE_B_V5, CHECK_OK, "B (v5 or later)" },
	};
	struct check_kernel kernel;
	unsigned int i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_reset();
		fake_registry.interface = vectors[i].interface;
		check_kernel_try(&kernel);
		CHECK_INT(kernel.io_uring.state, CHECK_OK);
		CHECK_INT(kernel.interface.state, vectors[i].state);
		CHECK_TEXT(kernel.family ? kernel.family : "",
			   vectors[i].family ? vectors[i].family : "");
		CHECK_TEXT(kernel.host.release, "7.3.0-fake");
		CHECK_INT(fake_left(), 0);
	}
}

static void test_no_io_uring(void)
{
	struct check_kernel kernel;

	fake.errors[FAKE_RING] = EPERM;
	check_kernel_try(&kernel);
	CHECK_INT(kernel.io_uring.state, CHECK_NO);
	CHECK_HAS(kernel.io_uring.remedy, "kernel.io_uring_disabled");
	CHECK_INT(kernel.interface.state, CHECK_UNKNOWN);
	CHECK_TEXT(kernel.interface.reason, "not tried: io_uring does not work");
}

static const struct check checks[] = {
	{ "a heap that works", test_works },
	{ "memory that is not a dma-buf", test_no_dmabuf },
	{ "the step that failed", test_steps },
	{ "each system call fails in turn", test_every_failure },
	{ "arguments", test_arguments },
	{ "the PCI device of a source", test_device },
	{ "kinds without their argument", test_no_argument },
	{ "missing libraries", test_no_library },
	{ "the sources tried by default", test_names },
	{ "kernels with each version of the interface", test_kernels },
	{ "no io_uring", test_no_io_uring },
};

CHECK_MAIN("check-sources", checks)
