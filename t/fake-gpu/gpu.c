/* SPDX-License-Identifier: GPL-2.0-only */
/* The GPUs and the table of what is allocated; see gpu.h. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "gpu.h"

/* A canonical address that no program has; allocations are 4 GiB apart. */
#define FIRST_ADDRESS	0xf00000000000ULL
/* The bus of the first GPU; the others follow. */
#define FIRST_BUS	0x81

struct fake_gpu fake_gpu;

static const struct fake_gpu_backend *backend;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t user;		/* the process that initialised the driver */

static struct {
	int device;
	uint64_t size;		/* 0: free */
} allocations[FAKE_ALLOCATIONS_MAX];

void fake_gpu_reset(const struct fake_gpu_backend *with)
{
	int i;

	backend = with;
	user = 0;
	memset(allocations, 0, sizeof(allocations));
	memset(&fake_gpu, 0, sizeof(fake_gpu));
	fake_gpu.count = 2;
	for (i = 0; i < FAKE_GPUS_MAX; i++)
		fake_gpu.available[i] = 1ULL << 32;
}

int fake_gpu_left(void)
{
	int i, left = 0;

	/* A parent gives back what it had before the fork. */
	if (user && user != getpid())
		return 0;
	for (i = 0; i < FAKE_ALLOCATIONS_MAX; i++)
		left += allocations[i].size != 0;
	for (i = 0; i < FAKE_GPUS_MAX; i++)
		left += fake_gpu.contexts[i];
	return left;
}

/* ---- calls ---- */

int fake_gpu_init(const char *call)
{
	int result = backend->enter(call);

	if (result)
		return result;
	pthread_mutex_lock(&lock);
	if (!user) {
		result = backend->init();
		if (!result)
			user = getpid();
	}
	pthread_mutex_unlock(&lock);
	if (!result && user != getpid())
		result = FAKE_GPU_NOT_INITIALIZED;
	return result;
}

int fake_gpu_enter(const char *call)
{
	int result = backend->enter(call);

	if (!result && user != getpid())
		result = FAKE_GPU_NOT_INITIALIZED;
	return result;
}

void fake_gpu_misuse(const char *rule)
{
	backend->misuse(rule);
}

/* ---- devices ---- */

bool fake_gpu_exists(int device)
{
	return device >= 0 && device < fake_gpu.count;
}

int fake_gpu_name(char *name, int size, int device)
{
	snprintf(name, size, FAKE_GPU_NAME "%d", device);
	return fake_gpu_exists(device) ? 0 : FAKE_GPU_INVALID_DEVICE;
}

int fake_gpu_address(char *address, int size, int device)
{
	snprintf(address, size, "0000:%02x:00.0", FIRST_BUS + device);
	return fake_gpu_exists(device) ? 0 : FAKE_GPU_INVALID_DEVICE;
}

int fake_gpu_by_address(int *device, const char *address)
{
	char text[16];

	for (*device = 0; *device < fake_gpu.count; ++*device) {
		fake_gpu_address(text, sizeof(text), *device);
		if (!strcmp(text, address))
			return 0;
	}
	return FAKE_GPU_INVALID_DEVICE;
}

/* ---- memory ---- */

static uint64_t address_of(int index)
{
	return FIRST_ADDRESS + ((uint64_t)index << 32);
}

/* The index of the allocation that holds the whole range, or -1. */
static int find(uint64_t address, uint64_t size)
{
	uint64_t index = (address - FIRST_ADDRESS) >> 32;

	if (address < FIRST_ADDRESS || index >= FAKE_ALLOCATIONS_MAX ||
	    address + size > address_of(index) + allocations[index].size)
		return -1;
	return index;
}

bool fake_gpu_is_allocated(uint64_t address, uint64_t size)
{
	return find(address, size) >= 0;
}

int fake_gpu_memory(int device, size_t *available, size_t *total)
{
	int i;

	pthread_mutex_lock(&lock);
	*available = fake_gpu.available[device];
	*total = *available;
	for (i = 0; i < FAKE_ALLOCATIONS_MAX; i++)
		if (allocations[i].device == device)
			*total += allocations[i].size;
	pthread_mutex_unlock(&lock);
	return 0;
}

int fake_gpu_alloc(int device, uint64_t *address, uint64_t size)
{
	int i, result = FAKE_GPU_OUT_OF_MEMORY;

	if (!size)
		return FAKE_GPU_INVALID_VALUE;
	pthread_mutex_lock(&lock);
	for (i = 0; i < FAKE_ALLOCATIONS_MAX && allocations[i].size; i++)
		;
	if (i < FAKE_ALLOCATIONS_MAX && size <= fake_gpu.available[device])
		result = backend->alloc(i, size);
	if (!result) {
		allocations[i].device = device;
		allocations[i].size = size;
		fake_gpu.available[device] -= size;
		*address = address_of(i);
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int fake_gpu_free(uint64_t address)
{
	int i = find(address, 1);

	if (i < 0 || address != address_of(i)) {
		fake_gpu_misuse("free of an address that is not allocated");
		return FAKE_GPU_INVALID_VALUE;
	}
	pthread_mutex_lock(&lock);
	backend->free(i, allocations[i].size);
	fake_gpu.available[allocations[i].device] += allocations[i].size;
	allocations[i].size = 0;
	pthread_mutex_unlock(&lock);
	return 0;
}

int fake_gpu_export(int *fd, uint64_t address, uint64_t size)
{
	int i = find(address, size);

	if (i < 0 || address != address_of(i) || size != allocations[i].size) {
		fake_gpu_misuse("export of a range that is no allocation");
		return FAKE_GPU_INVALID_VALUE;
	}
	*fd = backend->export(i, size);
	return *fd < 0 ? FAKE_GPU_NOT_SUPPORTED : 0;
}

int fake_gpu_read(void *to, uint64_t address, size_t size)
{
	int i = find(address, size);

	return i < 0 ? FAKE_GPU_INVALID_VALUE :
		backend->read(to, i, address - address_of(i), size);
}

int fake_gpu_write(uint64_t address, const void *from, size_t size)
{
	int i = find(address, size);

	return i < 0 ? FAKE_GPU_INVALID_VALUE :
		backend->write(i, address - address_of(i), from, size);
}
