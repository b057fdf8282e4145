/* SPDX-License-Identifier: GPL-2.0-only */
/* A source that the CPU cannot map, for the tests of host shadows. */
#ifndef SHADOW_SOURCE_H
#define SHADOW_SOURCE_H

#include "source.h"

#define SHADOW_SIZE	(4 << 20)

struct shadow_device {
	unsigned char memory[SHADOW_SIZE];
	uint64_t used;
	/* To be set. */
	int open_error;		/* -errno */
	int copy_error;		/* of read and write, -errno */
};

extern struct shadow_device shadow_device;
extern const struct dmabuf_source_kind shadow_source;

/* An empty device, and @option as if it had been parsed. */
void shadow_source_begin(struct dmabuf_source_option *option);

#endif
