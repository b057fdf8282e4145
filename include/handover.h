/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hands dma-bufs from one process to another over a unix stream socket. The
 * manual page describes the protocol for the giver (GIVING DMA-BUFS); this
 * header is for both sides.
 */
#ifndef DMABUF_HANDOVER_H
#define DMABUF_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#define DMABUF_HANDOVER_MAGIC		"dbuf"
#define DMABUF_HANDOVER_VERSION		1
#define DMABUF_HANDOVER_SECONDS		5
/* The kernel's limit on the descriptors of one message */
#define DMABUF_HANDOVER_PER_MESSAGE	253
/* In all messages of a connection together */
#define DMABUF_HANDOVER_MAX		512

/*
 * One message, sent whole, with @count descriptors as its ancillary data, in
 * the byte order of the machine.
 */
struct dmabuf_handover_header {
	char magic[4];
	uint32_t version;
	uint32_t count;		/* descriptors with this message, at least 1 */
	uint32_t remaining;	/* descriptors in the messages after it */
};

struct dmabuf_handover {
	unsigned int nr;
	int fds[DMABUF_HANDOVER_MAX];
};

/*
 * Connects to @path, after checking the permissions of the socket and the user
 * of the giver. The descriptor, or -errno with the line.
 */
int dmabuf_handover_connect(const char *path, struct dmabuf_error *err);

/*
 * Receives all messages of one hand-over. The caller owns the descriptors,
 * which are not checked in any way. On failure none is left open.
 */
int dmabuf_handover_receive(int socket, const char *path,
			    struct dmabuf_handover *handover,
			    struct dmabuf_error *err);

void dmabuf_handover_close(struct dmabuf_handover *handover);

/* The giver's side. The caller keeps its descriptors. 0 or -errno. */
int dmabuf_handover_send(int socket, const int *fds, unsigned int nr);

/* Whether the other end is this user or root; if not, *@uid tells who. */
bool dmabuf_handover_trusts(int socket, unsigned int *uid);

#endif
