/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fio's hooks between the first and the last I/O: they turn an io_u into the
 * SQE of its unit (queue.h), and completed units into io_us. They allocate
 * nothing, look nothing up, and log nothing but errors that end the job.
 */
#include "engine.h"

/* Unlike fio's ddir_rw(), false for trims. */
static inline bool moves_data(const struct io_u *io_u)
{
	return io_u->ddir == DDIR_READ || io_u->ddir == DDIR_WRITE;
}

/*
 * Reports the first copy or sync bracket that failed. Without a bracket fio
 * must not touch the memory any more, so that ends the job.
 */
static void explain_access(struct thread_data *td, struct engine *e)
{
	const struct dmabuf_job *job = &e->job;
	struct dmabuf_error err;

	if (e->explained || !(job->sync_error || job->copy_error))
		return;
	e->explained = true;
	if (!job->sync_error) {
		dmabuf_copy_failed(job, job->copy_error, &err);
		engine_error(td, &err, "dmabuf copy");
		return;
	}
	dmabuf_sync_failed(job, job->sync_error, &err);
	engine_break(td, e, &err, "dmabuf sync");
	fio_mark_td_terminate(td);
}

/* fio takes a failure without td->error for the end of the work. */
static __attribute__((noinline)) int
prep_access(struct thread_data *td, struct engine *e, struct io_u *io_u)
{
	int ret;

	if (e->broken) {
		td_verror(td, e->broken, "dmabuf prep");
		return e->broken;
	}
	ret = dmabuf_job_prep(&e->job, io_u->index, io_u->buf,
			      io_u->ddir == DDIR_WRITE);
	if (ret) {
		dmabuf_queue_count_error(&e->job.queue, -ret);
		explain_access(td, e);
	}
	return -ret;
}

int engine_prep(struct thread_data *td, struct io_u *io_u)
{
	struct engine *e = td->io_ops_data;

	if (!e->touches || !moves_data(io_u))
		return 0;
	return prep_access(td, e, io_u);
}

int engine_open_refills(struct thread_data *td, struct engine *e,
			struct dmabuf_error *err)
{
	struct io_u *io_u;
	unsigned int i;
	int ret = 0;

	io_u_qiter(&td->io_u_all, io_u, i) {
		if (!ret && !(io_u->flags & IO_U_F_FLIGHT))
			ret = dmabuf_job_open_refill(&e->job, io_u->index,
						     io_u->buf);
	}
	return ret ? dmabuf_sync_failed(&e->job, ret, err) : 0;
}

/* The fields that stay the same while a unit only reads, or only writes. */
static void prepare_unit(struct thread_data *td, struct engine *e,
			 struct io_u *io_u, struct io_uring_sqe *sqe)
{
	const struct dmabuf_options *o = td->eo;

	sqe->opcode = e->job.read_opcode + io_u->ddir;
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->ioprio = td->ioprio;
	sqe->rw_flags = 0;
	if (e->cmdprio.mode != CMDPRIO_MODE_NONE &&
	    fio_cmdprio_set_ioprio(td, &e->cmdprio, io_u))
		sqe->ioprio = io_u->ioprio;
	if (o->force_async && ++e->forced >= o->force_async) {
		e->forced = 0;
		sqe->flags |= IOSQE_ASYNC;
	}
}

static inline void prepare_slice(const struct engine *e,
				 const struct io_u *io_u,
				 struct io_uring_sqe *sqe)
{
	unsigned int file = io_u->file->fileno;

	sqe->fd = file;
	sqe->off = io_u->offset;
	sqe->len = io_u->xfer_buflen;
	dmabuf_job_slice(&e->job, sqe, io_u->xfer_buf, file);
}

static void prepare_sync(struct thread_data *td, struct io_u *io_u,
			 struct io_uring_sqe *sqe)
{
	const struct fio_file *f = io_u->file;

	sqe->flags = IOSQE_FIXED_FILE;
	sqe->ioprio = 0;
	sqe->fd = f->fileno;
	sqe->addr = 0;
	sqe->buf_index = 0;
	if (io_u->ddir == DDIR_SYNC_FILE_RANGE) {
		sqe->opcode = IORING_OP_SYNC_FILE_RANGE;
		sqe->off = f->first_write;
		sqe->len = f->last_write - f->first_write;
		sqe->sync_range_flags = td->o.sync_file_range;
	} else {
		sqe->opcode = IORING_OP_FSYNC;
		sqe->off = 0;
		sqe->len = 0;
		sqe->fsync_flags = io_u->ddir == DDIR_DATASYNC ?
			IORING_FSYNC_DATASYNC : 0;
	}
}

/*
 * io_uring has no opcode for trims and file system syncs, and a polled ring
 * accepts no syncs at all.
 */
static inline bool bypasses_ring(const struct engine *e,
				 const struct io_u *io_u)
{
	return io_u->ddir == DDIR_TRIM || dmabuf_ddir_is_syncfs(io_u->ddir) ||
	       e->job.settings.ring.iopoll;
}

static enum fio_q_status do_synchronously(struct thread_data *td,
					  struct engine *e, struct io_u *io_u)
{
	if (e->job.queue.unsent)
		return FIO_Q_BUSY;
	if (fio_fill_issue_time(td))
		fio_gettime(&io_u->issue_time, NULL);
	if (io_u->ddir == DDIR_TRIM)
		do_io_u_trim(td, io_u);
	else
		do_io_u_sync(td, io_u);
	io_u_mark_submit(td, 1);
	io_u_mark_complete(td, 1);
	return FIO_Q_COMPLETED;
}

/* Everything but a plain read or write without CPU access. */
static __attribute__((noinline)) enum fio_q_status
queue_other(struct thread_data *td, struct engine *e, struct io_u *io_u,
	    struct dmabuf_unit *unit)
{
	if (moves_data(io_u)) {
		io_u->error = e->broken ? :
			-dmabuf_job_queue(&e->job, io_u->index,
					  io_u->xfer_buf, io_u->xfer_buflen,
					  io_u->ddir == DDIR_WRITE);
		if (io_u->error) {
			dmabuf_queue_count_error(&e->job.queue, io_u->error);
			explain_access(td, e);
			return FIO_Q_COMPLETED;
		}
		prepare_unit(td, e, io_u, &unit->sqe);
		prepare_slice(e, io_u, &unit->sqe);
	} else if (bypasses_ring(e, io_u)) {
		return do_synchronously(td, e, io_u);
	} else {
		prepare_sync(td, io_u, &unit->sqe);
	}
	dmabuf_queue_start(&e->job.queue, unit);
	return FIO_Q_QUEUED;
}

enum fio_q_status engine_queue(struct thread_data *td, struct io_u *io_u)
{
	struct engine *e = td->io_ops_data;
	struct dmabuf_unit *unit = &e->job.queue.units[io_u->index];

	if (e->varies || !moves_data(io_u) ||
	    unit->sqe.opcode != e->job.read_opcode + io_u->ddir)
		return queue_other(td, e, io_u, unit);
	prepare_slice(e, io_u, &unit->sqe);
	dmabuf_queue_start(&e->job.queue, unit);
	return FIO_Q_QUEUED;
}

/* Sets the issue time of the first @new of fresh[], once for each I/O. */
static void mark_issued(struct thread_data *td, struct engine *e,
			unsigned int new)
{
	struct timespec now;
	unsigned int i;

	if (!fio_fill_issue_time(td))
		return;
	fio_gettime(&now, NULL);
	for (i = 0; i < new; i++) {
		struct io_u *io_u = e->job.queue.fresh[i]->user;

		io_u->issue_time = now;
		io_u_queued(td, io_u);
	}
	if (td->o.read_iolog_file)
		td->last_issue = now;
}

/* Ends the job, and explains what fio's own message would not. */
static int give_up(struct thread_data *td, struct engine *e, int error)
{
	int why = e->job.queue.unexplained;

	if (why == -ESHUTDOWN) {
		log_err("dmabuf: %s: the device of dmabuf_source=%s is being taken away (removed, unbound or reset), so the job ends; run it again when the device is back\n",
			td->o.name, e->job.source.name);
		td_verror(td, ENODEV, "dmabuf source");
		fio_mark_td_terminate(td);
	} else if (why == -ETIME)
		log_err("dmabuf: %s: an I/O failed after the kernel had answered it with EAGAIN for 10 s; see the kernel log\n",
			td->o.name);
	else if (why == -ENODEV)
		log_err("dmabuf: %s: a read got nothing: the drive is gone, or shorter than what the job reads; see the kernel log\n",
			td->o.name);
	else if (why)
		log_err("dmabuf: %s: hipri needs a drive with poll queues; load nvme with poll_queues=N, or leave hipri out\n",
			td->o.name);
	e->job.queue.unexplained = 0;
	if (error)
		td_verror(td, -error, "dmabuf io_uring_enter");
	return error;
}

int engine_commit(struct thread_data *td)
{
	struct engine *e = td->io_ops_data;
	struct dmabuf_queue *queue = &e->job.queue;
	unsigned int new = queue->uncommitted;
	struct dmabuf_error err;
	int ret = 0;

	/* Reissued I/Os are sent by the next getevents. */
	if (!new)
		return 0;
	/* A replay replaced the memory in the middle of the job. */
	if (e->job.filling && (dmabuf_job_end_fill(&e->job, &err) ||
			       engine_open_refills(td, e, &err)))
		return -engine_break(td, e, &err, "dmabuf commit");
	if (e->waits_when_full && queue->in_flight == queue->depth)
		queue->uncommitted = 0;
	else
		ret = dmabuf_queue_submit(queue);
	mark_issued(td, e, new);
	io_u_mark_submit(td, new);
	return ret ? give_up(td, e, ret) : 0;
}

/* CPU work on completed units: staged copies, sync brackets. */
static void touch_completed(struct thread_data *td, struct engine *e,
			    unsigned int n)
{
	struct dmabuf_queue *queue = &e->job.queue;
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct dmabuf_unit *unit = queue->completed[i];
		struct io_u *io_u = unit->user;
		int ret;

		if (!moves_data(io_u))
			continue;
		ret = dmabuf_job_complete(&e->job, io_u->index, io_u->xfer_buf,
					  unit->result,
					  io_u->ddir == DDIR_WRITE);
		if (!ret)
			continue;
		explain_access(td, e);
		/* The failure of the I/O itself was counted before. */
		if (unit->result < 0)
			continue;
		dmabuf_queue_count_error(queue, -ret);
		unit->result = ret;
	}
}

int engine_getevents(struct thread_data *td, unsigned int min,
		     unsigned int max, const struct timespec *timeout)
{
	struct engine *e = td->io_ops_data;
	int n = dmabuf_queue_reap(&e->job.queue, min, max);

	if (e->touches && n > 0)
		touch_completed(td, e, n);
	if (n < 0 || e->job.queue.unexplained)
		give_up(td, e, n < 0 ? n : 0);
	return n;
}

struct io_u *engine_event(struct thread_data *td, int event)
{
	struct engine *e = td->io_ops_data;
	const struct dmabuf_unit *unit = e->job.queue.completed[event];
	struct io_u *io_u = unit->user;
	int result = unit->result;

	if (result == (int)io_u->xfer_buflen)
		return io_u;
	if (result < 0)
		io_u->error = -result;
	else if (moves_data(io_u))
		io_u->resid = io_u->xfer_buflen - result;
	/* fio 3.33 checks only the errors of transfers. */
	if (result < 0 && !moves_data(io_u))
		td_verror(td, -result, "dmabuf sync");
	return io_u;
}
