/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Submission and completion for one job. A unit is the I/O of one io_u. It
 * keeps its SQE until it completes, so that the I/O can be reissued (-EAGAIN)
 * or continued (a short transfer).
 */
#ifndef DMABUF_QUEUE_H
#define DMABUF_QUEUE_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* How long an I/O is reissued after -EAGAIN, in nanoseconds. */
#define DMABUF_EAGAIN_LIMIT	(10ULL * 1000 * 1000 * 1000)

#define DMABUF_ERRNO_MAX	200

struct dmabuf_unit {
	struct io_uring_sqe sqe;	/* as submitted, or to be submitted */
	void *user;			/* the io_u */
	uint32_t want;			/* bytes asked for */
	int32_t result;			/* bytes done, or -errno */
	uint64_t eagain_since;		/* nanoseconds, 0: no EAGAIN */
	uint64_t unused[5];		/* up to two cache lines */
};

/*
 * Only the array of units is aligned, by its allocation. An alignment of the
 * type would pass on to queues and jobs, which calloc() does not align.
 */
_Static_assert(sizeof(struct dmabuf_unit) == 128, "two cache lines");

/*
 * Above all opcodes in use: read and write with and without registered buffers,
 * fsync, sync_file_range and poll.
 */
#define DMABUF_OPCODES		24

struct dmabuf_queue_stats {
	uint64_t ios[DMABUF_OPCODES];	/* completed, by opcode */
	uint64_t bytes[DMABUF_OPCODES];
	uint64_t reissued;		/* after -EAGAIN */
	uint64_t continued;		/* after a short transfer */
	uint64_t errors[DMABUF_ERRNO_MAX];	/* by errno */
};

/* Completed reads or writes with either opcode, and their bytes. */
static inline uint64_t
dmabuf_queue_ios(const struct dmabuf_queue_stats *stats, bool write)
{
	return stats->ios[IORING_OP_READ_FIXED + write] +
	       stats->ios[IORING_OP_READ + write];
}

static inline uint64_t
dmabuf_queue_bytes(const struct dmabuf_queue_stats *stats, bool write)
{
	return stats->bytes[IORING_OP_READ_FIXED + write] +
	       stats->bytes[IORING_OP_READ + write];
}

struct dmabuf_queue {
	struct io_uring *ring;
	struct dmabuf_unit *units;	/* [depth], by index of the io_u */
	struct dmabuf_unit **completed;	/* [depth], of the newest reap */
	struct dmabuf_unit **fresh;	/* [depth], those started since the
					 * last commit */
	uint32_t depth;
	uint32_t unsent;		/* in the ring, not yet submitted */
	uint32_t uncommitted;		/* of these, started since the last
					 * commit: entries of fresh */
	uint32_t in_flight;		/* started and not yet reaped */
	uint64_t refused_since;		/* by io_uring_enter, nanoseconds */
	bool polled;			/* SQPOLL: the kernel submits */
	bool spins;			/* asks again instead of sleeping */
	bool endless;			/* all files are block devices */
	int unexplained;		/* a new -errno that fio's message
					 * would not explain; or 0 */
	struct dmabuf_unit watch;	/* of dmabuf_queue_watch() */
	struct dmabuf_queue_stats stats;
};

/*
 * @ring has to outlive the queue and to have an entry for each unit. The
 * user_data of an SQE is the address of its unit. 0 or -ENOMEM.
 */
int dmabuf_queue_init(struct dmabuf_queue *queue, struct io_uring *ring,
		      uint32_t depth);
void dmabuf_queue_free(struct dmabuf_queue *queue);

/* Puts @unit in the ring, which has room for all units of the queue. */
static inline void dmabuf_queue_push(struct dmabuf_queue *queue,
				     const struct dmabuf_unit *unit)
{
	struct io_uring_sq *sq = &queue->ring->sq;

	sq->sqes[sq->sqe_tail++ & sq->ring_mask] = unit->sqe;
	queue->unsent++;
}

/* Starts the I/O of @unit: the same, for the next commit. */
static inline void dmabuf_queue_start(struct dmabuf_queue *queue,
				      struct dmabuf_unit *unit)
{
	unit->want = unit->sqe.len;
	unit->eagain_since = 0;
	queue->fresh[queue->uncommitted++] = unit;
	queue->in_flight++;
	dmabuf_queue_push(queue, unit);
}

/* Counts an I/O that failed with @error, a positive errno. */
static inline void dmabuf_queue_count_error(struct dmabuf_queue *queue,
					    int error)
{
	queue->stats.errors[error < DMABUF_ERRNO_MAX ? error : 0]++;
}

/* Submits everything unsent. 0 or -errno. */
int dmabuf_queue_submit(struct dmabuf_queue *queue);

/*
 * Waits for at least @min and returns at most @max completed units, n of them,
 * in completed[0] to completed[n - 1]. First submits what is unsent, unless
 * some of it is uncommitted. With @min 0 it does not wait, and with spins set it
 * does not sleep. n or -errno.
 */
int dmabuf_queue_reap(struct dmabuf_queue *queue, unsigned int min,
		      unsigned int max);

/*
 * Sets unexplained to -ESHUTDOWN once @fd becomes readable; reaping is not
 * affected. Not for polled rings. 0 or -errno.
 */
int dmabuf_queue_watch(struct dmabuf_queue *queue, int fd);

/*
 * Waits for everything that the kernel has, and drops the results. What was not
 * submitted, and what would have to be reissued or continued, is never sent.
 * in_flight is not 0 afterwards if the kernel refuses to wait.
 */
void dmabuf_queue_finish(struct dmabuf_queue *queue);

#endif
