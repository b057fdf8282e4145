/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is at the other end of sockets, which are real. */
#ifndef FAKE_SOCKET_H
#define FAKE_SOCKET_H

#include <stdbool.h>

struct fake_sockets {
	unsigned int peer;	/* user behind every socket, 0: the real one */
	unsigned int owner;	/* user of every file that stat() looks at */
	bool truncated;		/* the kernel dropped descriptors */
	void (*on_poll)(void);	/* at the start of a poll; may be NULL */
};

extern struct fake_sockets fake_sockets;

/* Descriptors of the real system, below 256, that this process has open. */
int fake_real_fds(void);

#endif
