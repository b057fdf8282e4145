/* SPDX-License-Identifier: GPL-2.0-only */
/* What nothing depends on, but figures do. */
#ifndef CHECK_HINTS_H
#define CHECK_HINTS_H

#include <stdbool.h>
#include <stdint.h>

struct check_hints {
	uint64_t memlock;	/* bytes, UINT64_MAX: no limit */
	uint64_t open_files;	/* the same */
	char governor[64];	/* of all CPUs, "" when not known */
	bool mitigations_known;
	unsigned int mitigations;	/* that are in force */
	char mitigation_names[512];
};

/* From @sys, normally "/sys", and the limits of this process. */
void check_hints_read(struct check_hints *hints, const char *sys);

#endif
