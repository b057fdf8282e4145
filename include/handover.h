/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dma-bufs handed from one process to another over a unix stream socket. The
 * manual page describes it for those who give (GIVING DMA-BUFS); what both
 * sides need stands here.
 */
#ifndef DMABUF_HANDOVER_H
#define DMABUF_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#define DMABUF_HANDOVER_MAGIC		"dbuf"
#define DMABUF_HANDOVER_VERSION		1
#define DMABUF_HANDOVER_SECONDS		5
/* The kernel passes no more descriptors with one message. */
#define DMABUF_HANDOVER_PER_MESSAGE	253
/* In all messages of a connection */
#define DMABUF_HANDOVER_MAX		512

/*
 * One message, sent whole, with @count descriptors as its ancillary data. In
 * the byte order of the machine, which both processes share.
 */
struct dmabuf_handover_header {
	char magic[4];
	uint32_t version;
	uint32_t count;		/* descriptors with this message, at least 1 */
	uint32_t left;		/* descriptors in the messages after it */
};

struct dmabuf_handover {
	unsigned int nr;
	int fds[DMABUF_HANDOVER_MAX];
};

/*
 * Connects to @path after a look at the socket and at who is behind it.
 * The descriptor, or -errno with the line.
 */
int dmabuf_handover_connect(const char *path, struct dmabuf_error *err);

/*
 * Takes all messages of one hand-over; the descriptors belong to the caller
 * then, and nothing is known of them. On failure none is left open.
 */
int dmabuf_handover_receive(int socket, const char *path,
			    struct dmabuf_handover *handover,
			    struct dmabuf_error *err);

void dmabuf_handover_close(struct dmabuf_handover *handover);

/* The giver's part: 0 or -errno. The descriptors stay the caller's. */
int dmabuf_handover_send(int socket, const int *fds, unsigned int nr);

/* Whether the other end is this user or root; else *@uid is who. */
bool dmabuf_handover_trusts(int socket, unsigned int *uid);

#endif
