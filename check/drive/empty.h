/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a drive is empty. */
#ifndef CHECK_EMPTY_H
#define CHECK_EMPTY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "check/result.h"

/* Bytes at either end that must be zero: labels and tables are all there. */
#define CHECK_EDGE	(1ULL << 20)
/*
 * Where --write writes: the end of the first MiB, which partition tables leave
 * free.
 */
#define CHECK_WRITE_AT	(CHECK_EDGE - 65536)

/*
 * ok when the drive @name (@rdev, of @size bytes, open as @fd) is a whole drive
 * of 2 MiB or more, /sys (below @sys) shows no partition on it and no holder,
 * and its first and last MiB are zero. @force skips the last two conditions.
 */
void check_empty(struct check_result *result, const char *name, int fd,
		 uint64_t size, const char *sys, dev_t rdev, bool force);

#endif
