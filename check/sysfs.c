/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths of /sys, put together, and what is in the files. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "line.h"
#include "sysfs.h"

bool check_path(char *path, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, CHECK_PATH, format, args);
	va_end(args);
	return n < CHECK_PATH;
}

bool check_read(char *text, size_t size, const char *format, ...)
{
	char path[CHECK_PATH];
	va_list args;
	int n;

	text[0] = '\0';
	va_start(args, format);
	n = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return n < (int)sizeof(path) && dmabuf_read_line(path, text, size);
}

bool check_read_number(unsigned long *number, const char *format, ...)
{
	char path[CHECK_PATH], text[64], *end;
	unsigned long value;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (n >= (int)sizeof(path) ||
	    !dmabuf_read_line(path, text, sizeof(text)))
		return false;
	value = strtoul(text, &end, 0);
	if (end == text || *end)
		return false;
	*number = value;
	return true;
}
