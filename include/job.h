/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One job without fio: its ring, its memory, its files, and what ties them
 * together. The hooks translate fio's calls into these.
 */
#ifndef DMABUF_JOB_H
#define DMABUF_JOB_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "cpu-access.h"
#include "environment.h"
#include "error.h"
#include "path.h"
#include "queue.h"
#include "register.h"
#include "ring.h"
#include "source.h"

enum dmabuf_sync {
	DMABUF_SYNC_AUTO,
	DMABUF_SYNC_ALWAYS,
	DMABUF_SYNC_NEVER,
};

/* Decided before there is any memory; constant afterwards. */
struct dmabuf_settings {
	enum dmabuf_path path;
	struct dmabuf_source source;
	enum dmabuf_sync sync;
	uint64_t chunk_max;		/* 0: the largest that works */
	enum dmabuf_place place;
	uint64_t size;			/* of all memory, 0: what is needed */
	uint64_t seed;			/* of random places */
	bool warmup;
	bool direct_io;			/* direct=1 */
	bool cpu_writes;		/* fio writes into the slices */
	bool cpu_refills;		/* and does so before it says so (prep) */
	bool cpu_reads;			/* fio reads them: verify */
	struct dmabuf_ring_options ring;
};

struct dmabuf_file {
	char *name;			/* owned, as in filename= */
	int fd;				/* owned by the job */
	struct dmabuf_target target;
};

/* What the job did besides its I/Os: these are in dmabuf_queue_stats. */
struct dmabuf_job_stats {
	uint64_t register_ns;		/* of all registrations */
	uint64_t first_map_ns;		/* of all warm-up reads */
	uint64_t first_map_max_ns;
	unsigned int registrations;
	unsigned int warmups;
	uint64_t sync_calls;
	uint64_t copied_bytes;		/* by path staged */
	uint64_t shadow_bytes;		/* by sources the CPU cannot map */
};

/* What makes an SQE's address and slot of an address in a piece. */
struct dmabuf_slot {
	uint64_t bias;			/* added to the address */
	uint32_t index;			/* for the first file */
};

/* The CPU access that fio has open on one unit, between two of its I/Os. */
struct dmabuf_unit_access {
	unsigned int chunk;
	unsigned int access;		/* enum dmabuf_access, 0: none */
};

struct dmabuf_job {
	struct dmabuf_settings settings;
	const struct dmabuf_path_traits *traits;
	struct dmabuf_interface interface;	/* path direct */
	struct dmabuf_host host;

	struct io_uring ring;
	bool ring_ready;
	struct dmabuf_queue queue;

	struct dmabuf_file *files;
	unsigned int nr_files;
	unsigned int open_files;	/* of these, opened */

	struct dmabuf_buffer buffer;	/* where fio's buffers lie */
	struct dmabuf_buffer bounce;	/* staged: what the drive sees */
	unsigned int filling;		/* chunks open for fio's fill, or 1: a
					 * shadow that is to be copied */
	bool registered;

	struct dmabuf_slot *slots;	/* by piece of the buffer */
	unsigned int slots_per_file;	/* 0: slots do not depend on it */
	uint8_t read_opcode;		/* that of writes is the next */
	/* CPU access in the hot path, all false when there is none. */
	bool sync_writes;		/* from prep to queue */
	bool sync_reads;		/* from completion to the next queue */
	bool sync_refills;		/* the same, for writing */
	bool sync_copies;
	bool shadow_writes;		/* copies where fio wrote */
	bool shadow_reads;		/* and where it will read */
	int copy_error;			/* -errno of the first that failed */
	struct dmabuf_unit_access *accesses;	/* by index of the io_u */
	unsigned int units;		/* of these, iodepth */

	struct dmabuf_job_stats stats;
	/* For the report, kept when the memory is gone. */
	unsigned int chunks;
	uint64_t bytes;
};

/* Allocates and maps the memory for fio's units. */
int dmabuf_job_alloc(struct dmabuf_job *job, struct dmabuf_layout *layout,
		     struct dmabuf_error *err);

/* Unregisters and frees the memory; harmless when there is none. */
void dmabuf_job_free(struct dmabuf_job *job);

/* One line for a copy of a shadowed source that failed; returns @error. */
int dmabuf_copy_failed(const struct dmabuf_job *job, int error,
		       struct dmabuf_error *err);

/* One line for a DMA_BUF_IOCTL_SYNC that failed; returns @error. */
int dmabuf_sync_failed(const struct dmabuf_job *job, int error,
		       struct dmabuf_error *err);

/* The ring and the queue; by the thread that will submit. */
int dmabuf_job_setup_ring(struct dmabuf_job *job, struct dmabuf_error *err);

/* Makes room for @nr files. */
int dmabuf_job_expect_files(struct dmabuf_job *job, unsigned int nr,
			    struct dmabuf_error *err);

/*
 * Takes over the open @fd as file number job->open_files and checks that the
 * path can use it. @fd is the job's in any case.
 */
int dmabuf_job_add_file(struct dmabuf_job *job, const char *name, int fd,
			struct dmabuf_error *err);

/* Registers all files with the ring, once. */
int dmabuf_job_register_files(struct dmabuf_job *job,
			      struct dmabuf_error *err);

/* Registers the memory, and warms it up on path direct. */
int dmabuf_job_register(struct dmabuf_job *job, struct dmabuf_error *err);

/* The CPU access to all of the memory while fio fills it. */
int dmabuf_job_begin_fill(struct dmabuf_job *job, struct dmabuf_error *err);
int dmabuf_job_end_fill(struct dmabuf_job *job, struct dmabuf_error *err);

/* Closes files, queue and ring. The memory must have been freed. */
void dmabuf_job_close(struct dmabuf_job *job);

/* For a job that refills its units: before the first time. 0 or -errno. */
int dmabuf_job_open_refill(struct dmabuf_job *job, uint32_t index,
			   const void *address);

/*
 * CPU access to the slice at @address of unit @index, around fio's own: before
 * it writes the last of its data (prep), before the drive takes over (queue),
 * after the drive is done (complete). The last two copy @bytes as well in the
 * staged path, and where fio sees a shadow. 0 or -errno.
 */
int dmabuf_job_prep(struct dmabuf_job *job, uint32_t index,
		    const void *address, bool write);
int dmabuf_job_queue(struct dmabuf_job *job, uint32_t index, void *address,
		     uint32_t bytes, bool write);
int dmabuf_job_complete(struct dmabuf_job *job, uint32_t index, void *address,
			uint32_t bytes, bool write);

/* Ends every access that is still open, of the fill and of the units. */
void dmabuf_job_end_access(struct dmabuf_job *job);

/* Whether the three above have anything to do. */
static inline bool dmabuf_job_touches(const struct dmabuf_job *job)
{
	return job->traits->copies || job->sync_writes || job->sync_reads ||
	       job->sync_refills || job->shadow_writes || job->shadow_reads;
}

/* Points @sqe at the slice at @address, for file number @file. */
static inline void dmabuf_job_slice(const struct dmabuf_job *job,
				    struct io_uring_sqe *sqe,
				    const void *address, unsigned int file)
{
	const struct dmabuf_slot *slot =
		&job->slots[dmabuf_buffer_piece(&job->buffer, address)];

	sqe->addr = (uintptr_t)address + slot->bias;
	sqe->buf_index = slot->index + file * job->slots_per_file;
}

#endif
