/* SPDX-License-Identifier: GPL-2.0-only */
/* One transfer over path direct. Runs in a subprocess. */
#ifndef CHECK_DIRECT_H
#define CHECK_DIRECT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "check/result.h"
#include "check/sources.h"
#include "job.h"
#include "restore.h"

/* Shared between two processes: the parent may have to restore the drive. */
struct check_direct {
	char drive[PATH_MAX];
	char source[160];
	bool write;
	bool force;

	struct check_result result;
	bool verified;
	bool written;
	uint64_t register_ns;
	uint64_t first_map_ns;

	/* For --write */
	struct check_saved saved;
	unsigned char pattern[CHECK_UNIT] __attribute__((aligned(4096)));
	unsigned char read_back[CHECK_UNIT] __attribute__((aligned(4096)));
};

/*
 * Sets up @job: its ring, @layout of memory from @source, and the open @fd of
 * @drive, which the job owns afterwards, even on failure. The caller registers
 * the memory, and in any case frees and closes the job.
 */
int check_direct_build(struct dmabuf_job *job, const char *drive,
		       const char *source, int fd,
		       struct dmabuf_layout *layout, struct dmabuf_error *err);

/* Registers and reads; with direct->write also writes. */
void check_direct_run(struct check_direct *direct);

#endif
