/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passing dma-bufs from one process, the giver, to another over a unix stream
 * socket. The manual page describes it for givers (GIVING DMA-BUFS); this is
 * what both sides share.
 */
#ifndef DMABUF_HANDOVER_H
#define DMABUF_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#define DMABUF_HANDOVER_MAGIC		"dbuf"
#define DMABUF_HANDOVER_VERSION		1
#define DMABUF_HANDOVER_SECONDS		5
/* The kernel's limit on descriptors per message (SCM_MAX_FD) */
#define DMABUF_HANDOVER_PER_MESSAGE	253
/* Descriptors in all messages of a connection */
#define DMABUF_HANDOVER_MAX		512

/*
 * One message, sent whole, with @count descriptors as ancillary data. Numbers
 * are in host byte order.
 */
struct dmabuf_handover_header {
	char magic[4];
	uint32_t version;
	uint32_t count;		/* descriptors with this message, at least 1 */
	uint32_t remaining;	/* descriptors in later messages */
};

struct dmabuf_handover {
	unsigned int nr;
	int fds[DMABUF_HANDOVER_MAX];
};

/*
 * Connects to @path after checking the owner of the socket and of the process
 * behind it. Returns the descriptor, or -errno with @err set.
 */
int dmabuf_handover_connect(const char *path, struct dmabuf_error *err);

/*
 * Receives all messages of one hand-over. The caller then owns the
 * descriptors, which may be of any kind of file. On failure all are closed.
 */
int dmabuf_handover_receive(int socket, const char *path,
			    struct dmabuf_handover *handover,
			    struct dmabuf_error *err);

void dmabuf_handover_close(struct dmabuf_handover *handover);

/* The giver's side. The caller keeps the descriptors. 0 or -errno. */
int dmabuf_handover_send(int socket, const int *fds, unsigned int nr);

/* Whether the peer runs as this user or as root; *@uid is its user. */
bool dmabuf_handover_trusts(int socket, unsigned int *uid);

#endif
