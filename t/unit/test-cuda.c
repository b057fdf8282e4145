/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cuda source against a scripted driver, which insists on a current
 * context for each call that needs one, and finds what is not given back.
 * Numbers of the interface are written out by hand.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "fake-gpu.h"
#include "fake.h"
#include "source.h"

#define NAME	"NVIDIA Fake 100"
#define SIZE	(4 << 20)

static struct dmabuf_source source;
static struct dmabuf_chunk chunk;
static struct dmabuf_error err;

/* How this driver differs from a good one. */
static struct {
	int no_export;		/* the attribute is 0 */
	size_t granularity;
	int export_result;
	const char *nameless;	/* errors have no name */
} driver;

/* The contexts of the two GPUs, by number. */
static int contexts[2];
static __thread void *current[4];
static __thread int depth;

static bool is_current(void)
{
	if (depth)
		return true;
	fake_gpu_misuse("no current context");
	return false;
}

static int cu_error_name(int result, const char **name)
{
	static const char *const known[1000] = {
		[1] = "CUDA_ERROR_INVALID_VALUE",
		[2] = "CUDA_ERROR_OUT_OF_MEMORY",
		[3] = "CUDA_ERROR_NOT_INITIALIZED",
		[801] = "CUDA_ERROR_NOT_SUPPORTED",
		[999] = "CUDA_ERROR_UNKNOWN",
	};

	*name = driver.nameless ? NULL : known[result];
	return *name ? 0 : 1;
}

static int cu_init(unsigned int flags)
{
	return fake_gpu_call("cuInit") ? : (int)flags;
}

static int cu_count(int *count)
{
	*count = fake_gpu.count;
	return fake_gpu_call("cuDeviceGetCount");
}

static int cu_get(int *device, int number)
{
	*device = number;
	if (number < 0 || number >= fake_gpu.count)
		return 101;
	return fake_gpu_call("cuDeviceGet");
}

static int cu_by_address(int *device, const char *address)
{
	*device = 1;
	if (strcmp(address, "0000:82:00.0"))
		return 101;
	return fake_gpu_call("cuDeviceGetByPCIBusId");
}

static int cu_name(char *name, int size, int device)
{
	snprintf(name, size, NAME "%d", device);
	return fake_gpu_call("cuDeviceGetName");
}

static int cu_address(char *address, int size, int device)
{
	snprintf(address, size, "0000:%d:00.0", 81 + device);
	return fake_gpu_call("cuDeviceGetPCIBusId");
}

static int cu_attribute(int *value, int attribute, int device)
{
	*value = attribute == 124 && !driver.no_export;
	return fake_gpu_call("cuDeviceGetAttribute");
}

static int cu_retain(void **context, int device)
{
	int result = fake_gpu_call("cuDevicePrimaryCtxRetain");

	if (result)
		return result;
	contexts[device]++;
	fake_gpu.contexts++;
	*context = &contexts[device];
	return 0;
}

static int cu_release(int device)
{
	fake_gpu_call("cuDevicePrimaryCtxRelease");
	if (depth)
		fake_gpu_misuse("release of the current context");
	contexts[device]--;
	fake_gpu.contexts--;
	return 0;
}

static int cu_push(void *context)
{
	int result = fake_gpu_call("push");

	if (result)
		return result;
	if (!*(int *)context)
		fake_gpu_misuse("push of a released context");
	if (depth == 4)
		return fake_gpu_misuse("contexts pile up");
	current[depth++] = context;
	return 0;
}

static int cu_pop(void **context)
{
	if (is_current())
		*context = current[--depth];
	return fake_gpu_call("pop");
}

static int cu_granularity(size_t *bytes, const unsigned char *what, int which)
{
	/* pinned; no handles; on a device; its number */
	static const unsigned char wanted[12] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 };

	if (memcmp(what, wanted, sizeof(wanted)) || which)
		fake_gpu_misuse("properties of an allocation");
	*bytes = driver.granularity;
	return fake_gpu_call("cuMemGetAllocationGranularity");
}

static int cu_memory_info(size_t *available, size_t *total)
{
	int result = fake_gpu_call("cuMemGetInfo");

	if (result || !is_current())
		return result;
	*available = fake_gpu.memory;
	*total = 1ULL << 40;
	return 0;
}

static int cu_alloc(uint64_t *address, size_t size)
{
	int result = fake_gpu_call("cuMemAlloc");

	if (result || !is_current())
		return result;
	*address = fake_gpu_alloc(size);
	return *address ? 0 : 2;
}

static int cu_free(uint64_t address)
{
	is_current();
	fake_gpu_free(address);
	return fake_gpu_call("cuMemFree");
}

static int cu_set_attribute(const void *value, int attribute, uint64_t address)
{
	if (!is_current() || attribute != 6 || *(const int *)value != 1 ||
	    !fake_gpu_at(address, 1))
		fake_gpu_misuse("an attribute");
	return fake_gpu_call("cuPointerSetAttribute");
}

static int cu_export(void *handle, uint64_t address, size_t size, int type,
		     unsigned long long flags)
{
	int result = fake_gpu_call("cuMemGetHandleForAddressRange");

	if (!result)
		result = driver.export_result;
	if (result)
		return result;
	if (!is_current() || type != 1 || flags)
		fake_gpu_misuse("an export");
	*(int *)handle = fake_gpu_export(address, size);
	return *(int *)handle < 0;
}

static int cu_to_host(void *to, uint64_t from, size_t size)
{
	int result = fake_gpu_call("cuMemcpyDtoH");
	void *memory = fake_gpu_at(from, size);

	if (result)
		return result;
	if (!is_current() || !memory)
		return 700;
	memcpy(to, memory, size);
	return 0;
}

static int cu_to_device(uint64_t to, const void *from, size_t size)
{
	int result = fake_gpu_call("cuMemcpyHtoD");
	void *memory = fake_gpu_at(to, size);

	if (result)
		return result;
	if (!is_current() || !memory)
		return 700;
	memcpy(memory, from, size);
	return 0;
}

static const struct fake_symbol symbols[] = {
	{ "cuGetErrorName", (void *)cu_error_name },
	{ "cuInit", (void *)cu_init },
	{ "cuDeviceGetCount", (void *)cu_count },
	{ "cuDeviceGet", (void *)cu_get },
	{ "cuDeviceGetByPCIBusId", (void *)cu_by_address },
	{ "cuDeviceGetName", (void *)cu_name },
	{ "cuDeviceGetPCIBusId", (void *)cu_address },
	{ "cuDeviceGetAttribute", (void *)cu_attribute },
	{ "cuDevicePrimaryCtxRetain", (void *)cu_retain },
	{ "cuDevicePrimaryCtxRelease_v2", (void *)cu_release },
	{ "cuCtxPushCurrent_v2", (void *)cu_push },
	{ "cuCtxPopCurrent_v2", (void *)cu_pop },
	{ "cuMemGetAllocationGranularity", (void *)cu_granularity },
	{ "cuMemGetInfo_v2", (void *)cu_memory_info },
	{ "cuMemAlloc_v2", (void *)cu_alloc },
	{ "cuMemFree_v2", (void *)cu_free },
	{ "cuPointerSetAttribute", (void *)cu_set_attribute },
	{ "cuMemGetHandleForAddressRange", (void *)cu_export },
	{ "cuMemcpyDtoH_v2", (void *)cu_to_host },
	{ "cuMemcpyHtoD_v2", (void *)cu_to_device },
	{ NULL, NULL },
};

static void begin(void)
{
	fake_reset();
	fake_gpu_reset("libcuda.so.1", symbols);
	memset(&driver, 0, sizeof(driver));
	memset(contexts, 0, sizeof(contexts));
	memset(&err, 0, sizeof(err));
	driver.granularity = 2 << 20;
}

static int left(void)
{
	return fake_left() + depth;
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
	CHECK_INT(open_source(&source, "cuda:1"), 0);
	CHECK_TEXT(source.detail, NAME "1, 0000:82:00.0");
	CHECK_TEXT(source.name, "cuda:1");
	CHECK_INT(source.granule, 2 << 20);
	CHECK(source.shadowed);
	CHECK(!source.ordinary);
	CHECK(!source.kind->map);
	CHECK(source.kind->exports);
	CHECK(!source.kind->pinnable);
	CHECK_INT(depth, 0);
	fake.log[0] = '\0';
	CHECK_INT(alloc(SIZE), 0);
	CHECK_TEXT(fake.log, "push\ncuMemAlloc\ncuPointerSetAttribute\n"
		   "cuMemGetHandleForAddressRange\nflags 1000 1\npop\n");
	CHECK_INT(chunk.fd, 1000);
	CHECK_INT(chunk.memfd, -1);
	fake.log[0] = '\0';
	source.kind->free(&source, &chunk);
	CHECK_TEXT(fake.log, "close 1000\npush\ncuMemFree\npop\n");
	fake.log[0] = '\0';
	dmabuf_source_close(&source);
	CHECK_TEXT(fake.log, "cuDevicePrimaryCtxRelease\n");
	CHECK(!source.state);
	CHECK_INT(left(), 0);
}

static void test_by_address(void)
{
	begin();
	CHECK_INT(open_source(&source, "cuda:82:00.0"), 0);
	CHECK_TEXT(source.name, "cuda:0000:82:00.0");
	CHECK_TEXT(source.detail, NAME "1, 0000:82:00.0");
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
		driver.granularity = vectors[i].says;
		fake_gpu.without = vectors[i].without;
		CHECK_INT(open_source(&source, "cuda"), 0);
		CHECK_INT(source.granule, vectors[i].granule);
		dmabuf_source_close(&source);
		CHECK_INT(left(), 0);
	}
}

static void test_limit(void)
{
	uint64_t bytes;

	begin();
	CHECK_INT(open_source(&source, "cuda"), 0);
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, 1 << 30);
	fake_gpu.memory = (9 << 20) + 5;
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, 8 << 20);
	fake_gpu.memory = 1 << 20;
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
	CHECK_INT(open_source(&source, "cuda"), 0);
	CHECK_INT(alloc(SIZE), 0);
	first = chunk;
	CHECK_INT(alloc(SIZE), 0);
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		for (k = 0; k < sizeof(in); k++)
			in[k] = k * 7 + i;
		CHECK_INT(copy(&source, &first, false, in, offsets[i],
			       sizeof(in)), 0);
		memset(out, 0, sizeof(out));
		CHECK_INT(copy(&source, &chunk, false, out, offsets[i],
			       sizeof(out)), 0);
		CHECK_INT(copy(&source, &first, true, out, offsets[i],
			       sizeof(out)), 0);
		CHECK(!memcmp(in, out, sizeof(in)));
		CHECK_INT(depth, 0);
	}
	/* beyond the end */
	CHECK_INT(copy(&source, &chunk, true, out, SIZE - 999, 1000), -EIO);
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
	CHECK_INT(open_source(&source, "cuda"), 0);
	CHECK_INT(alloc(SIZE), 0);
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_gpu.result = vectors[i].result;
		/* making the context current, copying */
		for (step = 1; step <= 2; step++) {
			for (out = 0; out < 2; out++) {
				fake_gpu.fail_at = fake_gpu.calls + step;
				CHECK_INT(copy(&source, &chunk, out, &byte, 0,
					       1), vectors[i].code);
				CHECK_INT(depth, 0);
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
	CHECK_INT(depth, 0);
	CHECK_INT(open_source(&other, "cuda"), 0);
	CHECK_INT(fake_gpu.contexts, 2);
	CHECK_INT(other.kind->alloc(&other, &piece, &err), 0);
	memset(in, 0x5a, sizeof(in));
	CHECK_INT(copy(&other, &piece, false, in, 100, sizeof(in)), 0);
	CHECK_INT(copy(&other, &piece, true, out, 100, sizeof(out)), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	other.kind->free(&other, &piece);
	dmabuf_source_close(&other);
	CHECK_INT(depth, 0);
	return NULL;
}

static void test_two_threads(void)
{
	unsigned char in[64], out[64] = { 0 };
	pthread_t thread;

	begin();
	CHECK_INT(open_source(&source, "cuda"), 0);
	CHECK_INT(alloc(SIZE), 0);
	memset(in, 0xa5, sizeof(in));
	CHECK_INT(copy(&source, &chunk, false, in, 100, sizeof(in)), 0);
	CHECK_INT(pthread_create(&thread, NULL, second_job, NULL), 0);
	pthread_join(thread, NULL);
	/* The first one's context outlives the other's. */
	CHECK_INT(copy(&source, &chunk, true, out, 100, sizeof(out)), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(left(), 0);
}

#define CUDA	"dmabuf_source=cuda:0: "
#define REFUSED(call)	\
	CUDA "the GPU's driver refused " call ": CUDA_ERROR_NOT_INITIALIZED; see nvidia-smi -L and the kernel log"
#define NO_GPU(count)	\
	"no such GPU, the driver has " count "; choose one that nvidia-smi -L shows, and see to the driver and CUDA_VISIBLE_DEVICES"
#define NO_EXPORT	\
	CUDA "this GPU's driver exports no dma-bufs; use NVIDIA's open kernel modules, on a GPU from Turing on"

static void test_each_call_of_open_refused(void)
{
	static const struct {
		int result, code;
		const char *line;
	} vectors[] = {
		{ 3, -EIO, REFUSED("cuInit") },
		{ 3, -EIO, REFUSED("cuDeviceGetCount") },
		{ 3, -EIO, REFUSED("cuDeviceGet") },
		{ 3, -EOPNOTSUPP, NO_EXPORT },
		{ 3, -EIO, REFUSED("to name the GPU") },
		{ 3, -EIO, REFUSED("to name the GPU") },
		{ 3, -EIO, REFUSED("cuDevicePrimaryCtxRetain") },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		begin();
		fake_gpu.fail_at = i + 1;
		fake_gpu.result = vectors[i].result;
		CHECK_INT(open_source(&source, "cuda"), vectors[i].code);
		CHECK_ERROR(&err, vectors[i].code, vectors[i].line);
		CHECK(!source.state);
		CHECK_INT(left(), 0);
	}
	/* The size of a page is not worth a failure. */
	begin();
	fake_gpu.fail_at = i + 1;
	fake_gpu.result = 801;
	CHECK_INT(open_source(&source, "cuda"), 0);
	CHECK_INT(source.granule, 2 << 20);
	dmabuf_source_close(&source);
	CHECK_INT(left(), 0);
}

static void test_no_such_gpu(void)
{
	begin();
	CHECK_INT(open_source(&source, "cuda:2"), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, "dmabuf_source=cuda:2: " NO_GPU("2"));
	CHECK_INT(open_source(&source, "cuda:0000:83:00.0"), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, "dmabuf_source=cuda:0000:83:00.0: " NO_GPU("2"));
	fake_gpu.count = 0;
	CHECK_INT(open_source(&source, "cuda"), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, CUDA NO_GPU("0"));
	begin();
	fake_gpu.fail_at = 1;
	fake_gpu.result = 100;
	CHECK_INT(open_source(&source, "cuda"), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, CUDA NO_GPU("0"));
	CHECK_INT(left(), 0);
}

static void test_open_refused(void)
{
	size_t i;

	begin();
	driver.no_export = 1;
	CHECK_INT(open_source(&source, "cuda"), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP, NO_EXPORT);
	CHECK_INT(left(), 0);

	begin();
	driver.nameless = "yes";
	fake_gpu.fail_at = 1;
	fake_gpu.result = 12345;
	CHECK_INT(open_source(&source, "cuda"), -EIO);
	CHECK_ERROR(&err, -EIO, CUDA "the GPU's driver refused cuInit: an error without a name; see nvidia-smi -L and the kernel log");
	CHECK_INT(left(), 0);

	begin();
	fake.errors[FAKE_ALLOC] = ENOMEM;
	CHECK_INT(open_source(&source, "cuda"), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, CUDA "out of memory; lower iodepth or bs");
	CHECK_TEXT(fake.log, "");

	begin();
	fake_gpu.library = NULL;
	CHECK_INT(open_source(&source, "cuda"), -ENOENT);
	CHECK_ERROR(&err, -ENOENT, CUDA "cannot load libcuda.so.1 (libcuda.so.1: cannot open shared object file: No such file or directory); install NVIDIA's driver (package libcuda1 of Debian)");

	for (i = 0; symbols[i].name; i++) {
		begin();
		fake_gpu.without = symbols[i].name;
		if (!strcmp(symbols[i].name, "cuMemGetAllocationGranularity"))
			continue;
		CHECK_INT(open_source(&source, "cuda"), -ENOSYS);
		CHECK_HAS(err.text, CUDA "libcuda.so.1 has no ");
		CHECK_HAS(err.text, symbols[i].name);
		CHECK_HAS(err.text, "; update to NVIDIA's driver 515 (CUDA 11.7) or later");
		CHECK_INT(left(), 0);
	}
}

static void test_alloc_refused(void)
{
#define EXPORT	CUDA "cannot export 4 MiB of GPU memory as a dma-buf: CUDA_ERROR_NOT_INITIALIZED; use NVIDIA's open kernel modules, on a GPU from Turing on"
	static const struct {
		int result, code;
		const char *line;
	} vectors[] = {
		{ 3, -EIO, REFUSED("cuCtxPushCurrent") },
		{ 3, -EIO, REFUSED("cuMemAlloc") },
		{ 3, -EIO, REFUSED("cuPointerSetAttribute") },
		{ 3, -EIO, EXPORT },
	};
	uint64_t bytes;
	size_t i;

	begin();
	CHECK_INT(open_source(&source, "cuda"), 0);
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_gpu.fail_at = fake_gpu.calls + i + 1;
		fake_gpu.result = vectors[i].result;
		CHECK_INT(alloc(SIZE), vectors[i].code);
		CHECK_ERROR(&err, vectors[i].code, vectors[i].line);
		CHECK_INT(fake_open_fds(), 0);
		CHECK_INT(fake_gpu.memory, 1ULL << 32);
		CHECK_INT(depth, 0);
	}
	for (i = 1; i <= 2; i++) {
		fake_gpu.fail_at = fake_gpu.calls + i;
		CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), -EIO);
		CHECK_ERROR(&err, -EIO, REFUSED("cuMemGetInfo"));
	}
	fake_gpu.memory = 3 << 20;
	CHECK_INT(alloc(SIZE), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, CUDA "4 MiB of GPU memory needed, 3 MiB free; lower iodepth, bs or numjobs");
	fake_gpu.memory = 1 << 30;
	fake_gpu.dmabuf_size = 4096;
	CHECK_INT(alloc(SIZE), -EIO);
	CHECK_ERROR(&err, -EIO, CUDA "the driver made a dma-buf of 4 KiB for 4 MiB of GPU memory; update the driver");
	fake.errors[FAKE_OPEN] = EMFILE;
	driver.export_result = 999;
	fake_file("/dev/null", NULL);
	CHECK_INT(alloc(SIZE), -EMFILE);
	CHECK_HAS(err.text, "raise the limit with ulimit -n");
	dmabuf_source_close(&source);
	CHECK_INT(left(), 0);
}

/* A GPU that is gone keeps its memory, but nothing else. */
static void test_free_refused(void)
{
	begin();
	CHECK_INT(open_source(&source, "cuda"), 0);
	CHECK_INT(alloc(SIZE), 0);
	fake_gpu.fail_at = fake_gpu.calls + 1;
	fake_gpu.result = 999;
	source.kind->free(&source, &chunk);
	CHECK_INT(depth, 0);
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
