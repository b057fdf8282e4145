/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One run of random steps from one seed: the model, the objects of the kernel
 * that it describes, and the functions that every step uses.
 */
#ifndef DIFFERENTIAL_RUN_H
#define DIFFERENTIAL_RUN_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "model.h"
#include "register.h"

#define DRIVES_MAX	4
#define BUFFERS_MAX	8
#define FILES_MAX	12
#define FIXED_MAX	4
#define BATCH_MAX	12

/*
 * A drive begins with the region whose contents the model knows. Two more
 * follow for requests in flight while a ring closes: one that they only read,
 * one that they only write.
 */
#define REGION		(1U << 20)
#define APART		(128U << 10)
#define BAD_FD		9999

struct run {
	uint64_t seed, random;
	unsigned int step;
	const char *step_name;
	bool verbose;

	struct dmabuf_interface iface;
	struct model model;
	unsigned int nr_drives;
	const char *drive_names[DRIVES_MAX];
	int drive_fds[DRIVES_MAX];	/* for comparing, not for the ring */

	bool ring_open;
	struct io_uring ring;
	struct file *fixed[FIXED_MAX];
	unsigned int refused_slot;	/* where the last update ended */

	/* What this process still refers to; slots may hold others. */
	struct buffer *buffers[BUFFERS_MAX];
	struct file *files[FILES_MAX];
	struct file **closed;		/* slots may still refer to them */
	unsigned int nr_closed;
	void *unmapped;			/* an address without memory */
	int not_dmabuf;
};

uint64_t random_next(struct run *run);
/* A random number below @limit; true for @percent of all calls. */
uint32_t below(struct run *run, uint32_t limit);
bool chance(struct run *run, unsigned int percent);

/* A line of -v. */
void note(const struct run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints seed, step and what differs, and ends the program with 1. */
void fail(const struct run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));
/* Fails unless @ret is one of @answers; counts it for @call. */
void compare(struct run *run, const char *call, int ret,
	     const struct answers *answers);

#endif
