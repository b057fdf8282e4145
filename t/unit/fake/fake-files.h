/* SPDX-License-Identifier: GPL-2.0-only */
/* Files and mappings of the scripted system. */
#ifndef FAKE_FILES_H
#define FAKE_FILES_H

#include <stdint.h>

/* A file below /dev, /proc or /sys. @text must stay valid; NULL: a device. */
void fake_file(const char *path, const char *text);
/* Every use of the path fails with @error. */
void fake_file_error(const char *path, int error);
/* A file that exists and that open(2) refuses with @error. */
void fake_file_refuses(const char *path, int error);
/* The text of a file, or NULL with errno. */
const char *fake_text(const char *path);

/* Records that @size bytes of @fd, from @offset, are mapped at @address. */
void fake_note_map(int fd, uint64_t offset, uint64_t size, void *address);
/* The address of byte @offset of @fd in its last mapping, or NULL. */
void *fake_map_of(int fd, uint64_t offset);

void fake_files_reset(void);

#endif
