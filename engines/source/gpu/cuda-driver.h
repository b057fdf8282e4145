/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of NVIDIA's CUDA driver API that source cuda calls, in libcuda.so.1.
 * Facts of the "CUDA Driver API" reference (docs.nvidia.com/cuda), restated:
 * names, types and numbers of CUDA 11.7, the first version with dma-bufs.
 */
#ifndef DMABUF_CUDA_DRIVER_H
#define DMABUF_CUDA_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "gpu.h"

/* CUresult */
#define CUDA_SUCCESS			0
#define CUDA_OUT_OF_MEMORY		2
#define CUDA_DEINITIALIZED		4
#define CUDA_DEVICE_UNAVAILABLE		46
#define CUDA_NO_DEVICE			100
#define CUDA_INVALID_DEVICE		101
#define CUDA_CONTEXT_IS_DESTROYED	709
#define CUDA_UNKNOWN			999

/* a CUdevice_attribute, a CUpointer_attribute, a CUmemRangeHandleType */
#define CUDA_DMA_BUF_SUPPORTED		124
#define CUDA_SYNC_MEMOPS		6
#define CUDA_DMA_BUF_FD			1
#define CUDA_GRANULARITY_MINIMUM	0

/* CUmemAllocationProp */
struct cuda_allocation {
	int type;		/* 1: pinned */
	int handle_types;
	int location_type;	/* 1: a device */
	int location;
	void *win32;
	unsigned char flags[8];
};

/*
 * CUresult and CUdevice are int, CUdeviceptr is 64 bits, CUcontext a pointer.
 */
struct cuda_driver {
	int (*error_name)(int result, const char **name);
	int (*init)(unsigned int flags);
	int (*device_count)(int *count);
	int (*device_get)(int *device, int number);
	int (*device_by_address)(int *device, const char *address);
	int (*device_name)(char *name, int size, int device);
	int (*device_address)(char *address, int size, int device);
	int (*device_attribute)(int *value, int attribute, int device);
	int (*context_retain)(void **context, int device);
	int (*context_release)(int device);
	int (*context_push)(void *context);
	int (*context_pop)(void **context);
	int (*granularity)(size_t *bytes, const struct cuda_allocation *what,
			   int which);
	int (*memory_info)(size_t *available, size_t *total);
	int (*memory_alloc)(uint64_t *address, size_t size);
	int (*memory_free)(uint64_t address);
	int (*set_attribute)(const void *value, int attribute,
			     uint64_t address);
	int (*export_range)(void *handle, uint64_t address, size_t size,
			    int type, unsigned long long flags);
	int (*to_host)(void *to, uint64_t from, size_t size);
	int (*to_device)(uint64_t to, const void *from, size_t size);
};

/* For dmabuf_gpu_load() and the errors. */
extern const struct dmabuf_gpu_library dmabuf_cuda_library;

#endif
