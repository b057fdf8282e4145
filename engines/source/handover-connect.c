/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connecting to a giver of dma-bufs, and checking who owns its socket and who
 * is behind it: both sides trust only their own user and root.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "handover.h"

static bool is_trusted(unsigned int uid)
{
	return !uid || uid == geteuid();
}

bool dmabuf_handover_trusts(int socket, unsigned int *uid)
{
	struct ucred peer = { .uid = -1 };
	socklen_t size = sizeof(peer);

	*uid = -1;
	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	*uid = peer.uid;
	return is_trusted(peer.uid);
}

static int check_socket(const char *path, struct dmabuf_error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return dmabuf_error_set(err, -errno,
			"%s: cannot find the socket: %s; start the program that gives the dma-bufs first, or correct the path",
			path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return dmabuf_error_set(err, -ENOTSOCK,
			"%s: not a socket; dmabuf_source=fd: needs the socket of a program that gives dma-bufs",
			path);
	if (!is_trusted(st.st_uid))
		return dmabuf_error_set(err, -EPERM,
			"%s: the socket belongs to user %u, not to this user or root; run both programs as the same user",
			path, st.st_uid);
	if (st.st_mode & S_IWOTH)
		return dmabuf_error_set(err, -EPERM,
			"%s: any user can write to the socket; restrict it with chmod o-w",
			path);
	return 0;
}

static int connect_failed(const char *path, int error,
			  struct dmabuf_error *err)
{
	if (error == ECONNREFUSED)
		return dmabuf_error_set(err, -error,
			"%s: no program listens on the socket: %s; restart the program that gives the dma-bufs",
			path, strerror(error));
	if (error == EAGAIN)
		return dmabuf_error_set(err, -ETIMEDOUT,
			"%s: the giver accepted no connection within %u s; check that it responds, or run fewer jobs",
			path, DMABUF_HANDOVER_SECONDS);
	return dmabuf_error_set(err, -error,
		"%s: cannot connect to the socket: %s; check its permissions",
		path, strerror(error));
}

int dmabuf_handover_connect(const char *path, struct dmabuf_error *err)
{
	struct timeval limit = { .tv_sec = DMABUF_HANDOVER_SECONDS };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	unsigned int uid;
	int fd, ret;

	if (strlen(path) >= sizeof(address.sun_path))
		return dmabuf_error_set(err, -ENAMETOOLONG,
			"%s: the path is too long for a socket; use at most %zu characters",
			path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	ret = check_socket(path, err);
	if (ret)
		return ret;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return connect_failed(path, errno, err);
	/* Also for connect(), which waits while the giver's queue is full. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
		       sizeof(limit)) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		ret = connect_failed(path, errno, err);
		goto close_fd;
	}
	/* The path may have been replaced: check who really listens. */
	if (!dmabuf_handover_trusts(fd, &uid)) {
		ret = dmabuf_error_set(err, -EPERM,
			"%s: the giver runs as user %u, not as this user or root; run both programs as the same user",
			path, uid);
		goto close_fd;
	}
	return fd;

close_fd:
	close(fd);
	return ret;
}
