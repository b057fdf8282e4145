/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saves blocks of a drive and restores them. Killing a process does not end its
 * write in flight, which then lands on top of what was restored. Only O_EXCL
 * tells: the drive stays busy until the last request of the other process has
 * ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "check/subprocess.h"
#include "check/sysfs.h"
#include "restore.h"

#define PAUSE_US	100000

/*
 * The nvme driver aborts a command after 30 s and resets the controller after
 * 60 s, and then sends the command again, which may take as long.
 */
#define WAIT_SECONDS	150
#define SECONDS		180
/* When to say what is being waited for */
#define SILENT_SECONDS	5

static int open_failed(const char *drive, int error, struct dmabuf_error *err)
{
	if (error == -EBUSY)
		return dmabuf_error_set(err, error,
			"%s: not written to: in use (mounted, swap, RAID or similar); use another drive",
			drive);
	return dmabuf_error_set(err, error,
		"%s: %s; run as root or give the user access with a udev rule",
		drive, strerror(-error));
}

/* Tries for up to @seconds; a descriptor or -errno. */
static int try_open(const char *drive, int flags, unsigned int seconds)
{
	unsigned int tries = seconds * (1000000 / PAUSE_US);
	int fd;

	while ((fd = open(drive, flags | O_DIRECT | O_CLOEXEC)) < 0 &&
	       errno == EBUSY && tries--)
		usleep(PAUSE_US);
	return fd < 0 ? -errno : fd;
}

int check_drive_open(const char *drive, bool exclusive, unsigned int seconds,
		     struct dmabuf_error *err)
{
	int fd = try_open(drive, exclusive ? O_RDWR | O_EXCL : O_RDONLY,
			  seconds);

	return fd < 0 ? open_failed(drive, fd, err) : fd;
}

static int whole(ssize_t done, unsigned int size)
{
	return done == size ? 0 : done < 0 ? -errno : -EIO;
}

/* Unlike its name, a drive's identity does not pass to another drive. */
static void read_identity(int fd, char *identity, size_t size)
{
	struct stat st;

	identity[0] = '\0';
	if (!fstat(fd, &st))
		check_read(identity, size, "/sys/dev/block/%u:%u/wwid",
			   major(st.st_rdev), minor(st.st_rdev));
}

int check_save(struct check_saved *saved, const char *drive, int fd,
	       uint64_t at, unsigned int size, bool force,
	       struct dmabuf_error *err)
{
	int ret = whole(pread(fd, saved->bytes, size, at), size);

	if (ret)
		return dmabuf_error_set(err, ret,
			"%s: cannot save the blocks to overwrite: %s; see the kernel log",
			drive, strerror(-ret));
	memset(saved->now, 0, size);
	if (!force && memcmp(saved->bytes, saved->now, size))
		return dmabuf_error_set(err, -EEXIST,
			"%s: not written to: no longer empty; use an empty drive",
			drive);
	snprintf(saved->drive, sizeof(saved->drive), "%s", drive);
	saved->at = at;
	saved->size = size;
	read_identity(fd, saved->identity, sizeof(saved->identity));
	return 0;
}

int check_restore(struct check_saved *saved, int fd)
{
	int written = whole(pwrite(fd, saved->bytes, saved->size, saved->at),
			    saved->size);
	int flushed = !written && fsync(fd) < 0 ? -errno : 0;
	int read = whole(pread(fd, saved->now, saved->size, saved->at),
			 saved->size);
	int ret = written ? : flushed ? : read ? : -EIO;

	/* A drive that rejects writes may never have been overwritten. */
	if (!flushed && !read &&
	    !memcmp(saved->now, saved->bytes, saved->size)) {
		saved->dirty = false;
		return 0;
	}
	return dmabuf_error_set(&saved->error, ret,
		"%s: cannot restore %u bytes at offset %llu: %s%s",
		saved->drive, saved->size, (unsigned long long)saved->at,
		flushed ? "cannot flush the drive: " : "", strerror(-ret));
}

/* The drive, held exclusively, or -errno with the line in saved->error. */
static int hold(struct check_saved *saved)
{
	int fd = try_open(saved->drive, O_RDWR | O_EXCL, SILENT_SECONDS);

	if (fd == -EBUSY) {
		fprintf(stderr, "dmabuf-check: %s: still in use; waiting for up to %d s, to restore %u bytes at offset %llu\n",
			saved->drive, WAIT_SECONDS - SILENT_SECONDS,
			saved->size, (unsigned long long)saved->at);
		fd = try_open(saved->drive, O_RDWR | O_EXCL,
			      WAIT_SECONDS - SILENT_SECONDS);
	}
	if (fd >= 0)
		return fd;
	if (fd == -EBUSY)
		return dmabuf_error_set(&saved->error, fd,
			"%s: not restored: still in use after %d s, by a write in flight or another program, so %u bytes at offset %llu hold test data now or later",
			saved->drive, WAIT_SECONDS, saved->size,
			(unsigned long long)saved->at);
	return dmabuf_error_set(&saved->error, fd,
		"%s: cannot open it to restore %u bytes at offset %llu: %s",
		saved->drive, saved->size, (unsigned long long)saved->at,
		strerror(-fd));
}

void check_restore_again(struct check_saved *saved)
{
	char now[sizeof(saved->identity)];
	int fd = hold(saved);

	if (fd < 0)
		return;
	read_identity(fd, now, sizeof(now));
	if (strcmp(now, saved->identity))
		dmabuf_error_set(&saved->error, -ENODEV,
			"%s: now names another drive, so %u bytes at offset %llu of the first are not restored",
			saved->drive, saved->size,
			(unsigned long long)saved->at);
	else
		check_restore(saved, fd);
	close(fd);
}

/* Writes the bytes to a new file in @dir, whose name is left in @file. */
static bool keep_in(const struct check_saved *saved, const char *dir,
		    char *file, size_t size)
{
	const char *name = strrchr(saved->drive, '/');
	int fd;

	if ((size_t)snprintf(file, size, "%s/dmabuf-check-%.64s-%d.saved", dir,
			     name ? name + 1 : saved->drive,
			     (int)getpid()) >= size)
		return false;
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	if (write(fd, saved->bytes, saved->size) == (ssize_t)saved->size &&
	    !fsync(fd) && !close(fd))
		return true;
	close(fd);
	unlink(file);
	return false;
}

void check_restore_keep(const struct check_saved *saved,
			struct check_result *result)
{
	const char *temporary = getenv("TMPDIR") ? : "/tmp";
	char folder[256], file[400];
	bool kept;

	check_failed(result, &saved->error);
	kept = getcwd(folder, sizeof(folder)) &&
	       keep_in(saved, folder, file, sizeof(file));
	if (!kept && !keep_in(saved, temporary, file, sizeof(file)))
		snprintf(result->remedy, sizeof(result->remedy),
			 "restore them from a copy of your own: no file could be made in the current folder or in %.200s to keep them",
			 temporary);
	else
		snprintf(result->remedy, sizeof(result->remedy),
			 "they are kept: once the drive is idle, run dd if='%s' of=%.128s bs=%u seek=%llu conv=notrunc,fsync",
			 file, saved->drive, saved->size,
			 (unsigned long long)(saved->at / saved->size));
}

static void restore_again(void *shared)
{
	check_restore_again(shared);
}

void check_restore_always(struct check_saved *saved,
			  struct check_result *result)
{
	int ret = check_subprocess_always(restore_again, saved, SECONDS);

	/* Else the subprocess has left the reason. */
	if (ret)
		dmabuf_error_set(&saved->error, ret < 0 ? ret : -EINTR,
			"%s: cannot restore %u bytes at offset %llu: %s",
			saved->drive, saved->size,
			(unsigned long long)saved->at,
			ret == -ETIME ? "that does not end" :
			ret < 0 ? strerror(-ret) : strsignal(ret));
	if (saved->dirty)
		check_restore_keep(saved, result);
}
