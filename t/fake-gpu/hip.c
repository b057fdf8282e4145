/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libamdhip64.so, as much of it as source hip calls, and ROCr's call that
 * exports memory. A thread works on the GPU that it has chosen, or on the
 * first. The numbers of the interface are written out by hand. A call that
 * fails has no effect.
 */
#include <string.h>

#include "hip.h"

/* HSA_STATUS_ERROR */
#define HSA_ERROR	0x1000

struct fake_hip fake_hip;
__thread int fake_hip_current;

void fake_hip_reset(void)
{
	memset(&fake_hip, 0, sizeof(fake_hip));
	fake_hip_current = 0;
}

static int device(void)
{
	return fake_hip_current ? fake_hip_current - 1 : 0;
}

/* Of a call that works on the thread's GPU. */
static int enter_device(const char *call)
{
	int result = fake_gpu_enter(call);

	if (result || !fake_hip.wanted || fake_hip_current == fake_hip.wanted)
		return result;
	fake_gpu_misuse("a call on another GPU");
	return FAKE_GPU_INVALID_DEVICE;
}

FAKE_GPU_CALL(const char *, hipGetErrorName, int result)
{
	switch (result) {
	case FAKE_GPU_INVALID_VALUE:
		return "hipErrorInvalidValue";
	case FAKE_GPU_OUT_OF_MEMORY:
		return "hipErrorOutOfMemory";
	case FAKE_GPU_NOT_INITIALIZED:
		return "hipErrorNotInitialized";
	case FAKE_GPU_NO_DEVICE:
		return "hipErrorNoDevice";
	case FAKE_GPU_INVALID_DEVICE:
		return "hipErrorInvalidDevice";
	case FAKE_GPU_NOT_SUPPORTED:
		return "hipErrorNotSupported";
	}
	return "hipErrorUnknown";
}

/* ---- devices ---- */

FAKE_GPU_CALL(int, hipInit, unsigned int flags)
{
	return fake_gpu_init(__func__) ? :
		flags ? FAKE_GPU_INVALID_VALUE : 0;
}

FAKE_GPU_CALL(int, hipGetDeviceCount, int *count)
{
	*count = fake_gpu.count;
	return fake_gpu_enter(__func__) ? : *count ? 0 : FAKE_GPU_NO_DEVICE;
}

FAKE_GPU_CALL(int, hipDeviceGetByPCIBusId, int *number, const char *address)
{
	return fake_gpu_enter(__func__) ? :
		fake_gpu_by_address(number, address);
}

FAKE_GPU_CALL(int, hipDeviceGetName, char *name, int size, int number)
{
	return fake_gpu_enter(__func__) ? : fake_gpu_name(name, size, number);
}

FAKE_GPU_CALL(int, hipDeviceGetPCIBusId, char *address, int size, int number)
{
	return fake_gpu_enter(__func__) ? :
		fake_gpu_address(address, size, number);
}

FAKE_GPU_CALL(int, hipSetDevice, int number)
{
	int result = fake_gpu_enter(__func__);

	if (result)
		return result;
	if (!fake_gpu_exists(number))
		return FAKE_GPU_INVALID_DEVICE;
	fake_hip_current = number + 1;
	return 0;
}

/* ---- memory ---- */

FAKE_GPU_CALL(int, hipMemGetInfo, size_t *available, size_t *total)
{
	return enter_device(__func__) ? :
		fake_gpu_memory(device(), available, total);
}

FAKE_GPU_CALL(int, hipMalloc, void **address, size_t size)
{
	return enter_device(__func__) ? :
		fake_gpu_alloc(device(), (uint64_t *)address, size);
}

FAKE_GPU_CALL(int, hipFree, void *address)
{
	return enter_device(__func__) ? : fake_gpu_free((uintptr_t)address);
}

FAKE_GPU_CALL(int, hipMemcpyDtoH, void *to, void *from, size_t size)
{
	return enter_device(__func__) ? :
		fake_gpu_read(to, (uintptr_t)from, size);
}

FAKE_GPU_CALL(int, hipMemcpyHtoD, void *to, const void *from, size_t size)
{
	int result = enter_device(__func__) ? :
		fake_gpu_write((uintptr_t)to, from, size);

	if (!result)
		fake_hip.written = true;
	return result;
}

FAKE_GPU_CALL(int, hipDeviceSynchronize, void)
{
	int result = enter_device(__func__);

	if (!result)
		fake_hip.written = false;
	return result;
}

FAKE_GPU_CALL(int, hsa_amd_portable_export_dmabuf, const void *address,
	      size_t size, int *fd, uint64_t *offset)
{
	int result = fake_gpu_enter(__func__);

	*offset = fake_hip.offset;
	if (!result && fake_gpu_export(fd, (uintptr_t)address, size))
		result = HSA_ERROR;
	return result;
}

FAKE_GPU_CALL(int, hipMemGetHandleForAddressRange, void *handle, void *address,
	      size_t size, int type, unsigned long long flags)
{
	int result = enter_device(__func__) ? : fake_hip.export_result;

	if (result || fake_hip.no_fd)
		return result;
	if (type == 1 && !flags)
		return fake_gpu_export(handle, (uintptr_t)address, size);
	fake_gpu_misuse("a handle that is not a dma-buf");
	return FAKE_GPU_INVALID_VALUE;
}

#define SYMBOL(name)	{ #name, (void *)name }

const struct fake_symbol fake_hip_symbols[] = {
	SYMBOL(hipGetErrorName),
	SYMBOL(hipInit),
	SYMBOL(hipGetDeviceCount),
	SYMBOL(hipDeviceGetByPCIBusId),
	SYMBOL(hipDeviceGetName),
	SYMBOL(hipDeviceGetPCIBusId),
	SYMBOL(hipSetDevice),
	SYMBOL(hipMemGetInfo),
	SYMBOL(hipMalloc),
	SYMBOL(hipFree),
	SYMBOL(hipMemcpyDtoH),
	SYMBOL(hipMemcpyHtoD),
	SYMBOL(hipDeviceSynchronize),
	SYMBOL(hsa_amd_portable_export_dmabuf),
	/* The last: ROCm 5 and 6 end before it. */
	SYMBOL(hipMemGetHandleForAddressRange),
	{ NULL, NULL },
};
