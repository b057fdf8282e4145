/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library of a GPU's driver, as the tests script it: what dlopen(3) finds,
 * and which call fails. The functions in it and the GPUs themselves are those
 * of t/fake-gpu/; their memory is on the heap here.
 */
#ifndef FAKE_DRIVER_H
#define FAKE_DRIVER_H

#include <stdint.h>

struct fake_symbol;

struct fake_driver {
	const char *library;	/* the name that dlopen finds; NULL: none */
	const char *broken;	/* exists and cannot be loaded */
	const struct fake_symbol *symbols;
	const char *without;	/* the name of a symbol that is missing */
	int handles;		/* open ones of the library */
	unsigned int calls;	/* of the functions in it */
	unsigned int fail_at;	/* the call that fails, from 1 */
	int result;		/* with this */
	uint64_t dmabuf_size;	/* of what is exported; 0: right */
	int misuses;		/* calls that break a rule of the driver's */
};

extern struct fake_driver fake_driver;

/* A good driver of two GPUs with an unused library. */
void fake_driver_reset(const char *library, const struct fake_symbol *symbols);
/* Library handles, contexts, device memory, and misuses. */
int fake_driver_left(void);

#endif
