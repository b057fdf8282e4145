/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DMA_BUF_IOCTL_SYNC tells the exporter that CPU access to a dma-buf begins or
 * ends. It always covers the whole dma-buf, not just the slice in use.
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
