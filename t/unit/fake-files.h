/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the scripted system need of each other. */
#ifndef FAKE_FILES_H
#define FAKE_FILES_H

#include <stdbool.h>

bool fake_on(void);
void fake_files_reset(void);
/* The text of a file below /dev, /proc or /sys, or NULL with errno. */
const char *fake_text(const char *path);
void fake_vfio_reset(void);
/* Whether it was a request of vfio's; then with its result in @ret. */
bool fake_vfio_ioctl(int fd, unsigned int request, void *arg, int *ret);
bool fake_is_open(int fd);

#endif
