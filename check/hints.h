/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of the machine that influence measurements. */
#ifndef CHECK_HINTS_H
#define CHECK_HINTS_H

#include <stdbool.h>
#include <stdint.h>

struct check_hints {
	uint64_t memlock;	/* bytes, UINT64_MAX: no limit */
	uint64_t open_files;	/* a count, UINT64_MAX: no limit */
	char governor[64];	/* of all CPUs; "": unknown */
	bool mitigations_known;
	unsigned int mitigations;	/* active ones */
	char mitigation_names[512];
};

/* Reads @sys, normally "/sys", and the limits of this process. */
void check_hints_read(struct check_hints *hints, const char *sys);

#endif
