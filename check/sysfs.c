/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that is not there is no error: there is just nothing known. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool read_line(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t length;
	bool ok;

	text[0] = '\0';
	if (!f)
		return false;
	ok = fgets(text, size, f);
	fclose(f);
	if (!ok)
		text[0] = '\0';
	length = strlen(text);
	while (length && (text[length - 1] == '\n' || text[length - 1] == ' '))
		text[--length] = '\0';
	return ok;
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
	return n < (int)sizeof(path) && read_line(path, text, size);
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
	if (n >= (int)sizeof(path) || !read_line(path, text, sizeof(text)))
		return false;
	value = strtoul(text, &end, 0);
	if (end == text || *end)
		return false;
	*number = value;
	return true;
}
