/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NVIDIA's driver library: its names, the symbols for struct cuda_driver, and
 * the words for its errors.
 */
#include "cuda-driver.h"

#define SYMBOL(member, symbol)	\
	{ symbol, offsetof(struct cuda_driver, member), false }
#define OPTIONAL(member, symbol)	\
	{ symbol, offsetof(struct cuda_driver, member), true }

/* The header maps the plain names to those with "_v2". */
static const struct dmabuf_gpu_symbol symbols[] = {
	SYMBOL(error_name, "cuGetErrorName"),
	SYMBOL(init, "cuInit"),
	SYMBOL(device_count, "cuDeviceGetCount"),
	SYMBOL(device_get, "cuDeviceGet"),
	SYMBOL(device_by_address, "cuDeviceGetByPCIBusId"),
	SYMBOL(device_name, "cuDeviceGetName"),
	SYMBOL(device_address, "cuDeviceGetPCIBusId"),
	SYMBOL(device_attribute, "cuDeviceGetAttribute"),
	SYMBOL(context_retain, "cuDevicePrimaryCtxRetain"),
	SYMBOL(context_release, "cuDevicePrimaryCtxRelease_v2"),
	SYMBOL(context_push, "cuCtxPushCurrent_v2"),
	SYMBOL(context_pop, "cuCtxPopCurrent_v2"),
	OPTIONAL(granularity, "cuMemGetAllocationGranularity"),
	SYMBOL(memory_info, "cuMemGetInfo_v2"),
	SYMBOL(memory_alloc, "cuMemAlloc_v2"),
	SYMBOL(memory_free, "cuMemFree_v2"),
	SYMBOL(set_attribute, "cuPointerSetAttribute"),
	SYMBOL(export_range, "cuMemGetHandleForAddressRange"),
	SYMBOL(to_host, "cuMemcpyDtoH_v2"),
	SYMBOL(to_device, "cuMemcpyHtoD_v2"),
	{ NULL, 0, false },
};

static const char *const names[] = { "libcuda.so.1", NULL };

const struct dmabuf_gpu_library dmabuf_cuda_library = {
	.names = names,
	.symbols = symbols,
	.package = "NVIDIA's driver (Debian package libcuda1)",
	.version = "NVIDIA's driver 515 (CUDA 11.7)",
	.lister = "nvidia-smi -L",
	.filter = "CUDA_VISIBLE_DEVICES",
	.exporter = "NVIDIA's open kernel modules on a Turing or later GPU",
};
