/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One job, independent of fio: its ring, memory and files, and the registration
 * of the latter two with the ring. The hooks translate fio's calls into these.
 */
#ifndef DMABUF_JOB_H
#define DMABUF_JOB_H

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
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

/* Set before the memory is allocated, constant afterwards. */
struct dmabuf_settings {
	enum dmabuf_path path;
	struct dmabuf_source_option source;
	enum dmabuf_sync sync;
	uint64_t chunk_max;		/* bytes, 0: the largest possible */
	enum dmabuf_place place;
	uint64_t size;			/* of all memory, 0: as needed */
	uint64_t seed;			/* of random places */
	bool warmup;
	bool direct_io;			/* direct=1 */
	bool reopens;			/* fio opens and closes files during
					 * the job */
	uint64_t min_io;		/* bytes of the smallest I/O, 0: none */
	bool cpu_writes;		/* fio writes the slices */
	bool cpu_refills;		/* fio writes them even before prep */
	bool cpu_reads;			/* fio reads the slices: verify */
	bool cpu_swaps;			/* and writes what it verifies */
	struct dmabuf_ring_options ring;
};

struct dmabuf_file {
	char *name;			/* owned, as in filename= */
	int fd;				/* owned by the job; -1 if reopens */
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
	uint64_t copied_bytes;		/* staged copies */
	uint64_t shadow_bytes;		/* to and from a shadowed source */
};

/* Turns an address in a piece into the address and slot of an SQE. */
struct dmabuf_slot {
	uint64_t bias;			/* added to the address */
	uint32_t index;			/* in the table, for the first file */
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
	unsigned int open_files;	/* added so far */

	struct dmabuf_source source;	/* open while there is memory; stays
					 * valid for the report */
	struct dmabuf_source bounce_source;
	struct dmabuf_buffer buffer;	/* holds fio's I/O buffers */
	struct dmabuf_buffer bounce;	/* path staged: for the drive */
	unsigned int filling;		/* chunks with an open access for
					 * fio's fill; 1 for a shadow that
					 * has yet to be copied */
	bool registered;

	struct dmabuf_slot *slots;	/* by piece of the buffer */
	unsigned int slots_per_file;	/* 0: all files share the slots */
	uint8_t read_opcode;		/* writes: the next one */
	/* CPU access during I/O; all false on the fastest path. */
	bool sync_writes;		/* from prep to queue */
	bool sync_reads;		/* from completion to the next queue,
					 * for write access if cpu_swaps */
	bool sync_refills;		/* the same, for write access */
	bool sync_copies;		/* around each staged copy */
	bool shadow_writes;		/* copy before each write */
	bool shadow_reads;		/* copy after each read */
	int copy_error;			/* -errno of the first failed copy */
	int sync_error;			/* and DMA_BUF_IOCTL_SYNC, of I/O */
	struct dmabuf_unit_access *accesses;	/* by index of the io_u */
	unsigned int units;		/* of these, iodepth */

	struct dmabuf_job_stats stats;
	/* For the report, kept after the memory is freed. */
	unsigned int chunks;
	uint64_t bytes;
};

_Static_assert(_Alignof(struct dmabuf_job) <= _Alignof(max_align_t),
	       "calloc() aligns no more than that");

/* Allocates and maps the memory for fio's units. */
int dmabuf_job_alloc(struct dmabuf_job *job, struct dmabuf_layout *layout,
		     struct dmabuf_error *err);

/* Unregisters and frees the memory, if there is any. */
void dmabuf_job_free(struct dmabuf_job *job);

/* One line for a failed copy of a shadowed source; returns @error. */
int dmabuf_copy_failed(const struct dmabuf_job *job, int error,
		       struct dmabuf_error *err);

/* One line for a failed DMA_BUF_IOCTL_SYNC; returns @error. */
int dmabuf_sync_failed(const struct dmabuf_job *job, int error,
		       struct dmabuf_error *err);

/* Sets up ring and queue. Called by the thread that will submit. */
int dmabuf_job_setup_ring(struct dmabuf_job *job, struct dmabuf_error *err);

/* Allocates the table for @nr files. */
int dmabuf_job_expect_files(struct dmabuf_job *job, unsigned int nr,
			    struct dmabuf_error *err);

/*
 * Adds the open @fd as file number job->open_files and checks that the path can
 * use it. The job owns @fd afterwards, even on failure.
 */
int dmabuf_job_add_file(struct dmabuf_job *job, const char *name, int fd,
			struct dmabuf_error *err);

/* Registers all files with the ring; if reopens is set, as many empty slots. */
int dmabuf_job_register_files(struct dmabuf_job *job,
			      struct dmabuf_error *err);

/* Puts @fd, owned by the caller, into the slot of file @nr; -1 empties it. */
int dmabuf_job_update_file(struct dmabuf_job *job, unsigned int nr, int fd,
			   struct dmabuf_error *err);

/* Registers the memory with the ring, and warms it up on path direct. */
int dmabuf_job_register(struct dmabuf_job *job, struct dmabuf_error *err);

/* CPU access to the whole memory while fio fills it. */
int dmabuf_job_begin_fill(struct dmabuf_job *job, struct dmabuf_error *err);
int dmabuf_job_end_fill(struct dmabuf_job *job, struct dmabuf_error *err);

/* Closes files, queue and ring. The memory must have been freed. */
void dmabuf_job_close(struct dmabuf_job *job);

/* Opens the access for the first refill of a unit, if any. 0 or -errno. */
int dmabuf_job_open_refill(struct dmabuf_job *job, uint32_t index,
			   const void *address);

/*
 * CPU access to the slice at @address of unit @index: before fio writes the
 * last of its data (prep), before the I/O is submitted (queue), and after it
 * completed (complete), with the bytes or -errno as @result. The last two also
 * copy the bytes on path staged, and for a shadowed source. After complete, and
 * after a queue that failed, fio may refill the slice: its access is open then,
 * unless sync_error is set. 0 or -errno.
 */
int dmabuf_job_prep(struct dmabuf_job *job, uint32_t index,
		    const void *address, bool write);
int dmabuf_job_queue(struct dmabuf_job *job, uint32_t index, void *address,
		     uint32_t bytes, bool write);
int dmabuf_job_complete(struct dmabuf_job *job, uint32_t index, void *address,
			int32_t result, bool write);

/* Ends every access that is still open, of the fill and of the units. */
void dmabuf_job_end_access(struct dmabuf_job *job);

/* Whether I/O needs the calls above. */
static inline bool dmabuf_job_touches(const struct dmabuf_job *job)
{
	return job->traits->copies || job->sync_writes || job->sync_reads ||
	       job->sync_refills || job->shadow_writes || job->shadow_reads;
}

/* Sets address and slot of @sqe for the slice at @address and file @file. */
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
