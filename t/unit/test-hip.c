/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hip source against a scripted runtime, which insists on the right GPU
 * for the thread in each call that needs one, and finds what is not given
 * back. Numbers of the interface are written out by hand.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "fake-gpu.h"
#include "fake.h"
#include "source.h"

#define NAME	"AMD Fake 300"
#define SIZE	(4 << 20)
#define HIP_EXPORT	"hipMemGetHandleForAddressRange"

static struct dmabuf_source source;
static struct dmabuf_chunk chunk;
static struct dmabuf_error err;

/* How this runtime differs from a good one. */
static struct {
	uint64_t offset;	/* where ROCr says that the memory begins */
	bool no_fd;		/* a success that is none */
	int export_result;
	bool written;		/* and not waited for */
} runtime;

/* The thread's GPU from 1 on; a test says which one it has to be. */
static __thread int current;
static int wanted;

static bool is_current(void)
{
	if (current == wanted)
		return true;
	fake_gpu_misuse("another GPU");
	return false;
}

static const char *hip_error_name(int result)
{
	return result == 3 ? "hipErrorNotInitialized" : "hipErrorUnknown";
}

static int hip_init(unsigned int flags)
{
	return fake_gpu_call("hipInit") ? : (int)flags;
}

static int hip_count(int *count)
{
	*count = fake_gpu.count;
	return fake_gpu.count ? fake_gpu_call("hipGetDeviceCount") : 100;
}

static int hip_by_address(int *device, const char *address)
{
	*device = 1;
	if (strcmp(address, "0000:82:00.0"))
		return 101;
	return fake_gpu_call("hipDeviceGetByPCIBusId");
}

static int hip_name(char *name, int size, int device)
{
	snprintf(name, size, NAME "%d", device);
	return fake_gpu_call("hipDeviceGetName");
}

static int hip_address(char *address, int size, int device)
{
	snprintf(address, size, "0000:%d:00.0", 81 + device);
	return fake_gpu_call("hipDeviceGetPCIBusId");
}

static int hip_set(int device)
{
	int result = fake_gpu_call("hipSetDevice");

	if (result)
		return result;
	if (device < 0 || device >= fake_gpu.count)
		return 101;
	current = device + 1;
	return 0;
}

static int hip_memory_info(size_t *available, size_t *total)
{
	int result = fake_gpu_call("hipMemGetInfo");

	if (result || !is_current())
		return result;
	*available = fake_gpu.memory;
	*total = 1ULL << 40;
	return 0;
}

static int hip_alloc(void **address, size_t size)
{
	int result = fake_gpu_call("hipMalloc");

	if (result || !is_current())
		return result;
	*address = (void *)(uintptr_t)fake_gpu_alloc(size);
	return *address ? 0 : 2;
}

static int hip_free(void *address)
{
	is_current();
	fake_gpu_free((uintptr_t)address);
	return fake_gpu_call("hipFree");
}

static int hip_to_host(void *to, void *from, size_t size)
{
	int result = fake_gpu_call("hipMemcpyDtoH");
	void *memory = fake_gpu_at((uintptr_t)from, size);

	if (result)
		return result;
	if (!is_current() || !memory)
		return 700;
	memcpy(to, memory, size);
	return 0;
}

static int hip_to_device(void *to, const void *from, size_t size)
{
	int result = fake_gpu_call("hipMemcpyHtoD");
	void *memory = fake_gpu_at((uintptr_t)to, size);

	if (result)
		return result;
	if (!is_current() || !memory)
		return 700;
	memcpy(memory, from, size);
	runtime.written = true;
	return 0;
}

static int hip_wait(void)
{
	is_current();
	runtime.written = false;
	return fake_gpu_call("hipDeviceSynchronize");
}

static int hip_export(void *handle, void *address, size_t size, int type,
		      unsigned long long flags)
{
	int result = fake_gpu_call(HIP_EXPORT);

	if (!result)
		result = runtime.export_result;
	if (result || runtime.no_fd)
		return result;
	if (!is_current() || type != 1 || flags)
		fake_gpu_misuse("an export");
	*(int *)handle = fake_gpu_export((uintptr_t)address, size);
	return *(int *)handle < 0;
}

static int hsa_export(const void *address, size_t size, int *fd,
		      uint64_t *offset)
{
	int result = fake_gpu_call("hsa_amd_portable_export_dmabuf");

	if (result)
		return result;
	*fd = fake_gpu_export((uintptr_t)address, size);
	*offset = runtime.offset;
	return *fd < 0 ? 4096 : 0;
}

static const struct fake_symbol symbols[] = {
	{ "hipGetErrorName", (void *)hip_error_name },
	{ "hipInit", (void *)hip_init },
	{ "hipGetDeviceCount", (void *)hip_count },
	{ "hipDeviceGetByPCIBusId", (void *)hip_by_address },
	{ "hipDeviceGetName", (void *)hip_name },
	{ "hipDeviceGetPCIBusId", (void *)hip_address },
	{ "hipSetDevice", (void *)hip_set },
	{ "hipMemGetInfo", (void *)hip_memory_info },
	{ "hipMalloc", (void *)hip_alloc },
	{ "hipFree", (void *)hip_free },
	{ "hipMemcpyDtoH", (void *)hip_to_host },
	{ "hipMemcpyHtoD", (void *)hip_to_device },
	{ "hipDeviceSynchronize", (void *)hip_wait },
	{ "hsa_amd_portable_export_dmabuf", (void *)hsa_export },
	/* The last: ROCm 5 and 6 end before it. */
	{ HIP_EXPORT, (void *)hip_export },
	{ NULL, NULL },
};

static void begin(void)
{
	fake_reset();
	fake_gpu_reset("libamdhip64.so.6", symbols);
	memset(&runtime, 0, sizeof(runtime));
	memset(&err, 0, sizeof(err));
	current = 0;
	wanted = 1;
}

static int open_source(struct dmabuf_source *of, const char *text)
{
	CHECK_INT(dmabuf_source_parse(of, text, &err), 0);
	return dmabuf_source_open(of, &err);
}

static int alloc(uint64_t size)
{
	chunk = (struct dmabuf_chunk) { .size = size, .fd = -1, .memfd = -1 };
	return source.kind->alloc(&source, &chunk, &err);
}

static int copy(const struct dmabuf_source *of,
		const struct dmabuf_chunk *piece, bool out, void *address,
		uint64_t offset, uint64_t size)
{
	struct dmabuf_part part = {
		.address = address,
		.offset = offset,
		.size = size,
	};

	return out ? of->kind->read(of, piece, &part) :
		of->kind->write(of, piece, &part);
}

static void test_life(void)
{
	begin();
	wanted = 2;
	CHECK_INT(open_source(&source, "hip:1"), 0);
	CHECK_HAS(fake.log, "dlopen libamdhip64.so\n"
		  "dlopen libamdhip64.so.7\ndlopen libamdhip64.so.6\nhipInit\n");
	CHECK_TEXT(source.detail, NAME "1, 0000:82:00.0");
	CHECK_INT(source.granule, 2 << 20);
	CHECK(source.shadowed);
	CHECK(!source.ordinary);
	CHECK(!source.kind->map);
	CHECK(source.kind->exports);
	CHECK(!source.kind->pinnable);
	fake.log[0] = '\0';
	CHECK_INT(alloc(SIZE), 0);
	CHECK_TEXT(fake.log, "hipSetDevice\nhipMalloc\n" HIP_EXPORT
		   "\nflags 1000 1\n");
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
	CHECK_INT(open_source(&source, "hip:82:00.0"), 0);
	CHECK_TEXT(source.detail, NAME "1, 0000:82:00.0");
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

/* ROCm 5 and 6: the call of ROCr, which may hand out a part of a block. */
static void test_older(void)
{
	begin();
	fake_gpu.without = HIP_EXPORT;
	CHECK_INT(open_source(&source, "hip"), 0);
	fake.log[0] = '\0';
	CHECK_INT(alloc(SIZE), 0);
	CHECK_TEXT(fake.log, "hipSetDevice\nhipMalloc\n"
		   "hsa_amd_portable_export_dmabuf\nflags 1000 1\n");
	source.kind->free(&source, &chunk);

	runtime.offset = 4096;
	CHECK_INT(alloc(SIZE), -EIO);
	CHECK_HAS(err.text, "dmabuf_source=hip:0: cannot export 4 MiB of GPU memory as a dma-buf: the memory is a part of a larger piece; use ");
	fake_gpu.fail_at = fake_gpu.calls + 3;
	fake_gpu.result = 4096;
	CHECK_INT(alloc(SIZE), -EIO);
	CHECK_HAS(err.text, "dma-buf: hsa_amd_portable_export_dmabuf failed; use ");
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

static void test_limit(void)
{
	uint64_t bytes;

	begin();
	CHECK_INT(open_source(&source, "hip"), 0);
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, 1 << 30);
	fake_gpu.memory = 1 << 20;
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
	CHECK_INT(open_source(&source, "hip"), 0);
	CHECK_INT(alloc(SIZE), 0);
	first = chunk;
	CHECK_INT(alloc(SIZE), 0);
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		for (k = 0; k < sizeof(in); k++)
			in[k] = k * 7 + i;
		CHECK_INT(copy(&source, &first, false, in, offsets[i],
			       sizeof(in)), 0);
		/* A drive may look at it now. */
		CHECK(!runtime.written);
		memset(out, 0, sizeof(out));
		CHECK_INT(copy(&source, &chunk, false, out, offsets[i],
			       sizeof(out)), 0);
		CHECK_INT(copy(&source, &first, true, out, offsets[i],
			       sizeof(out)), 0);
		CHECK(!memcmp(in, out, sizeof(in)));
	}
	CHECK_INT(copy(&source, &chunk, true, out, SIZE - 999, 1000), -EIO);
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
	CHECK_INT(open_source(&source, "hip"), 0);
	CHECK_INT(alloc(SIZE), 0);
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_gpu.result = vectors[i].result;
		/* the choice of the GPU, the copy, the wait */
		for (step = 1; step <= 3; step++) {
			fake_gpu.fail_at = fake_gpu.calls + step;
			CHECK_INT(copy(&source, &chunk, false, &byte, 0, 1),
				  vectors[i].code);
			if (step == 3)
				break;
			fake_gpu.fail_at = fake_gpu.calls + step;
			CHECK_INT(copy(&source, &chunk, true, &byte, 0, 1),
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
	wanted = 2;
	CHECK_INT(open_source(&other, "hip:1"), 0);
	CHECK_INT(other.kind->alloc(&other, &piece, &err), 0);
	memset(in, 0x5a, sizeof(in));
	/* as if something else in this thread had chosen another */
	current = 1;
	CHECK_INT(copy(&other, &piece, false, in, 100, sizeof(in)), 0);
	current = 1;
	CHECK_INT(copy(&other, &piece, true, out, 100, sizeof(out)), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	current = 1;
	other.kind->free(&other, &piece);
	dmabuf_source_close(&other);
	wanted = 1;
	return NULL;
}

static void test_two_threads(void)
{
	unsigned char in[64], out[64] = { 0 };
	pthread_t thread;

	begin();
	CHECK_INT(open_source(&source, "hip"), 0);
	CHECK_INT(alloc(SIZE), 0);
	memset(in, 0xa5, sizeof(in));
	CHECK_INT(copy(&source, &chunk, false, in, 100, sizeof(in)), 0);
	CHECK_INT(pthread_create(&thread, NULL, second_job, NULL), 0);
	pthread_join(thread, NULL);
	CHECK_INT(copy(&source, &chunk, true, out, 100, sizeof(out)), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

#define HIP	"dmabuf_source=hip:0: "
#define REFUSED(call)	\
	HIP "the GPU's driver refused " call ": hipErrorNotInitialized; see rocminfo and the kernel log"
#define NO_GPU(count)	\
	"no such GPU, the driver has " count "; choose one that rocminfo shows, and see to the driver and HIP_VISIBLE_DEVICES"
#define EXPORTER	\
	"; use a kernel with CONFIG_PCI_P2PDMA and CONFIG_DMABUF_MOVE_NOTIFY, and a newer ROCm"

static void test_each_call_of_open_refused(void)
{
	static const char *const lines[] = {
		REFUSED("hipInit"),
		REFUSED("hipGetDeviceCount"),
		REFUSED("hipSetDevice"),
		REFUSED("to name the GPU"),
		REFUSED("to name the GPU"),
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		begin();
		fake_gpu.fail_at = i + 1;
		fake_gpu.result = 3;
		CHECK_INT(open_source(&source, "hip"), -EIO);
		CHECK_ERROR(&err, -EIO, lines[i]);
		CHECK(!source.state);
		CHECK_INT(fake_left(), 0);
	}
}

static void test_no_such_gpu(void)
{
	begin();
	CHECK_INT(open_source(&source, "hip:2"), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, "dmabuf_source=hip:2: " NO_GPU("2"));
	CHECK_INT(open_source(&source, "hip:0000:83:00.0"), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, "dmabuf_source=hip:0000:83:00.0: " NO_GPU("2"));
	fake_gpu.count = 0;
	CHECK_INT(open_source(&source, "hip"), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, HIP NO_GPU("0"));
	begin();
	fake_gpu.fail_at = 1;
	fake_gpu.result = 100;
	CHECK_INT(open_source(&source, "hip"), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, HIP NO_GPU("0"));
	CHECK_INT(fake_left(), 0);
}

static void test_open_refused(void)
{
	struct fake_symbol too_old[sizeof(symbols) / sizeof(symbols[0]) - 2];
	size_t i, nr = sizeof(too_old) / sizeof(too_old[0]);

	begin();
	fake.errors[FAKE_ALLOC] = ENOMEM;
	CHECK_INT(open_source(&source, "hip"), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, HIP "out of memory; lower iodepth or bs");
	CHECK_TEXT(fake.log, "");

	begin();
	fake_gpu.library = NULL;
	CHECK_INT(open_source(&source, "hip"), -ENOENT);
	CHECK_HAS(err.text, HIP "cannot load libamdhip64.so or libamdhip64.so.7 or libamdhip64.so.6 or libamdhip64.so.5 (libamdhip64.so.5: cannot open shared object file: No such file or directory); install AMD's ROCm ");

	for (i = 0; i < nr - 1; i++) {
		begin();
		fake_gpu.without = symbols[i].name;
		CHECK_INT(open_source(&source, "hip"), -ENOSYS);
		CHECK_HAS(err.text, HIP "libamdhip64.so.6 has no ");
		CHECK_HAS(err.text, symbols[i].name);
		CHECK_HAS(err.text, "; update to ROCm 5.3 or later");
		CHECK_INT(fake_left(), 0);
	}
	/* neither of the two calls that export */
	begin();
	memcpy(too_old, symbols, sizeof(too_old));
	too_old[nr - 1].name = NULL;
	fake_gpu.symbols = too_old;
	CHECK_INT(open_source(&source, "hip"), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP, HIP "this GPU's driver exports no dma-bufs" EXPORTER);
	CHECK_INT(fake_left(), 0);
}

static void test_alloc_refused(void)
{
#define EXPORT	HIP "cannot export 4 MiB of GPU memory as a dma-buf: "
	static const char *const lines[] = {
		REFUSED("hipSetDevice"),
		REFUSED("hipMalloc"),
		EXPORT "hipErrorNotInitialized" EXPORTER,
	};
	uint64_t bytes;
	size_t i;

	begin();
	CHECK_INT(open_source(&source, "hip"), 0);
	fake_gpu.result = 3;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		fake_gpu.fail_at = fake_gpu.calls + i + 1;
		CHECK_INT(alloc(SIZE), -EIO);
		CHECK_ERROR(&err, -EIO, lines[i]);
		CHECK_INT(fake_open_fds(), 0);
		CHECK_INT(fake_gpu.memory, 1ULL << 32);
	}
	for (i = 1; i <= 2; i++) {
		fake_gpu.fail_at = fake_gpu.calls + i;
		CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), -EIO);
		CHECK_ERROR(&err, -EIO, REFUSED("hipMemGetInfo"));
	}
	runtime.no_fd = true;
	CHECK_INT(alloc(SIZE), -EIO);
	CHECK_ERROR(&err, -EIO, EXPORT "it gave no descriptor" EXPORTER);
	runtime.no_fd = false;
	fake_gpu.memory = 3 << 20;
	CHECK_INT(alloc(SIZE), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, HIP "4 MiB of GPU memory needed, 3 MiB free; lower iodepth, bs or numjobs");
	fake_gpu.memory = 1 << 30;
	fake_gpu.dmabuf_size = 4096;
	CHECK_INT(alloc(SIZE), -EIO);
	CHECK_ERROR(&err, -EIO, HIP "the driver made a dma-buf of 4 KiB for 4 MiB of GPU memory; update the driver");
	fake.errors[FAKE_OPEN] = EMFILE;
	runtime.export_result = 999;
	fake_file("/dev/null", NULL);
	CHECK_INT(alloc(SIZE), -EMFILE);
	CHECK_HAS(err.text, "raise the limit with ulimit -n");
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

/* A GPU that is gone keeps its memory, but nothing else. */
static void test_free_refused(void)
{
	begin();
	CHECK_INT(open_source(&source, "hip"), 0);
	CHECK_INT(alloc(SIZE), 0);
	fake_gpu.fail_at = fake_gpu.calls + 1;
	fake_gpu.result = 999;
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
