/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hot path below fio's hooks: it allocates nothing, logs nothing and does
 * not depend on the source of the memory. drain() handles full transfers, the
 * common completion; settle() handles all others.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "queue.h"

int dmabuf_queue_init(struct dmabuf_queue *queue, struct io_uring *ring,
		      uint32_t depth)
{
	uint32_t i;

	memset(queue, 0, sizeof(*queue));
	queue->ring = ring;
	queue->depth = depth;
	queue->polled = ring->flags & IORING_SETUP_SQPOLL;
	/* calloc() would not align the units. */
	queue->units = aligned_alloc(sizeof(*queue->units),
				     depth * sizeof(*queue->units));
	queue->completed = calloc(depth, sizeof(*queue->completed));
	queue->fresh = calloc(depth, sizeof(*queue->fresh));
	if (!queue->units || !queue->completed || !queue->fresh) {
		dmabuf_queue_free(queue);
		return -ENOMEM;
	}
	memset(queue->units, 0, depth * sizeof(*queue->units));
	for (i = 0; i < depth; i++)
		queue->units[i].sqe.user_data = (uintptr_t)&queue->units[i];
	return 0;
}

void dmabuf_queue_free(struct dmabuf_queue *queue)
{
	free(queue->units);
	free(queue->completed);
	free(queue->fresh);
	queue->units = NULL;
	queue->completed = NULL;
	queue->fresh = NULL;
}

/* Starts the clock at *since, or returns whether the limit has passed. */
static bool too_long(uint64_t *since)
{
	uint64_t now = dmabuf_clock();

	if (!*since)
		*since = now;
	return now - *since > DMABUF_EAGAIN_LIMIT;
}

static bool is_read(const struct dmabuf_unit *unit)
{
	return unit->sqe.opcode == IORING_OP_READ_FIXED ||
	       unit->sqe.opcode == IORING_OP_READ;
}

static bool is_transfer(const struct dmabuf_unit *unit)
{
	return is_read(unit) || unit->sqe.opcode == IORING_OP_WRITE_FIXED ||
	       unit->sqe.opcode == IORING_OP_WRITE;
}

/* Lets the caller explain @error, once. */
static void note_unexplained(struct dmabuf_queue *queue, int error)
{
	if (!queue->stats.errors[-error])
		queue->unexplained = error;
}

static bool failed(struct dmabuf_queue *queue, struct dmabuf_unit *unit,
		   int error)
{
	/* A drive without queues to poll. */
	if (error == -EOPNOTSUPP && queue->ring->flags & IORING_SETUP_IOPOLL)
		note_unexplained(queue, error);
	unit->result = error;
	dmabuf_queue_count_error(queue, -error);
	return true;
}

/*
 * The end of the file: the result is what was read before, and @res bytes. On
 * a block device that fio reads within its size, it means that the device is
 * gone.
 */
static bool ended(struct dmabuf_queue *queue, struct dmabuf_unit *unit,
		  int res)
{
	if (queue->endless) {
		note_unexplained(queue, -ENODEV);
		return failed(queue, unit, -ENODEV);
	}
	unit->result = unit->want - unit->sqe.len + res;
	queue->stats.ios[unit->sqe.opcode]++;
	queue->stats.bytes[unit->sqe.opcode] += unit->result;
	return true;
}

static bool again(struct dmabuf_queue *queue, const struct dmabuf_unit *unit)
{
	dmabuf_queue_push(queue, unit);
	return false;
}

/* A completion that is not a full transfer; false if the I/O continues. */
static bool settle(struct dmabuf_queue *queue, struct dmabuf_unit *unit,
		   int res)
{
	if (unit == &queue->watch) {
		queue->unexplained = -ESHUTDOWN;
		return false;
	}
	if (res == -EAGAIN) {
		if (too_long(&unit->eagain_since)) {
			note_unexplained(queue, -ETIME);
			return failed(queue, unit, -ETIME);
		}
		queue->stats.reissued++;
		return again(queue, unit);
	}
	if (res < 0)
		return failed(queue, unit, res);
	if (!is_transfer(unit)) {
		unit->result = 0;
		return true;
	}
	if ((uint32_t)res > unit->sqe.len)
		return failed(queue, unit, -EIO);
	if (!res)
		return ended(queue, unit, 0);

	/* Only the last block of a file can be read in part. */
	if (res % 512 && is_read(unit))
		return ended(queue, unit, res);
	unit->sqe.off += res;
	unit->sqe.addr += res;
	unit->sqe.len -= res;
	unit->eagain_since = 0;
	queue->stats.continued++;
	return again(queue, unit);
}

/* Takes completions off the ring until completed[] holds @max. */
static unsigned int drain(struct dmabuf_queue *queue, unsigned int n,
			  unsigned int max)
{
	struct dmabuf_queue_stats *stats = &queue->stats;
	const struct io_uring_cq *cq = &queue->ring->cq;
	unsigned int head = *cq->khead, ready, taken, before = n;

	ready = io_uring_cq_ready(queue->ring);
	for (taken = 0; taken < ready && n < max; taken++) {
		const struct io_uring_cqe *cqe =
			&cq->cqes[(head + taken) & cq->ring_mask];
		struct dmabuf_unit *unit =
			(struct dmabuf_unit *)(uintptr_t)cqe->user_data;

		if (__builtin_expect(cqe->res == (int)unit->sqe.len, 1)) {
			unit->result = unit->want;
			stats->ios[unit->sqe.opcode]++;
			stats->bytes[unit->sqe.opcode] += unit->want;
		} else if (!settle(queue, unit, cqe->res)) {
			continue;
		}
		queue->completed[n++] = unit;
	}
	io_uring_cq_advance(queue->ring, taken);
	queue->in_flight -= n - before;
	return n;
}

/*
 * One system call: submits, and waits for @wait completions. On -EAGAIN and
 * -EBUSY the kernel wants completions to be reaped first.
 */
static int enter(struct dmabuf_queue *queue, unsigned int wait)
{
	int ret = io_uring_submit_and_wait(queue->ring, wait);

	if (ret >= 0) {
		queue->refused_since = 0;
		/* A polling thread may have taken some before this call. */
		if (queue->polled || (uint32_t)ret > queue->unsent)
			ret = queue->unsent;
		queue->unsent -= ret;
		return 0;
	}
	if (ret == -EINTR)
		return 0;
	if (ret != -EAGAIN && ret != -EBUSY)
		return ret;
	if (too_long(&queue->refused_since)) {
		note_unexplained(queue, -ETIME);
		dmabuf_queue_count_error(queue, ETIME);
		return -ETIME;
	}
	usleep(1);
	io_uring_get_events(queue->ring);
	return 0;
}

/* Takes what the kernel does not have yet back off the ring. */
static void drop_unsent(struct dmabuf_queue *queue)
{
	struct io_uring_sq *sq = &queue->ring->sq;
	/* A polling thread may take whatever lies before the tail it sees. */
	unsigned int first = queue->polled ?
		__atomic_load_n(sq->ktail, __ATOMIC_RELAXED) :
		__atomic_load_n(sq->khead, __ATOMIC_ACQUIRE);
	uint64_t watch = (uintptr_t)&queue->watch;

	while (sq->sqe_tail != first)
		if (sq->sqes[--sq->sqe_tail & sq->ring_mask].user_data != watch)
			queue->in_flight--;
	sq->sqe_head = first;
	__atomic_store_n(sq->ktail, first, __ATOMIC_RELEASE);
	queue->unsent = 0;
	queue->uncommitted = 0;
}

void dmabuf_queue_finish(struct dmabuf_queue *queue)
{
	drop_unsent(queue);
	while (queue->in_flight && !enter(queue, 1)) {
		drain(queue, 0, queue->depth);
		/* What would be reissued or continued */
		drop_unsent(queue);
	}
}

int dmabuf_queue_submit(struct dmabuf_queue *queue)
{
	int ret = 0;

	queue->uncommitted = 0;
	while (queue->unsent && !ret)
		ret = enter(queue, 0);
	return ret;
}

/* What fio's io_uring engine does instead of waiting: it asks again. */
static int look(struct dmabuf_queue *queue)
{
	if (queue->unsent || queue->polled)
		return enter(queue, 0);
	io_uring_get_events(queue->ring);
	return 0;
}

static bool should_send(const struct dmabuf_queue *queue)
{
	return queue->unsent && !queue->uncommitted;
}

int dmabuf_queue_watch(struct dmabuf_queue *queue, int fd)
{
	struct io_uring_sqe *sqe = &queue->watch.sqe;
	uint64_t since = 0;
	int ret;

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_POLL_ADD;
	sqe->fd = fd;
	sqe->poll32_events = POLLIN;
	sqe->user_data = (uintptr_t)&queue->watch;
	dmabuf_queue_push(queue, &queue->watch);
	ret = dmabuf_queue_submit(queue);
	/*
	 * The ring has an entry for each unit and none for this, so a polling
	 * thread must have taken it before all units are pushed.
	 */
	while (!ret && queue->polled && io_uring_sq_ready(queue->ring)) {
		if (too_long(&since))
			return -ETIME;
		usleep(1);
		ret = enter(queue, 0);
	}
	return ret;
}

int dmabuf_queue_reap(struct dmabuf_queue *queue, unsigned int min,
		      unsigned int max)
{
	unsigned int n = 0;
	int ret = 0;

	if (should_send(queue))
		ret = enter(queue, queue->spins ? 0 : min);
	if (!ret)
		n = drain(queue, 0, max);

	while (!ret && n < min) {
		ret = queue->spins ? look(queue) : enter(queue, min - n);
		if (!ret)
			n = drain(queue, n, max);
	}
	if (!ret && !n && !queue->polled) {
		io_uring_get_events(queue->ring);
		n = drain(queue, 0, max);
	}
	/* Submit what was just reissued, or fio would wait in vain. */
	while (!ret && should_send(queue))
		ret = enter(queue, 0);
	/* Units that were taken off the ring must not be lost. */
	return n ? (int)n : ret;
}
