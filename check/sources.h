/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a source of memory works on this machine. */
#ifndef CHECK_SOURCES_H
#define CHECK_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "pci.h"
#include "result.h"
#include "source.h"

struct check_source {
	char name[160];		/* as in dmabuf_source= */
	const char *kind;	/* the part before the colon */
	bool exports;		/* the memory is a dma-buf */
	bool given;		/* with --source */
	struct check_result result;
	/* The steps; each is tried only when the one before it was ok. */
	enum check_state present;
	enum check_state permitted;
	enum check_state allocated;	/* and mapped, where possible */
	enum check_state read_back;	/* by the CPU, with equal data */
	/* Known once allocated */
	bool mapped;		/* false: the CPU copies */
	uint64_t largest;	/* single buffer, in bytes */
	uint64_t granule;
	char detail[96];
};

/* Bytes allocated here and in a transfer with a drive. */
#define CHECK_UNIT	16384

/*
 * Fills in name, kind and exports from @text. Returns 0, or -errno with the
 * line in @err. When the kind exists but refuses the argument, the line is in
 * source->result as well; when it does not exist, source->kind is NULL.
 */
int check_source_parse(struct check_source *source, const char *text,
		       struct dmabuf_error *err);

/* Allocates a buffer, writes it, reads it back and frees it. */
void check_source_try(struct check_source *source);

/* The same in a subprocess, for at most 30 seconds. */
void check_source_try_subprocess(struct check_source *source);

/*
 * The PCI device that a source is on: from its name, from its detail, or from
 * @sys, normally "/sys", for a device node. False when there is none.
 */
bool check_source_device(const struct check_source *source,
			 char bdf[DMABUF_PCI_ADDRESS], const char *sys);

/*
 * The names to try by default: every kind without an argument, and every
 * dma-heap. @names has room for @max; returns how many there are.
 */
unsigned int check_source_names(char names[][160], unsigned int max);

#endif
