/* SPDX-License-Identifier: GPL-2.0-only */
/* A temporary directory with the files that a test needs of /sys. */
#ifndef TREE_H
#define TREE_H

#include <stddef.h>

/* Makes an empty directory and returns its path. */
const char *tree_begin(void);
/* Removes the directory and everything in it. */
void tree_end(void);

/* Make a file, a directory or a link below it, with its parents. */
void tree_text(const char *name, const char *text);
void tree_bytes(const char *name, const void *bytes, size_t size);
void tree_dir(const char *name);
void tree_link(const char *name, const char *to);

#endif
