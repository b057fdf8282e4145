/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU access to a dma-buf, bracketed by DMA_BUF_IOCTL_SYNC. */
#ifndef DMABUF_CPU_ACCESS_H
#define DMABUF_CPU_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

enum dmabuf_access {
	DMABUF_ACCESS_READ = 1,		/* DMA_BUF_SYNC_READ */
	DMABUF_ACCESS_WRITE = 2,	/* DMA_BUF_SYNC_WRITE */
	DMABUF_ACCESS_BOTH = 3,
};

/*
 * Begin and end CPU access to the dma-buf @fd, retrying on EINTR and EAGAIN.
 * 0 or -errno. Source: <linux/dma-buf.h>.
 */
int dmabuf_access_begin(int fd, enum dmabuf_access access);
int dmabuf_access_end(int fd, enum dmabuf_access access);

#endif
