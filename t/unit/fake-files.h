/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the scripted system need of each other. */
#ifndef FAKE_FILES_H
#define FAKE_FILES_H

#include <stdbool.h>

bool fake_on(void);
void fake_files_reset(void);
void fake_set_map(int fd, void *map);
void fake_drm_reset(void);
/* Handles of buffers and versions that were not given back. */
int fake_drm_left(void);
/* errno when this descriptor cannot be mapped, else 0 */
int fake_drm_map_error(int fd);

#endif
