/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libcuda.so.1, as much of it as source cuda calls. It insists that a call
 * which needs a context has one, that no context stays current after a call
 * of the source, and on the arguments that the source must give. The numbers
 * of the interface are written out by hand. A call that fails has no effect.
 */
#include <string.h>

#include "cuda.h"

struct fake_cuda fake_cuda;

/* The GPU whose context is current in this thread, or -1. */
static __thread int current = -1;

void fake_cuda_reset(void)
{
	memset(&fake_cuda, 0, sizeof(fake_cuda));
	fake_cuda.granularity = 2 << 20;
}

int fake_cuda_depth(void)
{
	return current >= 0;
}

static int enter_current(const char *call)
{
	int result = fake_gpu_enter(call);

	if (result || current >= 0)
		return result;
	fake_gpu_misuse("no current context");
	return FAKE_GPU_INVALID_CONTEXT;
}

FAKE_GPU_CALL(int, cuGetErrorName, int result, const char **name)
{
	static const char *const known[1000] = {
		[1] = "CUDA_ERROR_INVALID_VALUE",
		[2] = "CUDA_ERROR_OUT_OF_MEMORY",
		[3] = "CUDA_ERROR_NOT_INITIALIZED",
		[100] = "CUDA_ERROR_NO_DEVICE",
		[101] = "CUDA_ERROR_INVALID_DEVICE",
		[201] = "CUDA_ERROR_INVALID_CONTEXT",
		[801] = "CUDA_ERROR_NOT_SUPPORTED",
		[999] = "CUDA_ERROR_UNKNOWN",
	};

	*name = result >= 0 && result < 1000 ? known[result] : NULL;
	return *name ? 0 : FAKE_GPU_INVALID_VALUE;
}

/* ---- devices ---- */

FAKE_GPU_CALL(int, cuInit, unsigned int flags)
{
	int result = fake_gpu_init(__func__);

	if (result || flags)
		return result ? : FAKE_GPU_INVALID_VALUE;
	return fake_gpu.count ? 0 : FAKE_GPU_NO_DEVICE;
}

FAKE_GPU_CALL(int, cuDeviceGetCount, int *count)
{
	*count = fake_gpu.count;
	return fake_gpu_enter(__func__);
}

FAKE_GPU_CALL(int, cuDeviceGet, int *device, int number)
{
	int result = fake_gpu_enter(__func__);

	*device = number;
	return result || fake_gpu_exists(number) ? result :
		FAKE_GPU_INVALID_DEVICE;
}

FAKE_GPU_CALL(int, cuDeviceGetByPCIBusId, int *device, const char *address)
{
	return fake_gpu_enter(__func__) ? :
		fake_gpu_by_address(device, address);
}

FAKE_GPU_CALL(int, cuDeviceGetName, char *name, int size, int device)
{
	return fake_gpu_enter(__func__) ? : fake_gpu_name(name, size, device);
}

FAKE_GPU_CALL(int, cuDeviceGetPCIBusId, char *address, int size, int device)
{
	return fake_gpu_enter(__func__) ? :
		fake_gpu_address(address, size, device);
}

FAKE_GPU_CALL(int, cuDeviceGetAttribute, int *value, int attribute, int device)
{
	*value = attribute == 124 && fake_gpu_exists(device) &&
		!fake_cuda.no_export;
	return fake_gpu_enter(__func__);
}

/* ---- contexts: a context is its entry in fake_gpu.contexts ---- */

FAKE_GPU_CALL(int, cuDevicePrimaryCtxRetain, void **context, int device)
{
	int result = fake_gpu_enter(__func__);

	if (result)
		return result;
	if (!fake_gpu_exists(device))
		return FAKE_GPU_INVALID_DEVICE;
	*context = &fake_gpu.contexts[device];
	__atomic_add_fetch(&fake_gpu.contexts[device], 1, __ATOMIC_SEQ_CST);
	return 0;
}

FAKE_GPU_CALL(int, cuDevicePrimaryCtxRelease_v2, int device)
{
	int result = fake_gpu_enter(__func__);

	if (result)
		return result;
	if (current >= 0)
		fake_gpu_misuse("release of the current context");
	__atomic_sub_fetch(&fake_gpu.contexts[device], 1, __ATOMIC_SEQ_CST);
	return 0;
}

FAKE_GPU_CALL(int, cuCtxPushCurrent_v2, void *context)
{
	int result = fake_gpu_enter(__func__);

	if (result)
		return result;
	if (!*(int *)context || current >= 0) {
		fake_gpu_misuse(current >= 0 ? "push onto another context" :
				"push of a released context");
		return FAKE_GPU_INVALID_CONTEXT;
	}
	current = (int *)context - fake_gpu.contexts;
	return 0;
}

FAKE_GPU_CALL(int, cuCtxPopCurrent_v2, void **context)
{
	int result = enter_current(__func__);

	if (result)
		return result;
	*context = &fake_gpu.contexts[current];
	current = -1;
	return 0;
}

/* ---- memory ---- */

FAKE_GPU_CALL(int, cuMemGetAllocationGranularity, size_t *bytes,
	      const unsigned char *what, int which)
{
	/* pinned; no handles; on a device; its number */
	static const unsigned char wanted[12] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 };
	int result = fake_gpu_enter(__func__);

	if (result)
		return result;
	if (memcmp(what, wanted, sizeof(wanted)) || which) {
		fake_gpu_misuse("properties of an allocation");
		return FAKE_GPU_INVALID_VALUE;
	}
	*bytes = fake_cuda.granularity;
	return 0;
}

FAKE_GPU_CALL(int, cuMemGetInfo_v2, size_t *available, size_t *total)
{
	return enter_current(__func__) ? :
		fake_gpu_memory(current, available, total);
}

FAKE_GPU_CALL(int, cuMemAlloc_v2, uint64_t *address, size_t size)
{
	return enter_current(__func__) ? :
		fake_gpu_alloc(current, address, size);
}

FAKE_GPU_CALL(int, cuMemFree_v2, uint64_t address)
{
	return enter_current(__func__) ? : fake_gpu_free(address);
}

FAKE_GPU_CALL(int, cuPointerSetAttribute, const int *value, int attribute,
	      uint64_t address)
{
	int result = enter_current(__func__);

	if (result)
		return result;
	if (attribute == 6 && *value == 1 && fake_gpu_is_allocated(address, 1))
		return 0;
	fake_gpu_misuse("an attribute other than SYNC_MEMOPS");
	return FAKE_GPU_INVALID_VALUE;
}

FAKE_GPU_CALL(int, cuMemGetHandleForAddressRange, void *handle,
	      uint64_t address, size_t size, int type, unsigned long long flags)
{
	int result = enter_current(__func__) ? : fake_cuda.export_result;

	if (result)
		return result;
	if (type == 1 && !flags)
		return fake_gpu_export(handle, address, size);
	fake_gpu_misuse("a handle that is not a dma-buf");
	return FAKE_GPU_INVALID_VALUE;
}

FAKE_GPU_CALL(int, cuMemcpyDtoH_v2, void *to, uint64_t from, size_t size)
{
	return enter_current(__func__) ? : fake_gpu_read(to, from, size);
}

FAKE_GPU_CALL(int, cuMemcpyHtoD_v2, uint64_t to, const void *from, size_t size)
{
	return enter_current(__func__) ? : fake_gpu_write(to, from, size);
}

#define SYMBOL(name)	{ #name, (void *)name }

const struct fake_symbol fake_cuda_symbols[] = {
	SYMBOL(cuGetErrorName),
	SYMBOL(cuInit),
	SYMBOL(cuDeviceGetCount),
	SYMBOL(cuDeviceGet),
	SYMBOL(cuDeviceGetByPCIBusId),
	SYMBOL(cuDeviceGetName),
	SYMBOL(cuDeviceGetPCIBusId),
	SYMBOL(cuDeviceGetAttribute),
	SYMBOL(cuDevicePrimaryCtxRetain),
	SYMBOL(cuDevicePrimaryCtxRelease_v2),
	SYMBOL(cuCtxPushCurrent_v2),
	SYMBOL(cuCtxPopCurrent_v2),
	SYMBOL(cuMemGetAllocationGranularity),
	SYMBOL(cuMemGetInfo_v2),
	SYMBOL(cuMemAlloc_v2),
	SYMBOL(cuMemFree_v2),
	SYMBOL(cuPointerSetAttribute),
	SYMBOL(cuMemGetHandleForAddressRange),
	SYMBOL(cuMemcpyDtoH_v2),
	SYMBOL(cuMemcpyHtoD_v2),
	{ NULL, NULL },
};
