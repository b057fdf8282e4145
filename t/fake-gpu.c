/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libcuda.so.1 and libamdhip64.so for machines without a GPU, for the tests
 * alone: as much of both as the sources cuda and hip call. Device memory is in
 * a sparse memfd, exported by /dev/udmabuf, and nothing but the copies reaches
 * it by its address. Strict where the vendors are: a CUDA call needs a current
 * context, and nothing works in a process that was forked after cuInit.
 *
 * FAKE_GPU_COUNT=N	GPUs (1)
 * FAKE_GPU_MEMORY=N	MiB of each (64)
 * FAKE_GPU_FAIL=NAME	this function fails
 * FAKE_GPU_EXPORT=no	the driver has no dma-bufs; =memfd: they are memfds,
 *			where there is no /dev/udmabuf
 */
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define NR_PIECES	256
#define NR_GPUS		8
#define FIRST_ADDRESS	0xf00000000000ULL

/* Numbers that both vendors share. */
#define INVALID_VALUE	1
#define OUT_OF_MEMORY	2
#define NOT_INITIALIZED	3
#define NO_DEVICE	100
#define INVALID_DEVICE	101
#define INVALID_CONTEXT	201
#define NOT_SUPPORTED	801

/* A function of a vendor's: one that a program finds by its name. */
#define CALL(name, ...)	int name(__VA_ARGS__); int name(__VA_ARGS__)

static struct {
	pthread_mutex_t lock;
	pid_t pid;
	int memfd;	/* all memory, a piece every 4 GiB */
	int node;	/* /dev/udmabuf */
	int contexts[NR_GPUS];
	struct {
		int device;
		uint64_t size;
	} pieces[NR_PIECES];
} gpu = { .lock = PTHREAD_MUTEX_INITIALIZER };

static __thread int current = -1;
static __thread int depth;

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

/* What each call begins with: 0, or its result. */
static int enter(const char *name)
{
	if (is_set("FAKE_GPU_FAIL", name))
		return 999;
	return gpu.pid == getpid() ? 0 : NOT_INITIALIZED;
}

static int enter_current(const char *name)
{
	return enter(name) ? : current < 0 ? INVALID_CONTEXT : 0;
}

static uint64_t available(void)
{
	uint64_t bytes = number("FAKE_GPU_MEMORY", 64) << 20;
	int i;

	for (i = 0; i < NR_PIECES; i++)
		if (gpu.pieces[i].size && gpu.pieces[i].device == current)
			bytes -= gpu.pieces[i].size;
	return bytes;
}

static uint64_t address_of(int i)
{
	return FIRST_ADDRESS + ((uint64_t)i << 32);
}

/* The piece that has all of it, or -1. */
static int piece_at(uint64_t address, uint64_t size)
{
	int i = (address - FIRST_ADDRESS) >> 32;

	if (address < FIRST_ADDRESS || i >= NR_PIECES ||
	    address + size > address_of(i) + gpu.pieces[i].size)
		return -1;
	return i;
}

static int info(size_t *unused, size_t *total)
{
	pthread_mutex_lock(&gpu.lock);
	*unused = available();
	pthread_mutex_unlock(&gpu.lock);
	*total = number("FAKE_GPU_MEMORY", 64) << 20;
	return 0;
}

static int allocate(uint64_t *address, size_t size)
{
	int i, result = OUT_OF_MEMORY;

	pthread_mutex_lock(&gpu.lock);
	for (i = 0; i < NR_PIECES && gpu.pieces[i].size; i++)
		;
	if (i < NR_PIECES && size <= available()) {
		gpu.pieces[i].device = current;
		gpu.pieces[i].size = size;
		*address = address_of(i);
		result = 0;
	}
	pthread_mutex_unlock(&gpu.lock);
	return result;
}

static int release(uint64_t address)
{
	int i = piece_at(address, 1);

	if (i < 0 || address != address_of(i))
		return INVALID_VALUE;
	pthread_mutex_lock(&gpu.lock);
	fallocate(gpu.memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		  address - FIRST_ADDRESS, gpu.pieces[i].size);
	gpu.pieces[i].size = 0;
	pthread_mutex_unlock(&gpu.lock);
	return 0;
}

static int export(void *handle, uint64_t address, size_t size, int type,
		  unsigned long long flags)
{
	struct udmabuf_create create = { .size = size };
	int i = piece_at(address, size), fd;

	if (i < 0 || type != 1 || flags || (address | size) & 4095)
		return INVALID_VALUE;
	create.memfd = gpu.memfd;
	create.offset = address - FIRST_ADDRESS;
	fd = is_set("FAKE_GPU_EXPORT", "memfd") ? dup(gpu.memfd) :
		ioctl(gpu.node, UDMABUF_CREATE, &create);
	if (fd < 0)
		return NOT_SUPPORTED;
	*(int *)handle = fd;
	return 0;
}

static int copy(void *host, uint64_t address, size_t size, bool out)
{
	off_t offset = address - FIRST_ADDRESS;
	ssize_t done;

	if (piece_at(address, size) < 0)
		return INVALID_VALUE;
	done = out ? pread(gpu.memfd, host, size, offset) :
		pwrite(gpu.memfd, host, size, offset);
	return done == (ssize_t)size ? 0 : INVALID_VALUE;
}

static int initialize(void)
{
	int result = 0;

	pthread_mutex_lock(&gpu.lock);
	if (!gpu.pid) {
		gpu.pid = getpid();
		gpu.node = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
		gpu.memfd = memfd_create("fake-gpu", MFD_CLOEXEC |
					 MFD_ALLOW_SEALING);
		if (gpu.memfd < 0 ||
		    ftruncate(gpu.memfd, (uint64_t)NR_PIECES << 32) ||
		    fcntl(gpu.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
			result = OUT_OF_MEMORY;
	}
	pthread_mutex_unlock(&gpu.lock);
	if (!number("FAKE_GPU_COUNT", 1))
		return NO_DEVICE;
	return result;
}

static int by_address(int *device, const char *text)
{
	unsigned int bus;

	if (sscanf(text, "0000:%x:00.0", &bus) != 1 || bus < 0x81 ||
	    bus >= 0x81 + number("FAKE_GPU_COUNT", 1))
		return INVALID_DEVICE;
	*device = bus - 0x81;
	return 0;
}

__attribute__((destructor)) static void look_what_is_left(void)
{
	int i, left = 0;

	for (i = 0; i < NR_PIECES; i++)
		left += gpu.pieces[i].size != 0;
	for (i = 0; i < NR_GPUS; i++)
		left += gpu.contexts[i];
	if (left && gpu.pid == getpid())
		fprintf(stderr, "fake-gpu: %d left\n", left);
}

/* ---- CUDA: a context is current in the thread that has pushed it ---- */

CALL(cuGetErrorName, int result, const char **name)
{
	*name = result == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" :
		result == NOT_SUPPORTED ? "CUDA_ERROR_NOT_SUPPORTED" :
		result == 999 ? "CUDA_ERROR_UNKNOWN" : "CUDA_ERROR_OTHER";
	return 0;
}

CALL(cuInit, unsigned int flags)
{
	int result = initialize();

	return result ? : enter(__func__) ? : (int)flags;
}

CALL(cuDeviceGetCount, int *count)
{
	*count = number("FAKE_GPU_COUNT", 1);
	return enter(__func__);
}

CALL(cuDeviceGet, int *device, int nr)
{
	*device = nr;
	return enter(__func__);
}

CALL(cuDeviceGetByPCIBusId, int *device, const char *address)
{
	return enter(__func__) ? : by_address(device, address);
}

CALL(cuDeviceGetName, char *name, int size, int device)
{
	snprintf(name, size, "Fake GPU %d", device);
	return enter(__func__);
}

CALL(cuDeviceGetPCIBusId, char *address, int size, int device)
{
	snprintf(address, size, "0000:%02x:00.0", 0x81 + device);
	return enter(__func__);
}

CALL(cuDeviceGetAttribute, int *value, int attribute, int device)
{
	*value = attribute == 124 && device < NR_GPUS &&
		!is_set("FAKE_GPU_EXPORT", "no");
	return enter(__func__);
}

CALL(cuDevicePrimaryCtxRetain, int **context, int device)
{
	pthread_mutex_lock(&gpu.lock);
	*context = &gpu.contexts[device];
	++**context;
	pthread_mutex_unlock(&gpu.lock);
	return enter(__func__);
}

CALL(cuDevicePrimaryCtxRelease_v2, int device)
{
	pthread_mutex_lock(&gpu.lock);
	gpu.contexts[device]--;
	pthread_mutex_unlock(&gpu.lock);
	return enter(__func__);
}

CALL(cuCtxPushCurrent_v2, const int *context)
{
	int result = enter(__func__);

	if (result || !*context || depth)
		return result ? : INVALID_CONTEXT;
	current = context - gpu.contexts;
	depth = 1;
	return 0;
}

CALL(cuCtxPopCurrent_v2, int **context)
{
	*context = NULL;
	current = -1;
	depth = 0;
	return enter(__func__);
}

CALL(cuMemGetInfo_v2, size_t *unused, size_t *total)
{
	return enter_current(__func__) ? : info(unused, total);
}

CALL(cuMemAlloc_v2, uint64_t *address, size_t size)
{
	return enter_current(__func__) ? : allocate(address, size);
}

CALL(cuMemFree_v2, uint64_t address)
{
	return enter_current(__func__) ? : release(address);
}

CALL(cuPointerSetAttribute, const int *value, int attribute, uint64_t address)
{
	return enter_current(__func__) ? :
		*value == 1 && attribute == 6 && piece_at(address, 1) >= 0 ?
		0 : INVALID_VALUE;
}

CALL(cuMemGetHandleForAddressRange, void *handle, uint64_t address,
     size_t size, int type, unsigned long long flags)
{
	return enter_current(__func__) ? :
		export(handle, address, size, type, flags);
}

CALL(cuMemcpyDtoH_v2, void *to, uint64_t from, size_t size)
{
	return enter_current(__func__) ? : copy(to, from, size, true);
}

CALL(cuMemcpyHtoD_v2, uint64_t to, void *from, size_t size)
{
	return enter_current(__func__) ? : copy(from, to, size, false);
}

/* ---- HIP: each thread has a GPU, the first one when it chose none ---- */

static int enter_hip(const char *name)
{
	if (current < 0)
		current = 0;
	return enter(name);
}

const char *hipGetErrorName(int result);
const char *hipGetErrorName(int result)
{
	return result == OUT_OF_MEMORY ? "hipErrorOutOfMemory" :
		result == NOT_SUPPORTED ? "hipErrorNotSupported" :
		result == 999 ? "hipErrorUnknown" : "hipErrorOther";
}

CALL(hipInit, unsigned int flags)
{
	return cuInit(flags) ? : enter_hip(__func__);
}

CALL(hipGetDeviceCount, int *count)
{
	return cuDeviceGetCount(count) ? : enter_hip(__func__);
}

CALL(hipDeviceGetByPCIBusId, int *device, const char *address)
{
	return enter_hip(__func__) ? : by_address(device, address);
}

CALL(hipDeviceGetName, char *name, int size, int device)
{
	return enter_hip(__func__) ? : cuDeviceGetName(name, size, device);
}

CALL(hipDeviceGetPCIBusId, char *address, int size, int device)
{
	return enter_hip(__func__) ? :
		cuDeviceGetPCIBusId(address, size, device);
}

CALL(hipSetDevice, int device)
{
	current = device;
	return enter_hip(__func__);
}

CALL(hipMemGetInfo, size_t *unused, size_t *total)
{
	return enter_hip(__func__) ? : info(unused, total);
}

CALL(hipMalloc, void **address, size_t size)
{
	return enter_hip(__func__) ? : allocate((uint64_t *)address, size);
}

CALL(hipFree, void *address)
{
	return enter_hip(__func__) ? : release((uintptr_t)address);
}

CALL(hipMemcpyDtoH, void *to, void *from, size_t size)
{
	return enter_hip(__func__) ? :
		copy(to, (uintptr_t)from, size, true);
}

CALL(hipMemcpyHtoD, void *to, void *from, size_t size)
{
	return enter_hip(__func__) ? :
		copy(from, (uintptr_t)to, size, false);
}

CALL(hipDeviceSynchronize, void)
{
	return enter_hip(__func__);
}

CALL(hipMemGetHandleForAddressRange, void *handle, void *address,
     size_t size, int type, unsigned long long flags)
{
	return enter_hip(__func__) ? :
		export(handle, (uintptr_t)address, size, type, flags);
}
