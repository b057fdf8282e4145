/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver that insists on a current context for each call that needs one.
 * Numbers of the interface are written out by hand.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "fake-cuda.h"
#include "fake-gpu.h"

struct fake_cuda fake_cuda;

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

	*name = fake_cuda.nameless ? NULL : known[result];
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
	snprintf(name, size, FAKE_CUDA_NAME "%d", device);
	return fake_gpu_call("cuDeviceGetName");
}

static int cu_address(char *address, int size, int device)
{
	snprintf(address, size, "0000:%d:00.0", 81 + device);
	return fake_gpu_call("cuDeviceGetPCIBusId");
}

static int cu_attribute(int *value, int attribute, int device)
{
	*value = attribute == 124 && !fake_cuda.no_export;
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
	*bytes = fake_cuda.granularity;
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
		result = fake_cuda.export_result;
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

const struct fake_symbol fake_cuda_symbols[] = {
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

void fake_cuda_reset(void)
{
	fake_gpu_reset("libcuda.so.1", fake_cuda_symbols);
	memset(&fake_cuda, 0, sizeof(fake_cuda));
	memset(contexts, 0, sizeof(contexts));
	fake_cuda.granularity = 2 << 20;
}

int fake_cuda_depth(void)
{
	return depth;
}
