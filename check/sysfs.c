/* SPDX-License-Identifier: GPL-2.0-only */
/* Builds paths and reads attributes of /sys. */
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

static bool read_at(char *text, size_t size, const char *format,
		    va_list args)
{
	char path[CHECK_PATH];

	text[0] = '\0';
	return vsnprintf(path, sizeof(path), format, args) < CHECK_PATH &&
	       dmabuf_read_line(path, text, size);
}

bool check_read(char *text, size_t size, const char *format, ...)
{
	va_list args;
	bool ok;

	va_start(args, format);
	ok = read_at(text, size, format, args);
	va_end(args);
	return ok;
}

bool check_read_number(unsigned long *number, const char *format, ...)
{
	char text[64], *end;
	unsigned long value;
	va_list args;
	bool ok;

	va_start(args, format);
	ok = read_at(text, sizeof(text), format, args);
	va_end(args);
	if (!ok)
		return false;
	value = strtoul(text, &end, 0);
	if (end == text || *end)
		return false;
	*number = value;
	return true;
}
