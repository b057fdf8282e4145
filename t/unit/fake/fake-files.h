/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the scripted system need of each other. */
#ifndef FAKE_FILES_H
#define FAKE_FILES_H

#include <stdbool.h>
#include <stdint.h>

bool fake_on(void);
void fake_files_reset(void);
/* The text of a file below /dev, /proc or /sys, or NULL with errno. */
const char *fake_text(const char *path);
void fake_vfio_reset(void);
/* Whether it was a request of vfio's; then with its result in @ret. */
bool fake_vfio_ioctl(int fd, unsigned int request, void *arg, int *ret);
bool fake_is_open(int fd);
/* What lseek(2) says of a dma-buf. */
void fake_set_size(int fd, uint64_t size);
void fake_set_map(int fd, void *map);
void fake_drm_reset(void);
/* Handles of buffers and versions that were not given back. */
int fake_drm_left(void);
/* errno when this descriptor cannot be mapped, else 0 */
int fake_drm_map_error(int fd);

#endif
