/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf-check --write: data goes from the dma-buf to the drive and is looked
 * for there twice, through the dma-buf and by an ordinary read. The blocks are
 * saved before and put back after, whatever came of it; signals wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "empty.h"
#include "subprocess.h"
#include "sysfs.h"
#include "write.h"

static int whole(ssize_t done)
{
	return done == CHECK_UNIT ? 0 : done < 0 ? -errno : -EIO;
}

/* One I/O of the job's only unit. 0 or -errno. */
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

/* The CPU puts @from into the slice. */
static int fill(struct dmabuf_job *job, const void *from)
{
	int ret = dmabuf_job_prep(job, 0, job->buffer.base, true);

	if (ret)
		return ret;
	memcpy(job->buffer.base, from, CHECK_UNIT);
	return dmabuf_job_queue(job, 0, job->buffer.base, CHECK_UNIT, true);
}

/* The CPU takes what is in the slice. */
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

/* Between saving and putting back. */
static int write_and_read(struct check_direct *d, struct dmabuf_job *job,
			  struct dmabuf_error *err)
{
	int ret = fill(job, d->pattern);

	if (ret)
		return failed(d, "the CPU cannot fill memory from", ret, err);
	ret = transfer(job, IORING_OP_WRITE_FIXED);
	if (ret)
		return failed(d, "cannot write from", ret, err);
	ret = whole(pread(job->files[0].fd, d->read_back, CHECK_UNIT,
			  CHECK_WRITE_AT));
	if (ret)
		return failed(d, "cannot read what was written from", ret,
			      err);
	if (memcmp(d->read_back, d->pattern, CHECK_UNIT))
		return dmabuf_error_set(err, -EIO,
			"%s: the drive reported success but the data written from %s is not there; peer-to-peer does not work here, try iommu=pt or another slot",
			d->drive, d->source);

	/* Nothing that is in the memory already may pass for the data. */
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
			"%s: what was written is not what came back into %s; see the kernel log",
			d->drive, d->source);
	return 0;
}

static int put_back(struct check_direct *d, int fd, struct dmabuf_error *err)
{
	int written = whole(pwrite(fd, d->saved, CHECK_UNIT, CHECK_WRITE_AT));
	int ret = whole(pread(fd, d->read_back, CHECK_UNIT, CHECK_WRITE_AT));

	/* A drive that took no write now may have taken none before. */
	if (!ret && !memcmp(d->read_back, d->saved, CHECK_UNIT)) {
		d->dirty = false;
		return 0;
	}
	ret = written ? : ret ? : -EIO;
	return dmabuf_error_set(err, ret,
		"%s: %d bytes from byte %llu on could not be put back: %s; write them anew from a copy of yours",
		d->drive, CHECK_UNIT, CHECK_WRITE_AT, strerror(-ret));
}

/* A name is another drive's once the first is gone; this is not. */
static void read_identity(int fd, char *identity, size_t size)
{
	struct stat st;

	identity[0] = '\0';
	if (!fstat(fd, &st))
		check_read(identity, size, "/sys/dev/block/%u:%u/wwid",
			   major(st.st_rdev), minor(st.st_rdev));
}

/* Saves what is there; without --force that is zeroes. */
static int save(struct check_direct *d, int fd, struct dmabuf_error *err)
{
	int ret = whole(pread(fd, d->saved, CHECK_UNIT, CHECK_WRITE_AT));

	if (ret)
		return failed(d, "cannot save what is there for", ret, err);
	memset(d->read_back, 0, CHECK_UNIT);
	if (!d->force && memcmp(d->saved, d->read_back, CHECK_UNIT))
		return dmabuf_error_set(err, -EEXIST,
			"%s: not written to, for it is not empty any more; name an empty drive",
			d->drive);
	return 0;
}

int check_write(struct check_direct *direct, struct dmabuf_job *job,
		struct dmabuf_error *err)
{
	struct dmabuf_error worse;
	int fd = job->files[0].fd, ret;

	if (getrandom(direct->pattern, CHECK_UNIT, 0) != CHECK_UNIT)
		return failed(direct, "no random data for", -EIO, err);
	ret = save(direct, fd, err);
	if (ret)
		return ret;
	read_identity(fd, direct->identity, sizeof(direct->identity));
	check_hold_signals();
	direct->dirty = true;
	ret = write_and_read(direct, job, err);
	dmabuf_job_end_access(job);
	if (put_back(direct, fd, &worse)) {
		*err = worse;
		ret = worse.code;
	}
	direct->written = !ret;
	check_release_signals();
	return ret;
}

void check_write_restore(struct check_direct *direct)
{
	char now[sizeof(direct->identity)];
	struct dmabuf_error err;
	int fd = open(direct->drive, O_RDWR | O_DIRECT | O_CLOEXEC);

	if (fd < 0)
		dmabuf_error_set(&err, -errno,
			"%s: cannot be opened to put back %d bytes from byte %llu on: %s; write them anew from a copy of yours",
			direct->drive, CHECK_UNIT, CHECK_WRITE_AT,
			strerror(errno));
	else
		read_identity(fd, now, sizeof(now));
	if (fd >= 0 && strcmp(now, direct->identity))
		dmabuf_error_set(&err, -ENODEV,
			"%s: is another drive by now, to which %d bytes from byte %llu on are not put back; write them anew from a copy of yours to the first",
			direct->drive, CHECK_UNIT, CHECK_WRITE_AT);
	else if (fd >= 0)
		put_back(direct, fd, &err);
	if (direct->dirty)
		check_failed(&direct->result, &err);
	if (fd >= 0)
		close(fd);
}
