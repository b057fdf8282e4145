/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that is not there is no error: there is just nothing known. */
#include <stdio.h>
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
