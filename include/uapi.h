/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel interface for io_uring buffers that are dma-bufs. No released
 * kernel has it; these definitions follow the series "Add dmabuf read/write via
 * io_uring". Family A is RFC v1 (2025-06-27) and v2 (2025-11-23); family B
 * is v3 (cover.1777475843.git.asml.silence@gmail.com, 2026-04-29) to v7
 * (cover.1790602223, 2026-09-28). Both go through
 * io_uring_register(ring, IORING_REGISTER_BUFFERS_UPDATE, &update, 32).
 */
#ifndef DMABUF_UAPI_H
#define DMABUF_UAPI_H

#include <stdint.h>

/* struct io_uring_rsrc_update2, whose `resv` became `flags`. */
struct dmabuf_uapi_update {
	uint32_t offset;	/* first slot */
	uint32_t flags;		/* one of the two below */
	uint64_t data;		/* address of the descriptor array */
	uint64_t tags;
	uint32_t nr;
	uint32_t resv2;
};

#define DMABUF_UAPI_A_EXTENDED	(1U << 0)
#define DMABUF_UAPI_B_EXTENDED	(1U << 1)

/* Family A: io_uring_reg_buffer in RFC v1 and v2. */
struct dmabuf_uapi_a_desc {
	uint64_t iov_uaddr;	/* address of an iovec {NULL, 0} */
	int32_t target_fd;	/* -1 for an ordinary buffer */
	int32_t dmabuf_fd;
};

/* Family B: struct io_uring_regbuf_desc. */
struct dmabuf_uapi_b_desc {
	uint32_t type;
	uint32_t flags;
	uint64_t size;		/* 0: the whole dma-buf */
	uint64_t uaddr;		/* 0 */
	int32_t dmabuf_fd;
	int32_t target_fd;	/* the file, opened with O_DIRECT */
	uint64_t reserved[6];
};

#define DMABUF_UAPI_B_EMPTY	0
#define DMABUF_UAPI_B_UADDR	1
/* The value of the dma-buf type may still change, so it is probed. */
#define DMABUF_UAPI_B_TYPE_MIN	2
#define DMABUF_UAPI_B_TYPE_MAX	7

#endif
