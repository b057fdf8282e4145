/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process_vm_readv(2) and process_vm_writev(2) on this very process. They
 * pin the pages of the far side, which for device memory cannot be done,
 * but reach the near side as any system call reaches its arguments: a fault
 * there ends the call with -EFAULT. So the window is always the near side,
 * and the names are the wrong way round. One copy, and nothing to set up.
 *
 * Where a kernel or a container does not have these calls, the data goes
 * through a pipe, which reaches both sides like that.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "window.h"

typedef ssize_t (*copy_call)(pid_t pid, const struct iovec *near,
			     unsigned long nr_near, const struct iovec *far,
			     unsigned long nr_far, unsigned long flags);

static int copy_by_call(copy_call call, char *window, char *host,
			uint64_t bytes)
{
	while (bytes) {
		struct iovec near = { .iov_base = window, .iov_len = bytes };
		struct iovec far = { .iov_base = host, .iov_len = bytes };
		ssize_t ret = call(getpid(), &near, 1, &far, 1, 0);

		if (ret <= 0)
			return ret ? -errno : -EFAULT;
		window += ret;
		host += ret;
		bytes -= ret;
	}
	return 0;
}

/* A part, through the pipe; all that is put into it is taken out again. */
static ssize_t pipe_some(const int ends[2], char *to, const char *from,
			 uint64_t bytes)
{
	ssize_t put = write(ends[1], from, bytes), taken = 0, ret;

	if (put < 0)
		return -errno;
	while (taken < put) {
		ret = read(ends[0], to + taken, put - taken);
		if (ret <= 0)
			return ret ? -errno : -EIO;
		taken += ret;
	}
	return taken;
}

static int copy_by_pipe(char *to, const char *from, uint64_t bytes)
{
	ssize_t ret = 0;
	int ends[2];

	/* A full pipe takes a part and does not wait. */
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	while (bytes && ret >= 0) {
		ret = pipe_some(ends, to, from, bytes);
		if (ret > 0) {
			to += ret;
			from += ret;
			bytes -= ret;
		}
	}
	close(ends[0]);
	close(ends[1]);
	return ret < 0 ? ret : 0;
}

int dmabuf_window_read(void *host, const void *window, uint64_t bytes)
{
	int ret = copy_by_call(process_vm_writev, (char *)window, host, bytes);

	if (ret == -ENOSYS || ret == -EPERM)
		ret = copy_by_pipe(host, window, bytes);
	return ret == -EFAULT ? -ENODEV : ret;
}

int dmabuf_window_write(void *window, const void *host, uint64_t bytes)
{
	int ret = copy_by_call(process_vm_readv, window, (char *)host, bytes);

	if (ret == -ENOSYS || ret == -EPERM)
		ret = copy_by_pipe(window, host, bytes);
	return ret == -EFAULT ? -ENODEV : ret;
}
