/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run has seen, and what it must see to count as a test. */
#ifndef DIFFERENTIAL_TALLY_H
#define DIFFERENTIAL_TALLY_H

#include <stdbool.h>

struct run;

/* Counts one; ends the program for a name that is not in the table. */
void tally(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints the table; false when something possible was never seen. */
bool tally_complete(const struct run *run);

#endif
