/* SPDX-License-Identifier: GPL-2.0-only */
/* One drive: what it is, and what came of the attempts with it. */
#ifndef CHECK_DRIVE_H
#define CHECK_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "environment.h"
#include "result.h"
#include "transfer.h"

/* Numbers are 0 and words empty when they are not known. */
struct check_drive {
	const char *name;		/* as given */
	struct check_result opened;
	struct dmabuf_target target;
	char pci[DMABUF_PCI_ADDRESS];		/* of its controller */
	bool partition;
	unsigned long logical_block;	/* bytes */
	unsigned long max_kib;		/* of one request, as it is set */
	unsigned long max_hw_kib;	/* as the drive could */
	struct check_result sgl;	/* ok: it takes scatter lists */
	struct check_result result;	/* of all attempts together */
	struct check_result writable;	/* with --write: may be */
	struct check_transfer *transfers;	/* by source */
	unsigned int nr_transfers;
};

/* "file", "block", "nvme", ...: as the report of a job has it */
const char *check_drive_kind(const struct check_drive *drive);
/* "strict" for the IOMMU domain DMA, and so on; "" when not known */
const char *check_iommu_mode(const char *domain);

/* Fills in the facts, from opened to sgl; @sys is normally "/sys". */
void check_drive_read(struct check_drive *drive, const char *name,
		      const char *sys);

/*
 * The result of all attempts: @all of them have to work, or one; and none may
 * have left the drive other than it was.
 */
void check_drive_judge(struct check_drive *drive, bool all);

#endif
