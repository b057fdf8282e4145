/* SPDX-License-Identifier: GPL-2.0-only */
/* Small files of /sys. */
#ifndef CHECK_SYSFS_H
#define CHECK_SYSFS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define CHECK_PATH	PATH_MAX

/* Writes a path of at most CHECK_PATH bytes; false when it is longer. */
bool check_path(char *path, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The first line of the file at that path, without blanks at its end. */
bool check_read(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, a number; false when the file has none. */
bool check_read_number(unsigned long *number, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
