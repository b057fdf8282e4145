/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of a job: whether its path can use them, and their registration
 * with the ring. job.c closes them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job.h"

int dmabuf_job_expect_files(struct dmabuf_job *job, unsigned int nr,
			    struct dmabuf_error *err)
{
	job->files = calloc(nr, sizeof(*job->files));
	if (!job->files)
		return dmabuf_error_no_memory(err, "nrfiles", "lower it");
	job->nr_files = nr;
	return 0;
}

/* Direct I/O has to be in whole logical blocks. */
static int check_block(const struct dmabuf_job *job, const char *name, int fd,
		       struct dmabuf_error *err)
{
	uint64_t io = job->settings.min_io;
	char is[32], wanted[32];
	int block = 0;

	if (!job->settings.direct_io || !io ||
	    ioctl(fd, BLKSSZGET, &block) < 0 || block <= 0 || !(io % block))
		return 0;
	return dmabuf_error_set(err, -EINVAL,
		"%s: I/Os of %s are no multiple of the logical block of this drive, %s; set bs (and bssplit, bsrange) to multiples of it",
		name, dmabuf_size_text(io, is),
		dmabuf_size_text(block, wanted));
}

static int check_file(struct dmabuf_job *job, struct dmabuf_file *file,
		      const char *name, struct dmabuf_error *err)
{
	int fd = file->fd, flags;
	struct stat st;

	file->name = strdup(name);
	if (!file->name)
		return dmabuf_error_no_memory(err, "nrfiles", "lower it");
	if (fstat(fd, &st) < 0)
		return dmabuf_error_set(err, -errno, "%s: cannot stat: %s; check that it still exists",
					name, strerror(errno));
	dmabuf_target_read(&file->target, "/sys", st.st_mode, st.st_rdev);
	if (S_ISBLK(st.st_mode) && check_block(job, name, fd, err))
		return err->code;

	if (job->settings.path != DMABUF_PATH_DIRECT)
		return 0;
	if (!S_ISBLK(st.st_mode))
		return dmabuf_error_set(err, -ENOTBLK,
			"%s: not a block device, but dmabuf_path=direct needs an NVMe drive; use /dev/nvmeXnY, or dmabuf_path=staged or host",
			name);
	flags = fcntl(fd, F_GETFL);
	/* For trims fio opens without O_DIRECT, even with direct=1. */
	if (job->settings.direct_io && !(flags & O_DIRECT)) {
		if (fcntl(fd, F_SETFL, flags | O_DIRECT) < 0)
			return dmabuf_error_set(err, -errno,
				"%s: cannot switch to O_DIRECT, which dmabuf_path=direct needs: %s; use dmabuf_path=staged or host",
				name, strerror(errno));
	}
	if (!job->settings.direct_io)
		return dmabuf_error_set(err, -EINVAL,
			"%s: opened without O_DIRECT, which dmabuf_path=direct needs; set direct=1",
			name);
	return 0;
}

int dmabuf_job_add_file(struct dmabuf_job *job, const char *name, int fd,
			struct dmabuf_error *err)
{
	struct dmabuf_file *file = &job->files[job->open_files++];
	int ret;

	file->fd = fd;
	ret = check_file(job, file, name, err);
	if (job->settings.reopens) {
		close(fd);
		file->fd = -1;
	}
	return ret;
}

int dmabuf_job_register_files(struct dmabuf_job *job,
			      struct dmabuf_error *err)
{
	unsigned int i;
	int *fds, ret;

	fds = calloc(job->nr_files, sizeof(*fds));
	if (!fds)
		return dmabuf_error_no_memory(err, "nrfiles", "lower it");
	job->queue.endless = true;
	for (i = 0; i < job->nr_files; i++) {
		fds[i] = job->files[i].fd;
		if (job->files[i].target.kind == DMABUF_TARGET_FILE)
			job->queue.endless = false;
	}
	ret = io_uring_register_files(&job->ring, fds, job->nr_files);
	free(fds);
	if (ret)
		return dmabuf_error_set(err, ret,
			"io_uring: cannot register %u files: %s; lower nrfiles, or raise the limit with ulimit -n",
			job->nr_files, strerror(-ret));
	return 0;
}

int dmabuf_job_update_file(struct dmabuf_job *job, unsigned int nr, int fd,
			   struct dmabuf_error *err)
{
	int ret = io_uring_register_files_update(&job->ring, nr, &fd, 1);

	if (ret == 1)
		return 0;
	ret = ret < 0 ? ret : -EIO;
	return dmabuf_error_set(err, ret,
		"%s: io_uring cannot register the file: %s; raise openfiles to nrfiles, or see the kernel log",
		job->files[nr].name, strerror(-ret));
}
