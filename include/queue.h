/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Submission and completion for one job. A unit is what one io_u asks of the
 * kernel: its SQE is kept until the unit completes, so that it can be sent
 * again unchanged (-EAGAIN) or continued (a short transfer).
 */
#ifndef DMABUF_QUEUE_H
#define DMABUF_QUEUE_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* How long an I/O may get nothing but -EAGAIN, in nanoseconds. */
#define DMABUF_EAGAIN_LIMIT	(10ULL * 1000 * 1000 * 1000)

#define DMABUF_ERRNO_MAX	200

struct dmabuf_unit {
	struct io_uring_sqe sqe;	/* as it will be sent, or was */
	void *user;			/* the io_u */
	uint32_t want;			/* bytes asked for */
	int32_t result;			/* bytes done, or -errno */
	uint64_t eagain_since;		/* nanoseconds, 0 when not */
} __attribute__((aligned(128)));

/*
 * Opcodes used here, all below: read and write with registered buffers and
 * without, fsync, sync_file_range and poll.
 */
#define DMABUF_OPCODES		24

struct dmabuf_queue_stats {
	uint64_t ios[DMABUF_OPCODES];	/* completed, by opcode */
	uint64_t bytes[DMABUF_OPCODES];
	uint64_t reissued;		/* after -EAGAIN */
	uint64_t continued;		/* after a short transfer */
	uint64_t errors[DMABUF_ERRNO_MAX];	/* by errno */
};

/* Completed reads, or writes, whichever opcode the job uses; their bytes. */
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
	uint32_t unsent;		/* in the ring, not yet sent */
	uint32_t uncommitted;		/* of these, new since the last commit:
					 * entries of fresh */
	uint32_t in_flight;		/* started and not yet reaped */
	uint64_t refused_since;		/* io_uring_enter, nanoseconds */
	bool polled;			/* SQPOLL: the kernel submits */
	bool endless;			/* nothing but block devices */
	int unexplained;		/* -errno that takes more words than
					 * fio has, first seen now; or 0 */
	struct dmabuf_unit watch;	/* of dmabuf_queue_watch() */
	struct dmabuf_queue_stats stats;
};

/*
 * @ring outlives the queue and has an entry for each unit. The units' SQEs
 * carry their address as user_data. -ENOMEM, or 0.
 */
int dmabuf_queue_init(struct dmabuf_queue *queue, struct io_uring *ring,
		      uint32_t depth);
void dmabuf_queue_free(struct dmabuf_queue *queue);

/* Puts @unit into the ring, which has room for every unit of the queue. */
static inline void dmabuf_queue_push(struct dmabuf_queue *queue,
				     const struct dmabuf_unit *unit)
{
	struct io_uring_sq *sq = &queue->ring->sq;

	sq->sqes[sq->sqe_tail++ & sq->ring_mask] = unit->sqe;
	queue->unsent++;
}

/* The same for a unit that fio hands over now. */
static inline void dmabuf_queue_start(struct dmabuf_queue *queue,
				      struct dmabuf_unit *unit)
{
	unit->want = unit->sqe.len;
	unit->eagain_since = 0;
	queue->fresh[queue->uncommitted++] = unit;
	queue->in_flight++;
	dmabuf_queue_push(queue, unit);
}

/* One more I/O that failed with @error, outside of the ring. */
static inline void dmabuf_queue_count_error(struct dmabuf_queue *queue,
					    int error)
{
	queue->stats.errors[error < DMABUF_ERRNO_MAX ? error : 0]++;
}

/* Submits all that is unsent. -errno, or 0. */
int dmabuf_queue_submit(struct dmabuf_queue *queue);

/*
 * Waits for at least @min and hands out at most @max completed units:
 * completed[0] to completed[n - 1]. Sends what is unsent unless it is still
 * uncommitted. With @min 0 it returns what is ready. n or -errno.
 */
int dmabuf_queue_reap(struct dmabuf_queue *queue, unsigned int min,
		      unsigned int max);

/*
 * From now on, unexplained is -ESHUTDOWN once @fd is readable; a reap returns
 * or goes on as before. Not for polled rings. -errno, or 0.
 */
int dmabuf_queue_watch(struct dmabuf_queue *queue, int fd);

/* Sends and waits for all that was started; nobody is told of it. */
void dmabuf_queue_finish(struct dmabuf_queue *queue);

#endif
