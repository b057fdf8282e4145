/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes the files of a made-up /sys. */
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "tree.h"

static char root[64];

const char *tree_begin(void)
{
	strcpy(root, "/tmp/unit-tree-XXXXXX");
	CHECK(mkdtemp(root));
	return root;
}

static int drop(const char *path, const struct stat *st, int type,
		struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void tree_end(void)
{
	CHECK_INT(nftw(root, drop, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static const char *place(const char *name)
{
	static char path[PATH_MAX];
	size_t n = strlen(root) + 1;
	char *slash;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (slash = path + n; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	return path;
}

void tree_bytes(const char *name, const void *bytes, size_t size)
{
	FILE *f = fopen(place(name), "w");

	if (!CHECK(f))
		return;
	CHECK_INT(fwrite(bytes, 1, size, f), size);
	fclose(f);
}

void tree_text(const char *name, const char *text)
{
	tree_bytes(name, text, strlen(text));
}

void tree_dir(const char *name)
{
	mkdir(place(name), 0700);
}

void tree_link(const char *name, const char *to)
{
	CHECK_INT(symlink(to, place(name)), 0);
}
