/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AMD's HIP runtime library: its names, the symbols for struct hip_runtime,
 * and the words for its errors.
 */
#include "hip-runtime.h"

#define SYMBOL(member, symbol)	\
	{ symbol, offsetof(struct hip_runtime, member), false }
#define OPTIONAL(member, symbol)	\
	{ symbol, offsetof(struct hip_runtime, member), true }

static const struct dmabuf_gpu_symbol symbols[] = {
	SYMBOL(error_name, "hipGetErrorName"),
	SYMBOL(init, "hipInit"),
	SYMBOL(device_count, "hipGetDeviceCount"),
	SYMBOL(device_by_address, "hipDeviceGetByPCIBusId"),
	SYMBOL(device_name, "hipDeviceGetName"),
	SYMBOL(device_address, "hipDeviceGetPCIBusId"),
	SYMBOL(device_set, "hipSetDevice"),
	SYMBOL(memory_info, "hipMemGetInfo"),
	SYMBOL(memory_alloc, "hipMalloc"),
	SYMBOL(memory_free, "hipFree"),
	SYMBOL(to_host, "hipMemcpyDtoH"),
	SYMBOL(to_device, "hipMemcpyHtoD"),
	SYMBOL(wait, "hipDeviceSynchronize"),
	OPTIONAL(export_range, "hipMemGetHandleForAddressRange"),
	/* dlsym() also searches the library's dependencies. */
	OPTIONAL(export_rocr, "hsa_amd_portable_export_dmabuf"),
	{ NULL, 0, false },
};

static const char *const names[] = {
	"libamdhip64.so",
	"libamdhip64.so.7",
	"libamdhip64.so.6",
	"libamdhip64.so.5",
	NULL,
};

const struct dmabuf_gpu_library dmabuf_hip_library = {
	.names = names,
	.symbols = symbols,
	.package = "AMD's ROCm (Debian package libamdhip64-5 or later), and check LD_LIBRARY_PATH",
	.version = "ROCm 5.3",
	.lister = "rocminfo",
	.filter = "HIP_VISIBLE_DEVICES",
	.exporter = "a kernel with CONFIG_PCI_P2PDMA and CONFIG_DMABUF_MOVE_NOTIFY, and a newer ROCm",
};
