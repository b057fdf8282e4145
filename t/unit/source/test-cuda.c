/* SPDX-License-Identifier: GPL-2.0-only */
/* The cuda source against a scripted driver: t/fake-gpu/cuda.c. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/fake-gpu/cuda.h"
#include "t/fake-gpu/gpu.h"
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
	fake_driver_reset("libcuda.so.1", fake_cuda_symbols);
	memset(&err, 0, sizeof(err));
}

static int left(void)
{
	return fake_left() + fake_cuda_depth();
}

static void test_life(void)
{
	begin();
	CHECK_INT(gpu_open(&source, "cuda:1", &err), 0);
	CHECK_TEXT(source.detail, FAKE_GPU_NAME "1, 0000:82:00.0");
	CHECK_TEXT(source.name, "cuda:1");
	CHECK_INT(source.granule, 2 << 20);
	CHECK(source.shadowed);
	CHECK(!source.ordinary_pages);
	CHECK(!source.kind->map);
	CHECK(source.kind->exports);
	CHECK(!source.kind->pinnable);
	CHECK_INT(fake_cuda_depth(), 0);
	fake.log[0] = '\0';
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	CHECK_TEXT(fake.log, "cuCtxPushCurrent_v2\ncuMemAlloc_v2\n"
		   "cuPointerSetAttribute\ncuMemGetHandleForAddressRange\n"
		   "flags 1000 1\ncuCtxPopCurrent_v2\n");
	CHECK_INT(chunk.fd, 1000);
	CHECK_INT(chunk.memfd, -1);
	fake.log[0] = '\0';
	source.kind->free(&source, &chunk);
	CHECK_TEXT(fake.log, "close 1000\ncuCtxPushCurrent_v2\ncuMemFree_v2\n"
		   "cuCtxPopCurrent_v2\n");
	fake.log[0] = '\0';
	dmabuf_source_close(&source);
	CHECK_TEXT(fake.log, "cuDevicePrimaryCtxRelease_v2\n");
	CHECK(!source.state);
	CHECK_INT(left(), 0);
}

static void test_by_address(void)
{
	begin();
	CHECK_INT(gpu_open(&source, "cuda:82:00.0", &err), 0);
	CHECK_TEXT(source.name, "cuda:0000:82:00.0");
	CHECK_TEXT(source.detail, FAKE_GPU_NAME "1, 0000:82:00.0");
	dmabuf_source_close(&source);
	CHECK_INT(left(), 0);
}

static void test_granule(void)
{
	static const struct {
		size_t says;
		const char *without;
		uint64_t granule;
	} vectors[] = {
		{ 2 << 20, NULL, 2 << 20 },
		{ 64 << 10, NULL, 64 << 10 },
		{ 512, NULL, 4096 },	/* never less than a page */
		{ 0, NULL, 2 << 20 },
		{ 64 << 10, "cuMemGetAllocationGranularity", 2 << 20 },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		begin();
		fake_cuda.granularity = vectors[i].says;
		fake_driver.without = vectors[i].without;
		CHECK_INT(gpu_open(&source, "cuda", &err), 0);
		CHECK_INT(source.granule, vectors[i].granule);
		dmabuf_source_close(&source);
		CHECK_INT(left(), 0);
	}
}

static void test_limit(void)
{
	uint64_t bytes;

	begin();
	CHECK_INT(gpu_open(&source, "cuda", &err), 0);
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, 1 << 30);
	fake_gpu.available[0] = (9 << 20) + 5;
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, 8 << 20);
	fake_gpu.available[0] = 1 << 20;
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=cuda:0: 2 MiB of GPU memory needed, 1 MiB free; lower iodepth, bs or numjobs");
	dmabuf_source_close(&source);
	CHECK_INT(left(), 0);
}

static void test_copies(void)
{
	static const uint64_t offsets[] = { 0, 1, 4096, SIZE / 2 + 511,
		SIZE - 1000 };
	unsigned char in[1000], out[1000];
	struct dmabuf_chunk first;
	size_t i, k;

	begin();
	CHECK_INT(gpu_open(&source, "cuda", &err), 0);
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	first = chunk;
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		for (k = 0; k < sizeof(in); k++)
			in[k] = k * 7 + i;
		CHECK_INT(gpu_copy(&source, &first, false, in, offsets[i],
			       sizeof(in)), 0);
		memset(out, 0, sizeof(out));
		CHECK_INT(gpu_copy(&source, &chunk, false, out, offsets[i],
			       sizeof(out)), 0);
		CHECK_INT(gpu_copy(&source, &first, true, out, offsets[i],
			       sizeof(out)), 0);
		CHECK(!memcmp(in, out, sizeof(in)));
		CHECK_INT(fake_cuda_depth(), 0);
	}
	/* beyond the end */
	CHECK_INT(gpu_copy(&source, &chunk, true, out, SIZE - 999, 1000), -EIO);
	source.kind->free(&source, &first);
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(left(), 0);
}

static void test_copies_refused(void)
{
	static const struct {
		int result, code;
	} vectors[] = {
		{ 4, -ENODEV }, { 46, -ENODEV }, { 100, -ENODEV },
		{ 101, -ENODEV }, { 709, -ENODEV }, { 999, -ENODEV },
		{ 1, -EIO }, { 214, -EIO }, { 700, -EIO },
	};
	unsigned char byte = 0;
	unsigned int step;
	size_t i;
	int out;

	begin();
	CHECK_INT(gpu_open(&source, "cuda", &err), 0);
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_driver.result = vectors[i].result;
		/* making the context current, copying */
		for (step = 1; step <= 2; step++) {
			for (out = 0; out < 2; out++) {
				fake_driver.fail_at = fake_driver.calls + step;
				CHECK_INT(gpu_copy(&source, &chunk, out, &byte,
						   0, 1), vectors[i].code);
				CHECK_INT(fake_cuda_depth(), 0);
			}
		}
	}
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(left(), 0);
}

/* A second job, in a thread of the same process, on the same GPU. */
static void *second_job(void *unused)
{
	struct dmabuf_source other;
	struct dmabuf_chunk piece = { .size = SIZE, .fd = -1, .memfd = -1 };
	unsigned char in[64], out[64] = { 0 };

	(void)unused;
	CHECK_INT(fake_cuda_depth(), 0);
	CHECK_INT(gpu_open(&other, "cuda", &err), 0);
	CHECK_INT(fake_gpu.contexts[0], 2);
	CHECK_INT(other.kind->alloc(&other, &piece, &err), 0);
	memset(in, 0x5a, sizeof(in));
	CHECK_INT(gpu_copy(&other, &piece, false, in, 100, sizeof(in)), 0);
	CHECK_INT(gpu_copy(&other, &piece, true, out, 100, sizeof(out)), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	other.kind->free(&other, &piece);
	dmabuf_source_close(&other);
	CHECK_INT(fake_cuda_depth(), 0);
	return NULL;
}

static void test_two_threads(void)
{
	unsigned char in[64], out[64] = { 0 };
	pthread_t thread;

	begin();
	CHECK_INT(gpu_open(&source, "cuda", &err), 0);
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	memset(in, 0xa5, sizeof(in));
	CHECK_INT(gpu_copy(&source, &chunk, false, in, 100, sizeof(in)), 0);
	CHECK_INT(pthread_create(&thread, NULL, second_job, NULL), 0);
	pthread_join(thread, NULL);
	/* The first job's context outlives the second's. */
	CHECK_INT(gpu_copy(&source, &chunk, true, out, 100, sizeof(out)), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(left(), 0);
}

#define CUDA	"dmabuf_source=cuda:0: "
#define FAILED(call)	\
	CUDA call " failed: CUDA_ERROR_NOT_INITIALIZED; check nvidia-smi -L and the kernel log"
#define NO_GPU(count)	\
	"no such GPU, the driver has " count "; choose one that nvidia-smi -L lists, and check the driver and CUDA_VISIBLE_DEVICES"
#define NO_EXPORT	\
	CUDA "the driver of this GPU exports no dma-bufs; use NVIDIA's open kernel modules on a Turing or later GPU"

static void test_each_call_of_open_refused(void)
{
	static const struct {
		int result, code;
		const char *line;
	} vectors[] = {
		{ 3, -EIO, FAILED("cuInit") },
		{ 3, -EIO, FAILED("cuDeviceGetCount") },
		{ 3, -EIO, FAILED("cuDeviceGet") },
		{ 3, -EOPNOTSUPP, NO_EXPORT },
		{ 3, -EIO, FAILED("cuDeviceGetName") },
		{ 3, -EIO, FAILED("cuDeviceGetPCIBusId") },
		{ 3, -EIO, FAILED("cuDevicePrimaryCtxRetain") },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		begin();
		fake_driver.fail_at = i + 1;
		fake_driver.result = vectors[i].result;
		CHECK_INT(gpu_open(&source, "cuda", &err), vectors[i].code);
		CHECK_ERROR(&err, vectors[i].code, vectors[i].line);
		CHECK(!source.state);
		CHECK_INT(left(), 0);
	}
	/* Not knowing the page size is not an error. */
	begin();
	fake_driver.fail_at = i + 1;
	fake_driver.result = 801;
	CHECK_INT(gpu_open(&source, "cuda", &err), 0);
	CHECK_INT(source.granule, 2 << 20);
	dmabuf_source_close(&source);
	CHECK_INT(left(), 0);
}

static void test_no_such_gpu(void)
{
	begin();
	CHECK_INT(gpu_open(&source, "cuda:2", &err), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, "dmabuf_source=cuda:2: " NO_GPU("2"));
	CHECK_INT(gpu_open(&source, "cuda:0000:83:00.0", &err), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, "dmabuf_source=cuda:0000:83:00.0: " NO_GPU("2"));
	fake_gpu.count = 0;
	CHECK_INT(gpu_open(&source, "cuda", &err), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, CUDA NO_GPU("0"));
	begin();
	fake_driver.fail_at = 1;
	fake_driver.result = 100;
	CHECK_INT(gpu_open(&source, "cuda", &err), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, CUDA NO_GPU("0"));
	CHECK_INT(left(), 0);
}

static void test_open_refused(void)
{
	size_t i;

	begin();
	fake_cuda.no_export = true;
	CHECK_INT(gpu_open(&source, "cuda", &err), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP, NO_EXPORT);
	CHECK_INT(left(), 0);

	begin();
	fake_driver.fail_at = 1;
	fake_driver.result = 12345;
	CHECK_INT(gpu_open(&source, "cuda", &err), -EIO);
	CHECK_ERROR(&err, -EIO, CUDA "cuInit failed: an error without a name; check nvidia-smi -L and the kernel log");
	CHECK_INT(left(), 0);

	begin();
	fake.errors[FAKE_ALLOC] = ENOMEM;
	CHECK_INT(gpu_open(&source, "cuda", &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, CUDA "out of memory; lower iodepth, bs or numjobs");
	CHECK_TEXT(fake.log, "");

	begin();
	fake_driver.library = NULL;
	CHECK_INT(gpu_open(&source, "cuda", &err), -ENOENT);
	CHECK_ERROR(&err, -ENOENT, CUDA "cannot load libcuda.so.1 (libcuda.so.1: cannot open shared object file: No such file or directory); install NVIDIA's driver (Debian package libcuda1)");

	for (i = 0; fake_cuda_symbols[i].name; i++) {
		begin();
		fake_driver.without = fake_cuda_symbols[i].name;
		if (!strcmp(fake_cuda_symbols[i].name,
			    "cuMemGetAllocationGranularity"))
			continue;
		CHECK_INT(gpu_open(&source, "cuda", &err), -ENOSYS);
		CHECK_HAS(err.text, CUDA "libcuda.so.1 has no ");
		CHECK_HAS(err.text, fake_cuda_symbols[i].name);
		CHECK_HAS(err.text, "; update to NVIDIA's driver 515 (CUDA 11.7) or later");
		CHECK_INT(left(), 0);
	}
}

static void test_alloc_refused(void)
{
#define EXPORT	CUDA "cannot export 4 MiB of GPU memory as a dma-buf: CUDA_ERROR_NOT_INITIALIZED; use NVIDIA's open kernel modules on a Turing or later GPU"
	static const struct {
		int result, code;
		const char *line;
	} vectors[] = {
		{ 3, -EIO, FAILED("cuCtxPushCurrent") },
		{ 3, -EIO, FAILED("cuMemAlloc") },
		{ 3, -EIO, FAILED("cuPointerSetAttribute") },
		{ 3, -EIO, EXPORT },
	};
	uint64_t bytes;
	size_t i;

	begin();
	CHECK_INT(gpu_open(&source, "cuda", &err), 0);
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_driver.fail_at = fake_driver.calls + i + 1;
		fake_driver.result = vectors[i].result;
		CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err),
			  vectors[i].code);
		CHECK_ERROR(&err, vectors[i].code, vectors[i].line);
		CHECK_INT(fake_open_fds(), 0);
		CHECK_INT(fake_gpu.available[0], 1ULL << 32);
		CHECK_INT(fake_cuda_depth(), 0);
	}
	for (i = 1; i <= 2; i++) {
		fake_driver.fail_at = fake_driver.calls + i;
		CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), -EIO);
		CHECK_ERROR(&err, -EIO, FAILED("cuMemGetInfo"));
	}
	fake_gpu.available[0] = 3 << 20;
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, CUDA "4 MiB of GPU memory needed, 3 MiB free; lower iodepth, bs or numjobs");
	fake_gpu.available[0] = 1 << 30;
	fake_driver.dmabuf_size = 4096;
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), -EIO);
	CHECK_ERROR(&err, -EIO, CUDA "the driver exported a dma-buf of 4 KiB for 4 MiB of GPU memory; update the driver");
	fake.errors[FAKE_OPEN] = EMFILE;
	fake_cuda.export_result = 999;
	fake_file("/dev/null", NULL);
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), -EMFILE);
	CHECK_HAS(err.text, "raise the limit with ulimit -n");
	dmabuf_source_close(&source);
	CHECK_INT(left(), 0);
}

/* A removed GPU keeps its memory, but everything else is freed. */
static void test_free_refused(void)
{
	begin();
	CHECK_INT(gpu_open(&source, "cuda", &err), 0);
	CHECK_INT(gpu_alloc(&source, &chunk, SIZE, &err), 0);
	fake_driver.fail_at = fake_driver.calls + 1;
	fake_driver.result = 999;
	source.kind->free(&source, &chunk);
	CHECK_INT(fake_cuda_depth(), 0);
	dmabuf_source_close(&source);
	fake_gpu_free(chunk.handle);
	CHECK_INT(left(), 0);
}

static const struct check checks[] = {
	{ "from open to close", test_life },
	{ "by its PCI address", test_by_address },
	{ "the granule", test_granule },
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

CHECK_MAIN("cuda", checks)
