/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine's options as fio fills them in from a job file. */
#ifndef DMABUF_OPTIONS_H
#define DMABUF_OPTIONS_H

#include "compat.h"

struct dmabuf_options {
	void *pad;			/* fio expects a pointer first */

	/* Options of fio's io_uring engine, with the same meaning. */
	struct cmdprio_options cmdprio_options;
	unsigned int hipri;
	unsigned int fixedbufs;		/* always on */
	unsigned int registerfiles;	/* always on */
	unsigned int nonvectored;	/* always on */
	unsigned int sqthread_poll;
	unsigned int sqthread_poll_pinned;
	unsigned int sqthread_poll_cpu;
	unsigned int force_async;
	unsigned int uncached;		/* refused */
	unsigned int nowait;		/* refused */

	/* Ours. */
	char *source;
	unsigned int path;		/* enum dmabuf_path */
	unsigned long long chunk;	/* bytes, 0: the largest possible */
	unsigned long long size;	/* bytes, 0: as needed */
	unsigned int place;		/* enum dmabuf_place */
	unsigned int warmup;
	unsigned int sync;		/* enum dmabuf_sync */
	char *report;
};

extern struct fio_option dmabuf_options[];

#endif
