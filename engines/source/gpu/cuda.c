/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_source=cuda[:GPU]: memory of an NVIDIA GPU, exported by its driver.
 * The CPU does not map it: read and write copy through the driver.
 *
 * CUDA does not survive a fork, so it is first used in open, after fio has
 * forked. The jobs of a process share the GPU's primary context, and each
 * holds a reference. The context is current in a thread only during a call
 * made here, because other code may use fio's threads as well.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cuda-driver.h"
#include "gpu.h"

/*
 * The page size of GPU memory. Smaller allocations share a page and may not
 * begin on a boundary of the host's pages, which makes them impossible to
 * export.
 */
#define CUDA_PAGE	(2ULL << 20)

struct cuda {
	struct cuda_driver driver;
	void *library;
	void *context;
	int device;
};

static const char *cuda_error_name(const struct cuda *cuda, int result)
{
	const char *name = NULL;

	cuda->driver.error_name(result, &name);
	return name ? name : "an error without a name";
}

static int cuda_failed(const struct dmabuf_source *source,
		       const struct cuda *cuda, const char *call, int result,
		       struct dmabuf_error *err)
{
	return dmabuf_gpu_failed(source, &dmabuf_cuda_library, call,
				 cuda_error_name(cuda, result), err);
}

static int cuda_enter(const struct cuda *cuda)
{
	return cuda->driver.context_push(cuda->context);
}

static void cuda_leave(const struct cuda *cuda)
{
	void *context;

	cuda->driver.context_pop(&context);
}

static int cuda_find_device(const struct dmabuf_source *source,
			    struct cuda *cuda, struct dmabuf_error *err)
{
	const struct cuda_driver *driver = &cuda->driver;
	int number = dmabuf_gpu_number(&source->option);
	int result, count = 0;

	result = driver->init(0);
	if (result == CUDA_NO_DEVICE)
		return dmabuf_gpu_not_found(source, &dmabuf_cuda_library, 0,
					    err);
	if (result)
		return cuda_failed(source, cuda, "cuInit", result, err);
	result = driver->device_count(&count);
	if (result)
		return cuda_failed(source, cuda, "cuDeviceGetCount", result,
				   err);
	if (number >= count ||
	    (number < 0 &&
	     driver->device_by_address(&cuda->device, source->option.arg)))
		return dmabuf_gpu_not_found(source, &dmabuf_cuda_library, count,
					    err);
	if (number >= 0)
		result = driver->device_get(&cuda->device, number);
	if (result)
		return cuda_failed(source, cuda, "cuDeviceGet", result, err);
	return 0;
}

static int cuda_describe(struct dmabuf_source *source,
			 const struct cuda *cuda, struct dmabuf_error *err)
{
	const struct cuda_driver *driver = &cuda->driver;
	char name[64], address[24];
	const char *call = "cuDeviceGetName";
	int result, supported = 0;

	result = driver->device_attribute(&supported, CUDA_DMA_BUF_SUPPORTED,
					  cuda->device);
	if (result || !supported)
		return dmabuf_gpu_no_export(source, &dmabuf_cuda_library, err);
	result = driver->device_name(name, sizeof(name), cuda->device);
	if (!result) {
		call = "cuDeviceGetPCIBusId";
		result = driver->device_address(address, sizeof(address),
						cuda->device);
	}
	if (result)
		return cuda_failed(source, cuda, call, result, err);
	snprintf(source->detail, sizeof(source->detail), "%s, %s", name,
		 address);
	return 0;
}

static uint64_t cuda_granule(const struct cuda *cuda)
{
	struct cuda_allocation what = {
		.type = 1,
		.location_type = 1,
		.location = cuda->device,
	};
	uint64_t page = sysconf(_SC_PAGESIZE);
	size_t bytes = 0;

	if (!cuda->driver.granularity ||
	    cuda->driver.granularity(&bytes, &what,
				     CUDA_GRANULARITY_MINIMUM) || !bytes)
		bytes = CUDA_PAGE;
	return bytes < page ? page : bytes;
}

static int cuda_open(struct dmabuf_source *source, struct dmabuf_error *err)
{
	struct cuda *cuda = calloc(1, sizeof(*cuda));
	int ret;

	if (!cuda)
		return dmabuf_source_no_memory(source, err);
	ret = dmabuf_gpu_load(source, &dmabuf_cuda_library, &cuda->driver,
			      &cuda->library, err);
	if (ret)
		goto free_state;
	ret = cuda_find_device(source, cuda, err);
	if (!ret)
		ret = cuda_describe(source, cuda, err);
	if (ret)
		goto close_library;
	ret = cuda->driver.context_retain(&cuda->context, cuda->device);
	if (ret) {
		ret = cuda_failed(source, cuda, "cuDevicePrimaryCtxRetain",
				  ret, err);
		goto close_library;
	}
	source->granule = cuda_granule(cuda);
	source->shadowed = true;
	source->state = cuda;
	return 0;

close_library:
	dlclose(cuda->library);
free_state:
	free(cuda);
	return ret;
}

static void cuda_close(struct dmabuf_source *source)
{
	struct cuda *cuda = source->state;

	cuda->driver.context_release(cuda->device);
	dlclose(cuda->library);
	free(cuda);
}

static int cuda_limit(const struct dmabuf_source *source, uint64_t *bytes,
		      struct dmabuf_error *err)
{
	const struct cuda *cuda = source->state;
	size_t available = 0, total;
	int result;

	result = cuda_enter(cuda);
	if (!result) {
		result = cuda->driver.memory_info(&available, &total);
		cuda_leave(cuda);
	}
	if (result)
		return cuda_failed(source, cuda, "cuMemGetInfo", result, err);
	return dmabuf_gpu_limit(source, available, bytes, err);
}

/* The context must be current. */
static int cuda_alloc_current(const struct dmabuf_source *source,
			      struct dmabuf_chunk *chunk,
			      struct dmabuf_error *err)
{
	const struct cuda *cuda = source->state;
	const struct cuda_driver *driver = &cuda->driver;
	size_t available = 0, total;
	int ret, fd = -1, on = 1;

	ret = driver->memory_alloc(&chunk->handle, chunk->size);
	if (ret == CUDA_OUT_OF_MEMORY) {
		driver->memory_info(&available, &total);
		return dmabuf_gpu_no_memory(source, chunk->size, available,
					    err);
	}
	if (ret)
		return cuda_failed(source, cuda, "cuMemAlloc", ret, err);

	/* Otherwise a copy may return before the drive sees the data. */
	ret = driver->set_attribute(&on, CUDA_SYNC_MEMOPS, chunk->handle);
	if (ret) {
		ret = cuda_failed(source, cuda, "cuPointerSetAttribute", ret,
				  err);
		goto free_memory;
	}
	ret = driver->export_range(&fd, chunk->handle, chunk->size,
				   CUDA_DMA_BUF_FD, 0);
	if (ret) {
		ret = dmabuf_gpu_export_failed(source, &dmabuf_cuda_library,
					       chunk->size,
					       cuda_error_name(cuda, ret), err);
		goto free_memory;
	}
	ret = dmabuf_gpu_adopt(source, fd, chunk, err);
	if (!ret)
		return 0;

free_memory:
	driver->memory_free(chunk->handle);
	return ret;
}

static int cuda_alloc(const struct dmabuf_source *source,
		      struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	const struct cuda *cuda = source->state;
	int ret = cuda_enter(cuda);

	if (ret)
		return cuda_failed(source, cuda, "cuCtxPushCurrent", ret,
				   err);
	ret = cuda_alloc_current(source, chunk, err);
	cuda_leave(cuda);
	return ret;
}

static int cuda_errno(int result)
{
	switch (result) {
	case CUDA_SUCCESS:
		return 0;
	case CUDA_DEINITIALIZED:
	case CUDA_DEVICE_UNAVAILABLE:
	case CUDA_NO_DEVICE:
	case CUDA_INVALID_DEVICE:
	case CUDA_CONTEXT_IS_DESTROYED:
	case CUDA_UNKNOWN:	/* for instance when the GPU fell off the bus */
		return -ENODEV;
	}
	return -EIO;
}

static int cuda_read(const struct dmabuf_source *source,
		     const struct dmabuf_chunk *chunk,
		     const struct dmabuf_part *part)
{
	const struct cuda *cuda = source->state;
	int result = cuda_enter(cuda);

	if (!result) {
		result = cuda->driver.to_host(part->address,
					      chunk->handle + part->offset,
					      part->size);
		cuda_leave(cuda);
	}
	return cuda_errno(result);
}

static int cuda_write(const struct dmabuf_source *source,
		      const struct dmabuf_chunk *chunk,
		      const struct dmabuf_part *part)
{
	const struct cuda *cuda = source->state;
	int result = cuda_enter(cuda);

	if (!result) {
		result = cuda->driver.to_device(chunk->handle + part->offset,
						part->address, part->size);
		cuda_leave(cuda);
	}
	return cuda_errno(result);
}

static void cuda_free(const struct dmabuf_source *source,
		      struct dmabuf_chunk *chunk)
{
	const struct cuda *cuda = source->state;

	close(chunk->fd);
	if (cuda_enter(cuda))
		return;
	cuda->driver.memory_free(chunk->handle);
	cuda_leave(cuda);
}

const struct dmabuf_source_kind dmabuf_source_cuda = {
	.name = "cuda",
	.exports = true,
	.parse = dmabuf_gpu_parse,
	.open = cuda_open,
	.close = cuda_close,
	.limit = cuda_limit,
	.alloc = cuda_alloc,
	.read = cuda_read,
	.write = cuda_write,
	.free = cuda_free,
};
