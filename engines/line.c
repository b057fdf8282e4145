/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads small files of /proc and /sys: their first line, or a number. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

bool dmabuf_read_line(const char *path, char *text, size_t size)
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

int dmabuf_line_number(const char *path, uint64_t *number)
{
	FILE *f = fopen(path, "re");
	char text[32];
	uint64_t value;
	int ret = 0;

	if (!f)
		return -errno;
	if (!fgets(text, sizeof(text), f))
		ret = ferror(f) ? -errno : -EINVAL;
	fclose(f);
	if (ret)
		return ret;
	/* strtoull() would also accept a sign or blanks. */
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, NULL, 10);
	if (errno)
		return -errno;
	*number = value;
	return 0;
}
