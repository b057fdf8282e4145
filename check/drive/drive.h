/* SPDX-License-Identifier: GPL-2.0-only */
/* A drive: facts about it, and the results of all transfers with it. */
#ifndef CHECK_DRIVE_H
#define CHECK_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "check/result.h"
#include "environment.h"
#include "transfer.h"

/* An unknown number is 0, an unknown text is empty. */
struct check_drive {
	const char *name;		/* as given */
	struct check_result opened;
	struct dmabuf_target target;
	char pci[DMABUF_PCI_ADDRESS];		/* of its controller */
	bool partition;
	unsigned long logical_block;	/* bytes */
	unsigned long max_kib;		/* of one request, as set */
	unsigned long max_hw_kib;	/* limit of the drive */
	struct check_result sgl;	/* ok: supports SGL */
	struct check_result result;	/* of all transfers */
	struct check_result writable;	/* for --write */
	struct check_transfer *transfers;	/* one for each source */
	unsigned int nr_transfers;
};

/* "file", "block", "nvme", ..., as in the report of a job */
const char *check_drive_kind(const struct check_drive *drive);
/* "strict" for the IOMMU domain type "DMA", and so on; "" when unknown */
const char *check_iommu_mode(const char *domain);

/* Fills in the facts, up to sgl. @name stays the caller's; @sys: "/sys". */
void check_drive_read(struct check_drive *drive, const char *name,
		      const char *sys);

/*
 * Sets drive->result from its transfers: with @all every one must work, else
 * one is enough; but none may have failed to restore the drive, or --verify.
 */
void check_drive_judge(struct check_drive *drive, bool all);

#endif
