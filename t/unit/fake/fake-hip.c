/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A runtime that insists on the right GPU for the thread in each call that
 * needs one. Numbers of the interface are written out by hand.
 */
#include <stdio.h>
#include <string.h>

#include "fake-gpu.h"
#include "fake-hip.h"

struct fake_hip fake_hip;
__thread int fake_hip_current;

static bool is_current(void)
{
	if (fake_hip_current == fake_hip.wanted)
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
	snprintf(name, size, FAKE_HIP_NAME "%d", device);
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
	fake_hip_current = device + 1;
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
	fake_hip.written = true;
	return 0;
}

static int hip_wait(void)
{
	is_current();
	fake_hip.written = false;
	return fake_gpu_call("hipDeviceSynchronize");
}

static int hip_export(void *handle, void *address, size_t size, int type,
		      unsigned long long flags)
{
	int result = fake_gpu_call(FAKE_HIP_EXPORT);

	if (!result)
		result = fake_hip.export_result;
	if (result || fake_hip.no_fd)
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
	*offset = fake_hip.offset;
	return *fd < 0 ? 4096 : 0;
}

const struct fake_symbol fake_hip_symbols[] = {
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
	{ FAKE_HIP_EXPORT, (void *)hip_export },
	{ NULL, NULL },
};

void fake_hip_reset(void)
{
	fake_gpu_reset("libamdhip64.so.6", fake_hip_symbols);
	memset(&fake_hip, 0, sizeof(fake_hip));
	fake_hip_current = 0;
	fake_hip.wanted = 1;
}
