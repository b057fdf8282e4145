/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dma-bufs handed from one process to another with SCM_RIGHTS, see
 * handover.h. The receiver believes nothing: who is behind the socket, how
 * long he takes, and that as many descriptors come as he says.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "handover.h"

#define CONTROL_SIZE	CMSG_SPACE(DMABUF_HANDOVER_PER_MESSAGE * sizeof(int))

/* Ancillary data, aligned as the kernel wants it */
union control {
	struct cmsghdr align;
	char bytes[CONTROL_SIZE];
};

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
			"%s: no socket to get dma-bufs from: %s; start the program that gives them first, or correct the path",
			path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return dmabuf_error_set(err, -ENOTSOCK,
			"%s: not a socket; dmabuf_source=fd: wants the socket of a program that gives dma-bufs",
			path);
	if (!is_trusted(st.st_uid))
		return dmabuf_error_set(err, -EPERM,
			"%s: the socket is of user %u, neither of this user nor of root; run both programs as one user",
			path, st.st_uid);
	if (st.st_mode & S_IWOTH)
		return dmabuf_error_set(err, -EPERM,
			"%s: any user can write to the socket; take that away with chmod o-w",
			path);
	return 0;
}

static int connect_failed(const char *path, int error,
			  struct dmabuf_error *err)
{
	if (error == ECONNREFUSED)
		return dmabuf_error_set(err, -error,
			"%s: nobody listens on the socket: %s; start the program that gives the dma-bufs again",
			path, strerror(error));
	if (error == EAGAIN)
		return dmabuf_error_set(err, -ETIMEDOUT,
			"%s: the giver took no connection in %u s; see what it does, or run fewer jobs",
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
			"%s: too long for a socket; use a path of at most %zu characters",
			path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	ret = check_socket(path, err);
	if (ret)
		return ret;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return connect_failed(path, errno, err);
	/* Also of connect, which waits where the giver's queue is full. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
		       sizeof(limit)) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		ret = connect_failed(path, errno, err);
		goto close_fd;
	}
	/* The path can have changed since: this is who really listens. */
	if (!dmabuf_handover_trusts(fd, &uid)) {
		ret = dmabuf_error_set(err, -EPERM,
			"%s: its giver is user %u, neither this user nor root; run both programs as one user",
			path, uid);
		goto close_fd;
	}
	return fd;

close_fd:
	close(fd);
	return ret;
}

void dmabuf_handover_close(struct dmabuf_handover *handover)
{
	while (handover->nr)
		close(handover->fds[--handover->nr]);
}

/*
 * Takes over every descriptor in the ancillary data, whatever else is wrong:
 * each of them is open in this process by now. -EMSGSIZE when there are more
 * than fit; those are closed.
 */
static int take_fds(struct msghdr *msg, struct dmabuf_handover *handover)
{
	struct cmsghdr *cmsg;
	size_t i, nr;
	int ret = 0;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		nr = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < nr; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(fd),
			       sizeof(fd));
			if (handover->nr < DMABUF_HANDOVER_MAX) {
				handover->fds[handover->nr++] = fd;
				continue;
			}
			close(fd);
			ret = -EMSGSIZE;
		}
	}
	return ret;
}

/* Until the socket can be read: 0, or -ETIMEDOUT at @deadline. */
static int wait_until(int socket, uint64_t deadline)
{
	struct pollfd ready = { .fd = socket, .events = POLLIN };
	int ret;

	do {
		uint64_t now = dmabuf_clock();

		if (now >= deadline)
			return -ETIMEDOUT;
		ret = poll(&ready, 1, (deadline - now + 999999) / 1000000);
	} while (!ret || (ret < 0 && errno == EINTR));
	return ret < 0 ? -errno : 0;
}

static int read_failed(const char *path, int error, struct dmabuf_error *err)
{
	if (error == -ETIMEDOUT)
		return dmabuf_error_set(err, error,
			"%s: no dma-bufs came in %u s; see what the program that gives them does",
			path, DMABUF_HANDOVER_SECONDS);
	return dmabuf_error_set(err, error,
		"%s: cannot receive dma-bufs: %s; start the program that gives them again",
		path, strerror(-error));
}

static int check_header(const struct dmabuf_handover_header *header,
			size_t size, const char *path,
			struct dmabuf_error *err)
{
	if (size < sizeof(*header) ||
	    memcmp(header->magic, DMABUF_HANDOVER_MAGIC,
		   sizeof(header->magic)))
		return dmabuf_error_set(err, -EPROTO,
			"%s: what came is not how dma-bufs are given; see GIVING DMA-BUFS in the manual page",
			path);
	if (header->version != DMABUF_HANDOVER_VERSION)
		return dmabuf_error_set(err, -EPROTO,
			"%s: the giver speaks version %u and this engine %u; use versions of both that fit",
			path, header->version, DMABUF_HANDOVER_VERSION);
	return 0;
}

/* Of @before descriptors that came earlier @promised were still to come. */
static int check_message(const struct dmabuf_handover_header *header,
			 const struct dmabuf_handover *handover,
			 unsigned int before, uint64_t promised,
			 const char *path, struct dmabuf_error *err)
{
	unsigned int came = handover->nr - before;
	uint64_t all = (uint64_t)header->count + header->left;

	if (header->count != came || !came || (before && all != promised))
		return dmabuf_error_set(err, -EPROTO,
			"%s: %u dma-bufs announced and %u came; see GIVING DMA-BUFS in the manual page",
			path, header->count, came);
	if (before + all > DMABUF_HANDOVER_MAX)
		return dmabuf_error_set(err, -EMSGSIZE,
			"%s: gives more than %u dma-bufs; give fewer and larger ones",
			path, DMABUF_HANDOVER_MAX);
	return 0;
}

static int receive_one(int socket, const char *path, uint64_t deadline,
		       struct dmabuf_handover_header *header,
		       struct dmabuf_handover *handover,
		       struct dmabuf_error *err)
{
	unsigned int before = handover->nr;
	uint64_t promised = header->left;
	union control control;
	struct iovec iov = { .iov_base = header, .iov_len = sizeof(*header) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t size;
	int ret;

	ret = wait_until(socket, deadline);
	if (ret)
		return read_failed(path, ret, err);
	size = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (size < 0)
		return read_failed(path, -errno, err);
	ret = take_fds(&msg, handover);
	if (!size)
		return dmabuf_error_set(err, -ECONNRESET,
			"%s: the giver closed the connection and did not give all dma-bufs; it gives to its own user and root alone, see its messages",
			path);
	if (msg.msg_flags & MSG_CTRUNC)
		return dmabuf_error_set(err, -EMFILE,
			"%s: not all dma-bufs came through; raise the limit with ulimit -n",
			path);
	ret = check_header(header, size, path, err);
	return ret ? ret : check_message(header, handover, before, promised,
					 path, err);
}

int dmabuf_handover_receive(int socket, const char *path,
			    struct dmabuf_handover *handover,
			    struct dmabuf_error *err)
{
	uint64_t deadline = dmabuf_clock() +
		DMABUF_HANDOVER_SECONDS * 1000000000ULL;
	struct dmabuf_handover_header header = { .left = 0 };
	int ret;

	handover->nr = 0;
	do {
		ret = receive_one(socket, path, deadline, &header, handover,
				  err);
	} while (!ret && header.left);
	if (ret)
		dmabuf_handover_close(handover);
	return ret;
}

static int send_one(int socket, const int *fds,
		    const struct dmabuf_handover_header *header)
{
	union control control = { .bytes = "" };
	struct iovec iov = {
		.iov_base = (void *)header,
		.iov_len = sizeof(*header),
	};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_SPACE(header->count * sizeof(*fds)),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	ssize_t size;

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(header->count * sizeof(*fds));
	memcpy(CMSG_DATA(cmsg), fds, header->count * sizeof(*fds));
	size = sendmsg(socket, &msg, MSG_NOSIGNAL);
	if (size < 0)
		return -errno;
	return size == sizeof(*header) ? 0 : -EPIPE;
}

int dmabuf_handover_send(int socket, const int *fds, unsigned int nr)
{
	struct dmabuf_handover_header header = {
		.magic = DMABUF_HANDOVER_MAGIC,
		.version = DMABUF_HANDOVER_VERSION,
	};
	int ret = 0;

	if (!nr || nr > DMABUF_HANDOVER_MAX)
		return -EINVAL;
	while (!ret && nr) {
		header.count = nr < DMABUF_HANDOVER_PER_MESSAGE ?
			nr : DMABUF_HANDOVER_PER_MESSAGE;
		nr -= header.count;
		header.left = nr;
		ret = send_one(socket, fds, &header);
		fds += header.count;
	}
	return ret;
}
