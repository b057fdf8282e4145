/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DMA_BUF_IOCTL_SYNC: tells the exporter that the CPU begins or ends to look
 * at a dma-buf. It acts on the whole dma-buf, whatever slice is meant.
 */
#include <errno.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>

#include "cpu-access.h"

static int access_sync(int fd, unsigned long long flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	while (ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync) < 0)
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	return 0;
}

int dmabuf_access_begin(int fd, enum dmabuf_access access)
{
	return access_sync(fd, access | DMA_BUF_SYNC_START);
}

int dmabuf_access_end(int fd, enum dmabuf_access access)
{
	return access_sync(fd, access | DMA_BUF_SYNC_END);
}
