/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a drive may be written to: it is empty, and nobody has it open. */
#ifndef CHECK_EMPTY_H
#define CHECK_EMPTY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "result.h"

/* How much at either end has to be zero: labels and tables are all there. */
#define CHECK_EDGE	(1ULL << 20)
/*
 * What --write overwrites, and puts back: the end of the first MiB, which
 * tables of partitions leave free even where there are some.
 */
#define CHECK_WRITE_AT	(CHECK_EDGE - 65536)

/*
 * ok for drive @name (@rdev, of @size bytes, open as @fd) when it is a whole
 * drive of 2 MiB or more, /sys (below @sys) knows of no partition on it and of
 * nobody who holds it, and its first and last MiB are zeroes. With @force the
 * last two are not asked for.
 */
void check_empty(struct check_result *result, const char *name, int fd,
		 uint64_t size, const char *sys, dev_t rdev, bool force);

/*
 * The same, with "in use" (O_EXCL) as one more reason, for the drive @name;
 * in a process of its own, for at most 30 seconds.
 */
void check_empty_try(struct check_result *result, const char *name,
		     bool force);

#endif
