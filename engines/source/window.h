/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies between host memory and a mapping of device memory. A device may
 * go away at any moment, and touching its mapping then is SIGBUS; here the
 * kernel does the touching, so that it is an error like any other.
 */
#ifndef DMABUF_WINDOW_H
#define DMABUF_WINDOW_H

#include <stdint.h>

/*
 * Copy @bytes; any thread may call them at any time. 0 or -errno: -ENODEV
 * when the window cannot be reached, and then part of it may be copied.
 */
int dmabuf_window_read(void *host, const void *window, uint64_t bytes);
int dmabuf_window_write(void *window, const void *host, uint64_t bytes);

#endif
