/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faked GPUs: how many there are, their memory, and what is allocated. The
 * fakes of libcuda.so.1 (cuda.c) and libamdhip64.so (hip.c) share it, and are
 * used twice: unit tests script them (t/unit/fake/fake-driver.c), system tests
 * load them as a library (library.c). Only the backend differs. Functions
 * return 0 or a result of the vendor's.
 */
#ifndef FAKE_GPU_H
#define FAKE_GPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_GPUS_MAX		8
#define FAKE_ALLOCATIONS_MAX	256
#define FAKE_GPU_NAME		"Fake GPU "	/* and its number */

/* Results that both vendors number alike */
#define FAKE_GPU_INVALID_VALUE		1
#define FAKE_GPU_OUT_OF_MEMORY		2
#define FAKE_GPU_NOT_INITIALIZED	3
#define FAKE_GPU_NO_DEVICE		100
#define FAKE_GPU_INVALID_DEVICE		101
#define FAKE_GPU_INVALID_CONTEXT	201
#define FAKE_GPU_NOT_SUPPORTED		801
#define FAKE_GPU_UNKNOWN		999

/* Defines a function that a program finds in the library by its name. */
#define FAKE_GPU_CALL(type, name, ...)					\
	__attribute__((visibility("default"))) type name(__VA_ARGS__);	\
	type name(__VA_ARGS__)

struct fake_symbol {
	const char *name;	/* NULL ends a table */
	void *function;
};

struct fake_gpu {
	int count;				/* of GPUs */
	uint64_t available[FAKE_GPUS_MAX];	/* bytes of memory */
	int contexts[FAKE_GPUS_MAX];		/* references, with CUDA */
};

extern struct fake_gpu fake_gpu;

struct fake_gpu_backend {
	/* At the start of a call: 0, or the result with which it fails. */
	int (*enter)(const char *call);
	/* The caller broke @rule, which a real driver need not notice. */
	void (*misuse)(const char *rule);
	/* Once, before the first allocation. */
	int (*init)(void);
	/* The memory of allocation @index. */
	int (*alloc)(unsigned int index, uint64_t size);
	void (*free)(unsigned int index, uint64_t size);
	/* A descriptor of all of it, -1 on failure. */
	int (*export)(unsigned int index, uint64_t size);
	int (*read)(void *to, unsigned int index, uint64_t offset, size_t size);
	int (*write)(unsigned int index, uint64_t offset, const void *from,
		     size_t size);
};

/* Two GPUs with 4 GiB each, and nothing allocated. */
void fake_gpu_reset(const struct fake_gpu_backend *backend);
/* Allocations and contexts that this process has not given back. */
int fake_gpu_left(void);

/*
 * At the start of cuInit and hipInit, and of any other call: 0, or the result
 * to return. After a fork the child gets FAKE_GPU_NOT_INITIALIZED.
 */
int fake_gpu_init(const char *call);
int fake_gpu_enter(const char *call);
void fake_gpu_misuse(const char *rule);

bool fake_gpu_exists(int device);
int fake_gpu_name(char *name, int size, int device);
int fake_gpu_address(char *address, int size, int device);
int fake_gpu_by_address(int *device, const char *address);

int fake_gpu_memory(int device, size_t *available, size_t *total);
/* An address that no CPU may use. */
int fake_gpu_alloc(int device, uint64_t *address, uint64_t size);
int fake_gpu_free(uint64_t address);
bool fake_gpu_is_allocated(uint64_t address, uint64_t size);
/* A dma-buf of an allocation; @size must be all of it. */
int fake_gpu_export(int *fd, uint64_t address, uint64_t size);
int fake_gpu_read(void *to, uint64_t address, size_t size);
int fake_gpu_write(uint64_t address, const void *from, size_t size);

#endif
