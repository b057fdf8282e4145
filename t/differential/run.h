/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run in which the steps are taken: the kernel's side of everything
 * that the model has, and what each file here offers the others.
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
 * Each drive: first what the model holds, then a part that is only read and
 * one that is only written by requests nobody waits for.
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

	/* Those that this process still has; others are held by slots. */
	struct buffer *buffers[BUFFERS_MAX];
	struct file *files[FILES_MAX];
	struct file **closed;		/* slots may still name them */
	unsigned int nr_closed;
	void *unmapped;			/* an address with nothing behind it */
	int not_dmabuf;
};

/* tally.c: what was seen */
void tally(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool tally_complete(const struct run *run);

/* run.c */
uint64_t random_next(struct run *run);
uint32_t below(struct run *run, uint32_t limit);
bool chance(struct run *run, unsigned int percent);
void note(const struct run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void fail(const struct run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));
/* Ends the test unless @ret is one of @answers; counts it for @call. */
void compare(struct run *run, const char *call, int ret,
	     const struct answers *answers);

/* kernel.c: the calls; a count or -errno */
int kernel_ring(struct run *run, unsigned int flags);
int kernel_table(struct run *run, uint32_t nr);
int kernel_unregister(struct run *run);
int kernel_update(struct run *run, const struct update *update);
void kernel_probe(struct run *run);

/* objects.c: buffers and files */
struct buffer *buffer_new(struct run *run, enum memory memory,
			  size_t size);
void buffer_fill(struct run *run, struct buffer *buffer);
void buffer_compare(const struct run *run, const struct buffer *buffer,
		    uint64_t offset, uint64_t length);
void buffer_close_fd(struct buffer *buffer);
void buffer_drop(struct run *run, unsigned int index);
struct file *file_new(struct run *run, enum target target);
void file_close(struct run *run, unsigned int index, unsigned int which);
int file_any_fd(struct run *run, const struct file *file);
void drive_compare(const struct run *run, unsigned int drive,
		   uint64_t position, uint64_t length);
void everything_compare(const struct run *run);

/* rings.c */
void step_reopen(struct run *run);
void ring_close(struct run *run);

/* updates.c */
void step_update(struct run *run);

/* io.c */
void step_io(struct run *run);
void step_unregister_in_flight(struct run *run);

/* steps.c */
void step_any(struct run *run);

/* close.c */
void step_close_in_flight(struct run *run);

#endif
