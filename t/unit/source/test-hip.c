/* SPDX-License-Identifier: GPL-2.0-only */
/* The hip source against a scripted runtime: t/fake-gpu/hip.c. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/fake-gpu/gpu.h"
#include "t/fake-gpu/hip.h"
#include "t/unit/fake/fake-driver.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "t/unit/sample/gpu-sample.h"

#define SIZE	(4 << 20)

static struct dmabuf_source source;
static struct dmabuf_chunk chunk;
static struct dmabuf_error err;

static void begin(void)
{
	fake_reset();
	fake_driver_reset("libamdhip64.so.6", fake_hip_symbols);
	fake_hip.wanted = 1;
	memset(&err, 0, sizeof(err));
}

static void test_life(void)
{
	begin();
	fake_hip.wanted = 2;
	CHECK_INT(gpu_open(&source, "hip:1", &err), 0);
	CHECK_HAS(fake.log, "dlopen libamdhip64.so\n"
		  "dlopen libamdhip64.so.7\ndlopen libamdhip64.so.6\nhipInit\n");
	CHECK_TEXT(source.detail, FAKE_GPU_NAME "1, 0000:82:00.0");
	CHECK_INT(source.granule, 2 << 20);
	CHECK(source.shadowed);
	CHECK(!source.ordinary_pages);
	CHECK(!source.kind->map);
	CHECK(source.kind->exports);
	CHECK(!source.kind->pinnable);
	fake.log[0] = '\0';
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	CHECK_TEXT(fake.log, "hipSetDevice\nhipMalloc\n"
		   "hipMemGetHandleForAddressRange\nflags 1000 1\n");
	CHECK_INT(chunk.fd, 1000);
	fake.log[0] = '\0';
	source.kind->free(&source, &chunk);
	CHECK_TEXT(fake.log, "close 1000\nhipSetDevice\nhipFree\n");
	dmabuf_source_close(&source);
	CHECK(!source.state);
	CHECK_INT(fake_left(), 0);
}

static void test_by_address(void)
{
	begin();
	CHECK_INT(gpu_open(&source, "hip:82:00.0", &err), 0);
	CHECK_TEXT(source.detail, FAKE_GPU_NAME "1, 0000:82:00.0");
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

/* ROCm 5 and 6: the call of ROCr, which may export a whole block. */
static void test_older(void)
{
	begin();
	fake_driver.without = "hipMemGetHandleForAddressRange";
	CHECK_INT(gpu_open(&source, "hip", &err), 0);
	fake.log[0] = '\0';
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	CHECK_TEXT(fake.log, "hipSetDevice\nhipMalloc\n"
		   "hsa_amd_portable_export_dmabuf\nflags 1000 1\n");
	source.kind->free(&source, &chunk);

	fake_hip.offset = 4096;
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), -EIO);
	CHECK_HAS(err.text, "dmabuf_source=hip:0: cannot export 4 MiB of GPU memory as a dma-buf: the memory is part of a larger block; use ");
	fake_driver.fail_at = fake_driver.calls + 3;
	fake_driver.result = 4096;
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), -EIO);
	CHECK_HAS(err.text, "dma-buf: hsa_amd_portable_export_dmabuf failed; use ");
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

static void test_limit(void)
{
	uint64_t bytes;

	begin();
	CHECK_INT(gpu_open(&source, "hip", &err), 0);
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, 1 << 30);
	fake_gpu.available[0] = 1 << 20;
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=hip:0: 2 MiB of GPU memory needed, 1 MiB free; lower iodepth, bs or numjobs");
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

static void test_copies(void)
{
	static const uint64_t offsets[] = { 0, 1, 4096, SIZE / 2 + 511,
		SIZE - 1000 };
	unsigned char in[1000], out[1000];
	struct dmabuf_chunk first;
	size_t i, k;

	begin();
	CHECK_INT(gpu_open(&source, "hip", &err), 0);
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	first = chunk;
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		for (k = 0; k < sizeof(in); k++)
			in[k] = k * 7 + i;
		CHECK_INT(gpu_copy(&source, &first, false, in, offsets[i],
			       sizeof(in)), 0);
		/* The drive may access it now. */
		CHECK(!fake_hip.written);
		memset(out, 0, sizeof(out));
		CHECK_INT(gpu_copy(&source, &chunk, false, out, offsets[i],
			       sizeof(out)), 0);
		CHECK_INT(gpu_copy(&source, &first, true, out, offsets[i],
			       sizeof(out)), 0);
		CHECK(!memcmp(in, out, sizeof(in)));
	}
	CHECK_INT(gpu_copy(&source, &chunk, true, out, SIZE - 999, 1000), -EIO);
	source.kind->free(&source, &first);
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

static void test_copies_refused(void)
{
	static const struct {
		int result, code;
	} vectors[] = {
		{ 4, -ENODEV }, { 100, -ENODEV }, { 101, -ENODEV },
		{ 709, -ENODEV }, { 999, -ENODEV },
		{ 1, -EIO }, { 214, -EIO }, { 700, -EIO },
	};
	unsigned char byte = 0;
	unsigned int step;
	size_t i;

	begin();
	CHECK_INT(gpu_open(&source, "hip", &err), 0);
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_driver.result = vectors[i].result;
		/* the choice of the GPU, the copy, the wait */
		for (step = 1; step <= 3; step++) {
			fake_driver.fail_at = fake_driver.calls + step;
			CHECK_INT(gpu_copy(&source, &chunk, false, &byte, 0, 1),
				  vectors[i].code);
			if (step == 3)
				break;
			fake_driver.fail_at = fake_driver.calls + step;
			CHECK_INT(gpu_copy(&source, &chunk, true, &byte, 0, 1),
				  vectors[i].code);
		}
	}
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

/* A second job, in a thread of the same process, on the other GPU. */
static void *second_job(void *unused)
{
	struct dmabuf_source other;
	struct dmabuf_chunk piece = { .size = SIZE, .fd = -1, .memfd = -1 };
	unsigned char in[64], out[64] = { 0 };

	(void)unused;
	fake_hip.wanted = 2;
	CHECK_INT(gpu_open(&other, "hip:1", &err), 0);
	CHECK_INT(other.kind->alloc(&other, &piece, &err), 0);
	memset(in, 0x5a, sizeof(in));
	/* as if other code in this thread had chosen another GPU */
	fake_hip_current = 1;
	CHECK_INT(gpu_copy(&other, &piece, false, in, 100, sizeof(in)), 0);
	fake_hip_current = 1;
	CHECK_INT(gpu_copy(&other, &piece, true, out, 100, sizeof(out)), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	fake_hip_current = 1;
	other.kind->free(&other, &piece);
	dmabuf_source_close(&other);
	fake_hip.wanted = 1;
	return NULL;
}

static void test_two_threads(void)
{
	unsigned char in[64], out[64] = { 0 };
	pthread_t thread;

	begin();
	CHECK_INT(gpu_open(&source, "hip", &err), 0);
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	memset(in, 0xa5, sizeof(in));
	CHECK_INT(gpu_copy(&source, &chunk, false, in, 100, sizeof(in)), 0);
	CHECK_INT(pthread_create(&thread, NULL, second_job, NULL), 0);
	pthread_join(thread, NULL);
	CHECK_INT(gpu_copy(&source, &chunk, true, out, 100, sizeof(out)), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

#define HIP	"dmabuf_source=hip:0: "
#define FAILED(call)	\
	HIP call " failed: hipErrorNotInitialized; check rocminfo and the kernel log"
#define NO_GPU(count)	\
	"no such GPU, the driver has " count "; choose one that rocminfo lists, and check the driver and HIP_VISIBLE_DEVICES"
#define EXPORTER	\
	"; use a kernel with CONFIG_PCI_P2PDMA and CONFIG_DMABUF_MOVE_NOTIFY, and a newer ROCm"

static void test_each_call_of_open_refused(void)
{
	static const char *const lines[] = {
		FAILED("hipInit"),
		FAILED("hipGetDeviceCount"),
		FAILED("hipSetDevice"),
		FAILED("hipDeviceGetName"),
		FAILED("hipDeviceGetPCIBusId"),
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		begin();
		fake_driver.fail_at = i + 1;
		fake_driver.result = 3;
		CHECK_INT(gpu_open(&source, "hip", &err), -EIO);
		CHECK_ERROR(&err, -EIO, lines[i]);
		CHECK(!source.state);
		CHECK_INT(fake_left(), 0);
	}
}

static void test_no_such_gpu(void)
{
	begin();
	CHECK_INT(gpu_open(&source, "hip:2", &err), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, "dmabuf_source=hip:2: " NO_GPU("2"));
	CHECK_INT(gpu_open(&source, "hip:0000:83:00.0", &err), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, "dmabuf_source=hip:0000:83:00.0: " NO_GPU("2"));
	fake_gpu.count = 0;
	CHECK_INT(gpu_open(&source, "hip", &err), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, HIP NO_GPU("0"));
	begin();
	fake_driver.fail_at = 1;
	fake_driver.result = 100;
	CHECK_INT(gpu_open(&source, "hip", &err), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, HIP NO_GPU("0"));
	CHECK_INT(fake_left(), 0);
}

static void test_open_refused(void)
{
	struct fake_symbol too_old[32] = { { NULL, NULL } };
	size_t i, nr = 0;

	/* except the two that export */
	while (fake_hip_symbols[nr + 2].name)
		nr++;
	begin();
	fake.errors[FAKE_ALLOC] = ENOMEM;
	CHECK_INT(gpu_open(&source, "hip", &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, HIP "out of memory; lower iodepth, bs or numjobs");
	CHECK_TEXT(fake.log, "");

	begin();
	fake_driver.library = NULL;
	CHECK_INT(gpu_open(&source, "hip", &err), -ENOENT);
	CHECK_HAS(err.text, HIP "cannot load libamdhip64.so or libamdhip64.so.7 or libamdhip64.so.6 or libamdhip64.so.5 (libamdhip64.so.5: cannot open shared object file: No such file or directory); install AMD's ROCm ");

	for (i = 0; i < nr; i++) {
		begin();
		fake_driver.without = fake_hip_symbols[i].name;
		CHECK_INT(gpu_open(&source, "hip", &err), -ENOSYS);
		CHECK_HAS(err.text, HIP "libamdhip64.so.6 has no ");
		CHECK_HAS(err.text, fake_hip_symbols[i].name);
		CHECK_HAS(err.text, "; update to ROCm 5.3 or later");
		CHECK_INT(fake_left(), 0);
	}
	/* neither of the two calls that export */
	begin();
	memcpy(too_old, fake_hip_symbols, nr * sizeof(too_old[0]));
	fake_driver.symbols = too_old;
	CHECK_INT(gpu_open(&source, "hip", &err), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP, HIP "the driver of this GPU exports no dma-bufs" EXPORTER);
	CHECK_INT(fake_left(), 0);
}

static void test_alloc_refused(void)
{
#define EXPORT	HIP "cannot export 4 MiB of GPU memory as a dma-buf: "
	static const char *const lines[] = {
		FAILED("hipSetDevice"),
		FAILED("hipMalloc"),
		EXPORT "hipErrorNotInitialized" EXPORTER,
	};
	uint64_t bytes;
	size_t i;

	begin();
	CHECK_INT(gpu_open(&source, "hip", &err), 0);
	fake_driver.result = 3;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		fake_driver.fail_at = fake_driver.calls + i + 1;
		CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), -EIO);
		CHECK_ERROR(&err, -EIO, lines[i]);
		CHECK_INT(fake_open_fds(), 0);
		CHECK_INT(fake_gpu.available[0], 1ULL << 32);
	}
	for (i = 1; i <= 2; i++) {
		fake_driver.fail_at = fake_driver.calls + i;
		CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), -EIO);
		CHECK_ERROR(&err, -EIO, FAILED("hipMemGetInfo"));
	}
	fake_hip.no_fd = true;
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), -EIO);
	CHECK_ERROR(&err, -EIO, EXPORT "no descriptor returned" EXPORTER);
	fake_hip.no_fd = false;
	fake_gpu.available[0] = 3 << 20;
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, HIP "4 MiB of GPU memory needed, 3 MiB free; lower iodepth, bs or numjobs");
	fake_gpu.available[0] = 1 << 30;
	fake_driver.dmabuf_size = 4096;
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), -EIO);
	CHECK_ERROR(&err, -EIO, HIP "the driver exported a dma-buf of 4 KiB for 4 MiB of GPU memory; update the driver");
	fake.errors[FAKE_OPEN] = EMFILE;
	fake_hip.export_result = 999;
	fake_file("/dev/null", NULL);
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), -EMFILE);
	CHECK_HAS(err.text, "raise the limit with ulimit -n");
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

/* A removed GPU keeps its memory, but everything else is freed. */
static void test_free_refused(void)
{
	begin();
	CHECK_INT(gpu_open(&source, "hip", &err), 0);
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	fake_driver.fail_at = fake_driver.calls + 1;
	fake_driver.result = 999;
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	fake_gpu_free(chunk.handle);
	CHECK_INT(fake_left(), 0);
}

static const struct check checks[] = {
	{ "from open to close", test_life },
	{ "by its PCI address", test_by_address },
	{ "older versions", test_older },
	{ "the largest chunk", test_limit },
	{ "copies", test_copies },
	{ "copies refused", test_copies_refused },
	{ "two jobs in two threads", test_two_threads },
	{ "each call of open refused", test_each_call_of_open_refused },
	{ "no such GPU", test_no_such_gpu },
	{ "open refused", test_open_refused },
	{ "alloc refused", test_alloc_refused },
	{ "free refused", test_free_refused },
};

CHECK_MAIN("hip", checks)
