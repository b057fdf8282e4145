/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory that stands for /sys. */
#ifndef TREE_H
#define TREE_H

#include <stddef.h>

/* Makes an empty one and returns its path. */
const char *tree_begin(void);
/* Removes it with all that is in it. */
void tree_end(void);

/* Files below it, with the directories that they need. */
void tree_text(const char *name, const char *text);
void tree_bytes(const char *name, const void *bytes, size_t size);
void tree_dir(const char *name);
void tree_link(const char *name, const char *to);

#endif
