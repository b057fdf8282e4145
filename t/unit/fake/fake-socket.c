/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets are real. The script decides which user the peer is, who owns the
 * socket's file, and what happens during a poll.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake-socket.h"
#include "fake.h"

struct fake_sockets fake_sockets;

int fake_real_fds(void)
{
	int fd, nr = 0;

	for (fd = 0; fd < 256; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

int __real_getsockopt(int fd, int level, int name, void *value,
		      socklen_t *size);
int __wrap_getsockopt(int fd, int level, int name, void *value,
		      socklen_t *size);
int __wrap_getsockopt(int fd, int level, int name, void *value,
		      socklen_t *size)
{
	int ret = __real_getsockopt(fd, level, name, value, size);

	if (!ret && fake_on() && fake_sockets.peer && level == SOL_SOCKET &&
	    name == SO_PEERCRED)
		((struct ucred *)value)->uid = fake_sockets.peer;
	return ret;
}

int __real_stat64(const char *path, struct stat *st);
int __wrap_stat64(const char *path, struct stat *st);
int __wrap_stat64(const char *path, struct stat *st)
{
	int ret = __real_stat64(path, st);

	if (!ret && fake_on() && fake_sockets.owner)
		st->st_uid = fake_sockets.owner;
	return ret;
}

/* Times out at once when nothing is ready. */
int __real_poll(struct pollfd *fds, nfds_t nr, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t nr, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t nr, int timeout)
{
	int ret;

	if (!fake_on())
		return __real_poll(fds, nr, timeout);
	if (fake_sockets.on_poll)
		fake_sockets.on_poll();
	ret = __real_poll(fds, nr, 0);
	if (!ret)
		fake.now += timeout * 1000000ULL;
	return ret;
}

ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t ret = __real_recvmsg(fd, msg, flags);

	if (fake_on() && fake_sockets.truncated)
		msg->msg_flags |= MSG_CTRUNC;
	return ret;
}
