/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies between host memory and a mapping of device memory. A device may be
 * removed at any moment, and accessing its mapping then raises SIGBUS. Here
 * the kernel accesses it, so that the removal is an ordinary error.
 */
#ifndef DMABUF_WINDOW_H
#define DMABUF_WINDOW_H

#include <stdint.h>

/*
 * Copy @bytes. Thread-safe. 0 or -errno; on -ENODEV the window cannot be
 * accessed, and a part of the bytes may have been copied.
 */
int dmabuf_window_read(void *host, const void *window, uint64_t bytes);
int dmabuf_window_write(void *window, const void *host, uint64_t bytes);

#endif
