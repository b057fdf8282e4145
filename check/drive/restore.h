/* SPDX-License-Identifier: GPL-2.0-only */
/* Blocks that --write overwrites: saved before, restored after. */
#ifndef CHECK_RESTORE_H
#define CHECK_RESTORE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "check/result.h"

#define CHECK_SAVED_MAX	65536

/* Shared between two processes: the parent may have to restore the drive. */
struct check_saved {
	char drive[PATH_MAX];
	char identity[256];	/* wwid of that drive; "" when it has none */
	uint64_t at;		/* bytes on the drive */
	unsigned int size;	/* bytes */
	volatile bool dirty;	/* the drive may not hold what was saved */
	struct dmabuf_error error;	/* why it was not restored */
	unsigned char bytes[CHECK_SAVED_MAX] __attribute__((aligned(4096)));
	unsigned char now[CHECK_SAVED_MAX] __attribute__((aligned(4096)));
};

/*
 * Opens @drive with O_DIRECT; with @exclusive for writing and with O_EXCL,
 * which fails as long as it is mounted, otherwise in use, or has I/O in flight
 * of a process that held it so: for up to @seconds. A descriptor, or -errno
 * with the line in @err.
 */
int check_drive_open(const char *drive, bool exclusive, unsigned int seconds,
		     struct dmabuf_error *err);

/*
 * Saves @size bytes at @at of @drive, open as @fd. Without @force they must be
 * zero. 0, or -errno with the line in @err.
 */
int check_save(struct check_saved *saved, const char *drive, int fd,
	       uint64_t at, unsigned int size, bool force,
	       struct dmabuf_error *err);

/*
 * Writes them back through @fd, which holds the drive exclusively, flushes the
 * drive, and compares. No I/O to them may be in flight. Clears saved->dirty, or
 * returns -errno with the line in saved->error.
 */
int check_restore(struct check_saved *saved, int fd);

/*
 * The same from another process than the one that wrote to the drive: opens it
 * exclusively first, which waits for writes that the other left in flight.
 */
void check_restore_again(struct check_saved *saved);

/*
 * Calls that in a subprocess, which no signal ends. What cannot be restored is
 * kept in a new file. @result says so, and how to restore it by hand.
 */
void check_restore_always(struct check_saved *saved,
			  struct check_result *result);

/* Its last part: keeps the bytes in a file, and completes @result. */
void check_restore_keep(const struct check_saved *saved,
			struct check_result *result);

#endif
