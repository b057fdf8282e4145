/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A job of path direct with one drive and one I/O. Registering the buffer ends
 * with the engine's own warm-up read, which verifies the data.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "direct.h"
#include "write.h"

/*
 * O_EXCL is retried: the kernel releases the file of an earlier registration
 * only some time after its ring is gone.
 */
#define TRIES		50
#define PAUSE_US	100000

/* O_EXCL fails while the drive is mounted or otherwise in use. */
static int open_drive(const struct check_direct *d, struct dmabuf_error *err)
{
	int flags = O_DIRECT | O_CLOEXEC |
		(d->write ? O_RDWR | O_EXCL : O_RDONLY);
	unsigned int tries;
	int fd = -1;

	for (tries = 0; tries < TRIES; tries++) {
		fd = open(d->drive, flags);
		if (fd >= 0 || errno != EBUSY)
			break;
		usleep(PAUSE_US);
	}
	if (fd >= 0)
		return fd;
	if (errno == EBUSY)
		return dmabuf_error_set(err, -errno,
			"%s: not written to: in use (mounted, swap, RAID or similar); use another drive",
			d->drive);
	return dmabuf_error_set(err, -errno,
		"%s: %s; run as root or give the user access with a udev rule",
		d->drive, strerror(errno));
}

static int build(struct check_direct *d, struct dmabuf_job *job,
		 struct dmabuf_error *err)
{
	struct dmabuf_layout layout = { .unit = CHECK_UNIT, .units = 1 };
	int fd, ret;

	ret = dmabuf_source_parse(&job->settings.source, d->source, err);
	if (!ret)
		ret = dmabuf_job_setup_ring(job, err);
	if (!ret)
		ret = dmabuf_job_alloc(job, &layout, err);
	if (!ret)
		ret = dmabuf_job_expect_files(job, 1, err);
	if (ret)
		return ret;
	fd = open_drive(d, err);
	if (fd < 0)
		return fd;
	ret = dmabuf_job_add_file(job, d->drive, fd, err);
	return ret ? ret : dmabuf_job_register_files(job, err);
}

static int register_and_read(struct check_direct *d, struct dmabuf_job *job,
			     struct dmabuf_error *err)
{
	int ret = dmabuf_job_begin_fill(job, err);

	if (ret)
		return ret;
	memset(job->buffer.base, 0, CHECK_UNIT);
	ret = dmabuf_job_register(job, err);
	d->register_ns = job->stats.register_ns;
	d->first_map_ns = job->stats.first_map_ns;
	d->verified = !ret;
	return ret ? ret : dmabuf_job_end_fill(job, err);
}

void check_direct_run(struct check_direct *direct)
{
	struct dmabuf_job job = { .settings.path = DMABUF_PATH_DIRECT };
	struct dmabuf_error err;
	int ret;

	job.traits = dmabuf_path_traits(DMABUF_PATH_DIRECT);
	job.settings.warmup = true;
	job.settings.direct_io = true;
	job.settings.cpu_writes = true;
	job.settings.cpu_reads = true;
	job.settings.ring.depth = 1;

	ret = build(direct, &job, &err);
	if (!ret)
		ret = register_and_read(direct, &job, &err);
	if (!ret && direct->write)
		ret = check_write(direct, &job, &err);
	if (ret)
		check_failed(&direct->result, &err);
	else
		check_ok(&direct->result);
	dmabuf_job_free(&job);
	dmabuf_job_close(&job);
}
