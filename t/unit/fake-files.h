/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the scripted system need of each other. */
#ifndef FAKE_FILES_H
#define FAKE_FILES_H

#include <stdbool.h>

bool fake_on(void);
void fake_files_reset(void);
bool fake_is_open(int fd);

#endif
