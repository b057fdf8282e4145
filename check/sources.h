/* SPDX-License-Identifier: GPL-2.0-only */
/* What a source of memory can do on this machine. */
#ifndef CHECK_SOURCES_H
#define CHECK_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "pci.h"
#include "result.h"
#include "source.h"

struct check_source {
	char name[160];		/* as dmabuf_source= has it */
	const char *kind;	/* the kind's name */
	bool exports;		/* its memory is a dma-buf */
	bool given;		/* with --source */
	struct check_result result;
	/* The steps, each only tried when the one before it was ok. */
	enum check_state present;
	enum check_state permitted;
	enum check_state allocated;	/* and mapped, if it can be */
	enum check_state read_back;	/* what the CPU wrote, the same */
	/* Once allocated: */
	bool mapped;		/* false: the CPU needs copies */
	uint64_t largest;	/* bytes of a single buffer */
	uint64_t granule;
	char detail[96];
};

/* Bytes of what is allocated here and in the attempts with a drive. */
#define CHECK_UNIT	16384

/*
 * Fills in name, kind and exports. -errno with the line, which is in
 * source->result as well when it is the argument that the kind refuses; the
 * kind is NULL when there is none of that name.
 */
int check_source_parse(struct check_source *source, const char *text,
		       struct dmabuf_error *err);

/* Allocates, writes, reads, and gives everything back. */
void check_source_try(struct check_source *source);

/* The same in a process of its own, for at most 30 seconds. */
void check_source_try_subprocess(struct check_source *source);

/*
 * The PCI device that a source names or is on, from its name, from what it
 * said of itself, or from @sys for a node of /dev; false when there is none.
 */
bool check_source_device(const struct check_source *source,
			 char bdf[DMABUF_PCI_ADDRESS], const char *sys);

/*
 * The names to try when none are given: every kind by itself and the heaps
 * that are there. @names has room for @max; returns how many there are.
 */
unsigned int check_source_names(char names[][160], unsigned int max);

#endif
