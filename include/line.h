/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of one line, as /proc and /sys have many. */
#ifndef DMABUF_LINE_H
#define DMABUF_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The first line of a file, without its newline and any blanks before it; false
 * and "" when there is no file or no line.
 */
bool dmabuf_read_line(const char *path, char *text, size_t size);

/*
 * Reads the unsigned decimal number that the file @path begins with. 0, or
 * -errno (-EINVAL when there is none).
 */
int dmabuf_line_number(const char *path, uint64_t *number);

#endif
