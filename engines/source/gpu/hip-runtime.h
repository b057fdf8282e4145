/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of AMD's HIP runtime API that source hip calls, in libamdhip64.so,
 * and one call of ROCr, on which it is built (libhsa-runtime64.so). Facts of
 * the "HIP Runtime API" and "ROCr" references (rocm.docs.amd.com), restated:
 * names, types and numbers are the same in ROCm 5 to 7.
 */
#ifndef DMABUF_HIP_RUNTIME_H
#define DMABUF_HIP_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "gpu.h"

/* hipError_t */
#define HIP_SUCCESS			0
#define HIP_OUT_OF_MEMORY		2
#define HIP_DEINITIALIZED		4
#define HIP_NO_DEVICE			100
#define HIP_INVALID_DEVICE		101
#define HIP_CONTEXT_IS_DESTROYED	709
#define HIP_UNKNOWN			999

/* hipMemRangeHandleType */
#define HIP_DMA_BUF_FD			1

/* hipError_t and hipDevice_t are int, hipDeviceptr_t is a pointer. */
struct hip_runtime {
	const char *(*error_name)(int result);
	int (*init)(unsigned int flags);
	int (*device_count)(int *count);
	int (*device_by_address)(int *device, const char *address);
	int (*device_name)(char *name, int size, int device);
	int (*device_address)(char *address, int size, int device);
	int (*device_set)(int device);
	int (*memory_info)(size_t *available, size_t *total);
	int (*memory_alloc)(void **address, size_t size);
	int (*memory_free)(void *address);
	int (*to_host)(void *to, void *from, size_t size);
	int (*to_device)(void *to, const void *from, size_t size);
	int (*wait)(void);
	/* In HIP since ROCm 7, in ROCr since 5.3 */
	int (*export_range)(void *handle, void *address, size_t size,
			    int type, unsigned long long flags);
	int (*export_rocr)(const void *address, size_t size, int *fd,
			   uint64_t *offset);
};

/* For dmabuf_gpu_load() and the errors. */
extern const struct dmabuf_gpu_library dmabuf_hip_library;

#endif
