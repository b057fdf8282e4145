/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fakes as a library, for system tests on machines without a GPU. All
 * device memory is in one sparse memfd and exported through /dev/udmabuf.
 * Environment variables decide what GPUs there are and what fails:
 *
 * FAKE_GPU_COUNT=N	GPUs, up to 8 (1)
 * FAKE_GPU_MEMORY=N	MiB of each (64)
 * FAKE_GPU_FAIL=NAME	this function fails
 * FAKE_GPU_EXPORT=no	the driver does not export dma-bufs; =memfd: it
 *			exports a memfd, where there is no /dev/udmabuf
 */
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cuda.h"
#include "gpu.h"
#include "hip.h"

static const char *failing;	/* the function, or NULL */
static bool exports_memfd;
static int memfd = -1;		/* an allocation every 4 GiB */
static int udmabuf = -1;

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static bool is_set(const char *name, const char *value)
{
	const char *text = getenv(name);

	return text && !strcmp(text, value);
}

/* ---- the backend ---- */

static int enter(const char *call)
{
	return failing && !strcmp(failing, call) ? FAKE_GPU_UNKNOWN : 0;
}

static void misuse(const char *rule)
{
	fprintf(stderr, "fake-gpu: misuse: %s\n", rule);
}

static int init(void)
{
	udmabuf = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	memfd = memfd_create("fake-gpu", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memfd < 0 || ftruncate(memfd, (off_t)FAKE_ALLOCATIONS_MAX << 32) ||
	    fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		return FAKE_GPU_OUT_OF_MEMORY;
	return 0;
}

static off_t offset_of(unsigned int index)
{
	return (off_t)index << 32;
}

/* The memfd takes a page when something is written to it. */
static int allocate(unsigned int index, uint64_t size)
{
	(void)index;
	(void)size;
	return 0;
}

static void release(unsigned int index, uint64_t size)
{
	fallocate(memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		  offset_of(index), size);
}

static int export(unsigned int index, uint64_t size)
{
	struct udmabuf_create create = {
		.memfd = memfd,
		.offset = offset_of(index),
		.size = size,
	};

	return exports_memfd ? dup(memfd) :
		ioctl(udmabuf, UDMABUF_CREATE, &create);
}

static int copy_out(void *to, unsigned int index, uint64_t offset, size_t size)
{
	ssize_t done = pread(memfd, to, size, offset_of(index) + offset);

	return done == (ssize_t)size ? 0 : FAKE_GPU_INVALID_VALUE;
}

static int copy_in(unsigned int index, uint64_t offset, const void *from,
		   size_t size)
{
	ssize_t done = pwrite(memfd, from, size, offset_of(index) + offset);

	return done == (ssize_t)size ? 0 : FAKE_GPU_INVALID_VALUE;
}

static const struct fake_gpu_backend backend = {
	.enter = enter,
	.misuse = misuse,
	.init = init,
	.alloc = allocate,
	.free = release,
	.export = export,
	.read = copy_out,
	.write = copy_in,
};

/* ---- begin and end ---- */

__attribute__((constructor)) static void begin(void)
{
	int i;

	fake_gpu_reset(&backend);
	fake_cuda_reset();
	fake_hip_reset();
	fake_gpu.count = number("FAKE_GPU_COUNT", 1);
	if (fake_gpu.count > FAKE_GPUS_MAX)
		fake_gpu.count = FAKE_GPUS_MAX;
	for (i = 0; i < fake_gpu.count; i++)
		fake_gpu.available[i] = number("FAKE_GPU_MEMORY", 64) << 20;
	fake_cuda.no_export = is_set("FAKE_GPU_EXPORT", "no");
	exports_memfd = is_set("FAKE_GPU_EXPORT", "memfd");
	failing = getenv("FAKE_GPU_FAIL");
}

__attribute__((destructor)) static void end(void)
{
	int left = fake_gpu_left();

	if (left)
		fprintf(stderr, "fake-gpu: %d left\n", left);
}
