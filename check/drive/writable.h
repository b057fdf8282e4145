/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether --write may write to a drive. */
#ifndef CHECK_WRITABLE_H
#define CHECK_WRITABLE_H

#include <stdbool.h>

#include "check/result.h"

/*
 * ok when the drive @name can be opened with O_EXCL and passes check_empty().
 * Runs in a subprocess, for at most 30 seconds.
 */
void check_writable_try(struct check_result *result, const char *name,
			bool force);

#endif
