/* SPDX-License-Identifier: GPL-2.0-only */
/* Attributes of /sys. */
#ifndef CHECK_SYSFS_H
#define CHECK_SYSFS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define CHECK_PATH	PATH_MAX

/* Formats a path into CHECK_PATH bytes; false when it does not fit. */
bool check_path(char *path, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads the first line of a file, without trailing blanks. */
bool check_read(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Reads a number; false, and *number unchanged, when there is none. */
bool check_read_number(unsigned long *number, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
