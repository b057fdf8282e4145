/* SPDX-License-Identifier: GPL-2.0-only */
/* Files and mappings of the scripted system. */
#ifndef FAKE_FILES_H
#define FAKE_FILES_H

#include <stdint.h>

/* A file below /dev, /proc or /sys. @text must stay; NULL: a device. */
void fake_file(const char *path, const char *text);
void fake_file_error(const char *path, int error);
/* A file that is there, and that open(2) refuses. */
void fake_file_refuses(const char *path, int error);
/* The text of a file, or NULL with errno. */
const char *fake_text(const char *path);

/* Notes that @size bytes of @fd from @offset on are mapped at @address. */
void fake_note_map(int fd, uint64_t offset, uint64_t size, void *address);
/* Where byte @offset of descriptor @fd was mapped last, NULL: nowhere. */
void *fake_map_of(int fd, uint64_t offset);

void fake_files_reset(void);

#endif
