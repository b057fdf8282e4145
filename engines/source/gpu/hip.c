/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_source=hip[:GPU]: memory of an AMD GPU, exported by its driver. The
 * CPU does not map it: read and write copy through the runtime.
 *
 * HIP does not survive a fork, so it is first used in open, after fio has
 * forked. HIP has a current GPU per thread, which is set before each call that
 * depends on it.
 *
 * hipMemGetHandleForAddressRange() exports the dma-buf. Before ROCm 7, HIP has
 * no such call, and ROCr, on which HIP is built, does the same.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gpu.h"
#include "hip-runtime.h"

/*
 * ROCr carves smaller allocations out of blocks of this size and exports whole
 * blocks only, so that a dma-buf would not begin at the allocation.
 */
#define HIP_BLOCK	(2ULL << 20)

struct hip {
	struct hip_runtime runtime;
	void *library;
	int device;
};

static int hip_failed(const struct dmabuf_source *source,
		      const struct hip *hip, const char *call, int result,
		      struct dmabuf_error *err)
{
	return dmabuf_gpu_failed(source, &dmabuf_hip_library, call,
				 hip->runtime.error_name(result), err);
}

static int hip_find_device(const struct dmabuf_source *source, struct hip *hip,
			   struct dmabuf_error *err)
{
	const struct hip_runtime *runtime = &hip->runtime;
	int result, count = 0;

	result = runtime->init(0);
	if (result && result != HIP_NO_DEVICE)
		return hip_failed(source, hip, "hipInit", result, err);
	if (!result)
		result = runtime->device_count(&count);
	if (result == HIP_NO_DEVICE)
		return dmabuf_gpu_not_found(source, &dmabuf_hip_library, 0,
					    err);
	if (result)
		return hip_failed(source, hip, "hipGetDeviceCount", result,
				  err);
	hip->device = dmabuf_gpu_number(&source->option);
	if (hip->device >= count ||
	    (hip->device < 0 &&
	     runtime->device_by_address(&hip->device, source->option.arg)))
		return dmabuf_gpu_not_found(source, &dmabuf_hip_library, count,
					    err);
	result = runtime->device_set(hip->device);
	if (result)
		return hip_failed(source, hip, "hipSetDevice", result, err);
	return 0;
}

static int hip_describe(struct dmabuf_source *source, const struct hip *hip,
			struct dmabuf_error *err)
{
	const struct hip_runtime *runtime = &hip->runtime;
	const char *call = "hipDeviceGetName";
	char name[64], address[24];
	int result;

	result = runtime->device_name(name, sizeof(name), hip->device);
	if (!result) {
		call = "hipDeviceGetPCIBusId";
		result = runtime->device_address(address, sizeof(address),
						 hip->device);
	}
	if (result)
		return hip_failed(source, hip, call, result, err);
	snprintf(source->detail, sizeof(source->detail), "%s, %s", name,
		 address);
	return 0;
}

static int hip_open(struct dmabuf_source *source, struct dmabuf_error *err)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	struct hip *hip = calloc(1, sizeof(*hip));
	int ret;

	if (!hip)
		return dmabuf_source_no_memory(source, err);
	ret = dmabuf_gpu_load(source, &dmabuf_hip_library, &hip->runtime,
			      &hip->library, err);
	if (ret)
		goto free_state;
	ret = hip_find_device(source, hip, err);
	if (ret)
		goto close_library;
	if (!hip->runtime.export_range && !hip->runtime.export_rocr) {
		ret = dmabuf_gpu_no_export(source, &dmabuf_hip_library, err);
		goto close_library;
	}
	ret = hip_describe(source, hip, err);
	if (ret)
		goto close_library;
	source->granule = page > HIP_BLOCK ? page : HIP_BLOCK;
	source->shadowed = true;
	source->state = hip;
	return 0;

close_library:
	dlclose(hip->library);
free_state:
	free(hip);
	return ret;
}

static void hip_close(struct dmabuf_source *source)
{
	struct hip *hip = source->state;

	dlclose(hip->library);
	free(hip);
}

static int hip_limit(const struct dmabuf_source *source, uint64_t *bytes,
		     struct dmabuf_error *err)
{
	const struct hip *hip = source->state;
	size_t available = 0, total;
	int result;

	result = hip->runtime.device_set(hip->device);
	if (!result)
		result = hip->runtime.memory_info(&available, &total);
	if (result)
		return hip_failed(source, hip, "hipMemGetInfo", result, err);
	return dmabuf_gpu_limit(source, available, bytes, err);
}

/* Exports @memory. The descriptor, or -1 and the reason in *@why. */
static int hip_export(const struct hip *hip, void *memory, uint64_t size,
		      const char **why)
{
	const struct hip_runtime *runtime = &hip->runtime;
	uint64_t offset = 0;
	int result, fd = -1;

	*why = "no descriptor returned";
	if (runtime->export_range) {
		result = runtime->export_range(&fd, memory, size,
					       HIP_DMA_BUF_FD, 0);
		if (result)
			*why = runtime->error_name(result);
		return result ? -1 : fd;
	}
	if (runtime->export_rocr(memory, size, &fd, &offset)) {
		*why = "hsa_amd_portable_export_dmabuf failed";
		return -1;
	}
	if (offset) {
		*why = "the memory is part of a larger block";
		close(fd);
		return -1;
	}
	return fd;
}

static int hip_alloc(const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	const struct hip *hip = source->state;
	const struct hip_runtime *runtime = &hip->runtime;
	size_t available = 0, total;
	const char *why;
	void *memory;
	int ret, fd;

	ret = runtime->device_set(hip->device);
	if (ret)
		return hip_failed(source, hip, "hipSetDevice", ret, err);
	ret = runtime->memory_alloc(&memory, chunk->size);
	if (ret == HIP_OUT_OF_MEMORY) {
		runtime->memory_info(&available, &total);
		return dmabuf_gpu_no_memory(source, chunk->size, available,
					    err);
	}
	if (ret)
		return hip_failed(source, hip, "hipMalloc", ret, err);
	fd = hip_export(hip, memory, chunk->size, &why);
	if (fd < 0)
		ret = dmabuf_gpu_export_failed(source, &dmabuf_hip_library,
					       chunk->size, why, err);
	else
		ret = dmabuf_gpu_adopt(source, fd, chunk, err);
	if (ret)
		runtime->memory_free(memory);
	else
		chunk->handle = (uintptr_t)memory;
	return ret;
}

static int hip_errno(int result)
{
	switch (result) {
	case HIP_SUCCESS:
		return 0;
	case HIP_DEINITIALIZED:
	case HIP_NO_DEVICE:
	case HIP_INVALID_DEVICE:
	case HIP_CONTEXT_IS_DESTROYED:
	case HIP_UNKNOWN:	/* for instance when the GPU is gone */
		return -ENODEV;
	}
	return -EIO;
}

static void *hip_address(const struct dmabuf_chunk *chunk, uint64_t offset)
{
	return (void *)(uintptr_t)(chunk->handle + offset);
}

static int hip_read(const struct dmabuf_source *source,
		    const struct dmabuf_chunk *chunk,
		    const struct dmabuf_part *part)
{
	const struct hip *hip = source->state;
	int result = hip->runtime.device_set(hip->device);

	if (!result)
		result = hip->runtime.to_host(part->address,
			hip_address(chunk, part->offset), part->size);
	return hip_errno(result);
}

static int hip_write(const struct dmabuf_source *source,
		     const struct dmabuf_chunk *chunk,
		     const struct dmabuf_part *part)
{
	const struct hip *hip = source->state;
	int result = hip->runtime.device_set(hip->device);

	if (!result)
		result = hip->runtime.to_device(
			hip_address(chunk, part->offset), part->address,
			part->size);
	/* The copy may have returned before the drive sees the data. */
	if (!result)
		result = hip->runtime.wait();
	return hip_errno(result);
}

static void hip_free(const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk)
{
	const struct hip *hip = source->state;

	close(chunk->fd);
	if (!hip->runtime.device_set(hip->device))
		hip->runtime.memory_free(hip_address(chunk, 0));
}

const struct dmabuf_source_kind dmabuf_source_hip = {
	.name = "hip",
	.exports = true,
	.parse = dmabuf_gpu_parse,
	.open = hip_open,
	.close = hip_close,
	.limit = hip_limit,
	.alloc = hip_alloc,
	.read = hip_read,
	.write = hip_write,
	.free = hip_free,
};
