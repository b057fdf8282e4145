/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A job of path direct with one drive and one I/O. Registering the buffer ends
 * with the engine's own warm-up read, which verifies the data.
 */
#include <string.h>
#include <unistd.h>

#include "direct.h"
#include "write.h"

/*
 * The kernel releases the file of an earlier registration only some time after
 * its ring is gone.
 */
#define OPEN_SECONDS	5

int check_direct_build(struct dmabuf_job *job, const char *drive,
		       const char *source, int fd,
		       struct dmabuf_layout *layout, struct dmabuf_error *err)
{
	int ret;

	job->traits = dmabuf_path_traits(DMABUF_PATH_DIRECT);
	job->settings.path = DMABUF_PATH_DIRECT;
	job->settings.warmup = true;
	job->settings.direct_io = true;
	job->settings.cpu_writes = true;
	job->settings.cpu_reads = true;
	job->settings.ring.depth = layout->units;
	ret = dmabuf_source_parse(&job->settings.source, source, err);
	if (!ret)
		ret = dmabuf_job_setup_ring(job, err);
	if (!ret)
		ret = dmabuf_job_alloc(job, layout, err);
	if (!ret)
		ret = dmabuf_job_expect_files(job, 1, err);
	if (ret) {
		close(fd);
		return ret;
	}
	ret = dmabuf_job_add_file(job, drive, fd, err);
	return ret ? ret : dmabuf_job_register_files(job, err);
}

static int build(struct check_direct *d, struct dmabuf_job *job,
		 struct dmabuf_error *err)
{
	struct dmabuf_layout layout = { .unit = CHECK_UNIT, .units = 1 };
	int fd = check_drive_open(d->drive, d->write, OPEN_SECONDS, err);

	return fd < 0 ? fd : check_direct_build(job, d->drive, d->source, fd,
						&layout, err);
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
