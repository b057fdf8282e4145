/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies by process_vm_readv(2) and process_vm_writev(2) on this very process.
 * They pin the pages of the remote side, which is impossible for device
 * memory, but access the local side as any system call accesses its arguments:
 * a fault there ends the call with EFAULT. So the window is always the local
 * side, and reading it takes the call named write. That is one copy without
 * any setup.
 *
 * Where the kernel or a container forbids these calls, the data goes through
 * a pipe, which accesses both sides in this way.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "window.h"

typedef ssize_t (*copy_call)(pid_t pid, const struct iovec *local,
			     unsigned long nr_local, const struct iovec *remote,
			     unsigned long nr_remote, unsigned long flags);

static int copy_by_call(copy_call call, char *window, char *host,
			uint64_t bytes)
{
	while (bytes) {
		struct iovec local = { .iov_base = window, .iov_len = bytes };
		struct iovec remote = { .iov_base = host, .iov_len = bytes };
		ssize_t ret = call(getpid(), &local, 1, &remote, 1, 0);

		if (ret <= 0)
			return ret ? -errno : -EFAULT;
		window += ret;
		host += ret;
		bytes -= ret;
	}
	return 0;
}

/* One write to the pipe, and reads until it is empty again. */
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

	/* O_NONBLOCK: when the pipe is full, write() is short. */
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
