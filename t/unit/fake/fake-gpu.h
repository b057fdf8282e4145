/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GPU and the library that its driver brings, as the tests script them: what
 * dlopen(3) finds, and device memory that only the copies reach. What is not
 * given back is counted. The functions of a vendor are in the vendor's test.
 */
#ifndef FAKE_GPU_H
#define FAKE_GPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_symbol {
	const char *name;
	void *function;
};

struct fake_gpu {
	const char *library;	/* the name that dlopen finds; NULL: none */
	const char *broken;	/* is there and cannot be loaded */
	const struct fake_symbol *symbols;
	const char *without;	/* the name of a symbol that is missing */
	int handles;		/* open ones of the library */
	int contexts;		/* references held */
	unsigned int calls;	/* of the vendor's functions */
	unsigned int fail_at;	/* the call that fails, from 1 */
	int result;		/* with this */
	int count;		/* of GPUs */
	uint64_t memory;	/* free bytes of each */
	uint64_t dmabuf_size;	/* of what is exported; 0: right */
	int misuses;		/* what a driver would not have forgiven */
};

extern struct fake_gpu fake_gpu;

void fake_gpu_reset(const char *library, const struct fake_symbol *symbols);
/* Library handles, contexts, device memory, and misuses. */
int fake_gpu_left(void);

/* Logs and counts a call of the vendor's; its result, 0 unless scripted. */
int fake_gpu_call(const char *name);
/* Not as the driver wants it. */
int fake_gpu_misuse(const char *what);

/* 0 when @size bytes are not free; an address that no CPU may use else. */
uint64_t fake_gpu_alloc(uint64_t size);
bool fake_gpu_free(uint64_t address);
/* A descriptor of all of a piece of memory; -1 when it is no whole piece. */
int fake_gpu_export(uint64_t address, uint64_t size);
/* The host memory behind a range within one piece, or NULL. */
void *fake_gpu_at(uint64_t address, uint64_t size);

#endif
