/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf-check --write: writes data from the dma-buf to the drive and verifies
 * it twice, with an ordinary read and with a read through the dma-buf. The
 * blocks are saved before and restored after; signals are blocked meanwhile.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "check/subprocess.h"
#include "empty.h"
#include "write.h"

static int whole(ssize_t done)
{
	return done == CHECK_UNIT ? 0 : done < 0 ? -errno : -EIO;
}

/* One I/O of the job's only unit; returns 0 or -errno. */
static int transfer(struct dmabuf_job *job, unsigned int opcode)
{
	struct dmabuf_unit *unit = &job->queue.units[0];
	int ret;

	unit->sqe.opcode = opcode;
	unit->sqe.flags = IOSQE_FIXED_FILE;
	unit->sqe.fd = 0;
	unit->sqe.off = CHECK_WRITE_AT;
	unit->sqe.len = CHECK_UNIT;
	dmabuf_job_slice(job, &unit->sqe, job->buffer.base, 0);
	dmabuf_queue_start(&job->queue, unit);
	ret = dmabuf_queue_submit(&job->queue);
	if (!ret)
		ret = dmabuf_queue_reap(&job->queue, 1, 1);
	if (ret < 0)
		return ret;
	return unit->result < 0 ? unit->result :
		unit->result == CHECK_UNIT ? 0 : -EIO;
}

/* The CPU copies @from into the buffer. */
static int fill(struct dmabuf_job *job, const void *from)
{
	int ret = dmabuf_job_prep(job, 0, job->buffer.base, true);

	if (ret)
		return ret;
	memcpy(job->buffer.base, from, CHECK_UNIT);
	return dmabuf_job_queue(job, 0, job->buffer.base, CHECK_UNIT, true);
}

/* The CPU copies the buffer to @to. */
static int fetch(struct dmabuf_job *job, void *to)
{
	int ret = dmabuf_job_complete(job, 0, job->buffer.base, CHECK_UNIT,
				      false);

	if (ret)
		return ret;
	memcpy(to, job->buffer.base, CHECK_UNIT);
	return dmabuf_job_queue(job, 0, job->buffer.base, CHECK_UNIT, false);
}

static int failed(const struct check_direct *d, const char *what, int error,
		  struct dmabuf_error *err)
{
	return dmabuf_error_set(err, error, "%s: %s %s: %s; see the kernel log",
				d->drive, what, d->source, strerror(-error));
}

/* The transfers between saving and restoring. */
static int write_and_read(struct check_direct *d, struct dmabuf_job *job,
			  struct dmabuf_error *err)
{
	int ret = fill(job, d->pattern);

	if (ret)
		return failed(d, "the CPU cannot fill the buffer from", ret, err);
	ret = transfer(job, IORING_OP_WRITE_FIXED);
	if (ret)
		return failed(d, "cannot write from", ret, err);
	ret = whole(pread(job->files[0].fd, d->read_back, CHECK_UNIT,
			  CHECK_WRITE_AT));
	if (ret)
		return failed(d, "cannot read back the data written from", ret,
			      err);
	if (memcmp(d->read_back, d->pattern, CHECK_UNIT))
		return dmabuf_error_set(err, -EIO,
			"%s: the drive reported success but the data written from %s did not arrive; peer-to-peer does not work here, try iommu=pt or another slot",
			d->drive, d->source);

	/* Bytes left in the buffer must not pass for those of the drive. */
	memset(d->read_back, 0, CHECK_UNIT);
	ret = fill(job, d->read_back);
	if (!ret)
		ret = transfer(job, IORING_OP_READ_FIXED);
	if (!ret)
		ret = fetch(job, d->read_back);
	if (ret)
		return failed(d, "cannot read back into", ret, err);
	if (memcmp(d->read_back, d->pattern, CHECK_UNIT))
		return dmabuf_error_set(err, -EIO,
			"%s: the data read back into %s differs from what was written; see the kernel log",
			d->drive, d->source);
	return 0;
}

/* More than 256 bytes may come in parts, or be interrupted by a signal. */
int check_fill_random(unsigned char *data, size_t size)
{
	size_t filled = 0;
	ssize_t ret;

	while (filled < size) {
		ret = getrandom(data + filled, size - filled, 0);
		if (ret < 0 && errno != EINTR)
			return -errno;
		if (ret > 0)
			filled += ret;
	}
	return 0;
}

/* A write that is still in flight would land on top of it. */
static int restore(struct check_direct *d, struct dmabuf_job *job)
{
	dmabuf_queue_finish(&job->queue);
	if (job->queue.in_flight)
		return dmabuf_error_set(&d->saved.error, -EBUSY,
			"%s: not restored: a write is still in flight",
			d->drive);
	return check_restore(&d->saved, job->files[0].fd);
}

int check_write(struct check_direct *direct, struct dmabuf_job *job,
		struct dmabuf_error *err)
{
	int fd = job->files[0].fd, ret;

	ret = check_fill_random(direct->pattern, CHECK_UNIT);
	if (ret)
		return failed(direct, "no random data to write from", ret, err);
	ret = check_save(&direct->saved, direct->drive, fd, CHECK_WRITE_AT,
			 CHECK_UNIT, direct->force, err);
	if (ret)
		return ret;
	check_hold_signals();
	direct->saved.dirty = true;
	ret = write_and_read(direct, job, err);
	dmabuf_job_end_access(job);
	if (restore(direct, job) && !ret) {
		*err = direct->saved.error;
		ret = err->code;
	}
	direct->written = !ret;
	check_release_signals();
	return ret;
}
