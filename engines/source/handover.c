/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The messages that pass dma-bufs, see handover.h. The receiver trusts nothing:
 * neither that a message arrives in time, nor that it carries as many
 * descriptors as it announces.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "handover.h"

#define CONTROL_SIZE	CMSG_SPACE(DMABUF_HANDOVER_PER_MESSAGE * sizeof(int))

/* Ancillary data, with the alignment that cmsg(3) requires */
union control {
	struct cmsghdr align;
	char bytes[CONTROL_SIZE];
};

void dmabuf_handover_close(struct dmabuf_handover *handover)
{
	while (handover->nr)
		close(handover->fds[--handover->nr]);
}

/*
 * Stores every descriptor in the ancillary data, even of a bad message: all of
 * them are open in this process by now. True when there are more than fit;
 * those are closed.
 */
static bool take_fds(struct msghdr *msg, struct dmabuf_handover *handover)
{
	struct cmsghdr *cmsg;
	size_t i, nr;
	bool over = false;

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
			over = true;
		}
	}
	return over;
}

/* Waits until the socket is readable. 0, or -ETIMEDOUT at @deadline. */
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
			"%s: no dma-bufs arrived within %u s; check that the program that gives them responds",
			path, DMABUF_HANDOVER_SECONDS);
	return dmabuf_error_set(err, error,
		"%s: cannot receive dma-bufs: %s; restart the program that gives them",
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
			"%s: the message does not have the expected format; see GIVING DMA-BUFS in the manual page",
			path);
	if (header->version != DMABUF_HANDOVER_VERSION)
		return dmabuf_error_set(err, -EPROTO,
			"%s: the giver uses version %u of the format and this engine version %u; use matching versions",
			path, header->version, DMABUF_HANDOVER_VERSION);
	return 0;
}

static int too_many(const char *path, struct dmabuf_error *err)
{
	return dmabuf_error_set(err, -EMSGSIZE,
		"%s: more than %u dma-bufs were given; give fewer, larger ones",
		path, DMABUF_HANDOVER_MAX);
}

/*
 * Checks the counts of a message that follows @before descriptors, when
 * @announced were still to come.
 */
static int check_message(const struct dmabuf_handover_header *header,
			 const struct dmabuf_handover *handover,
			 unsigned int before, uint64_t announced,
			 const char *path, struct dmabuf_error *err)
{
	unsigned int received = handover->nr - before;
	uint64_t all = (uint64_t)header->count + header->remaining;

	if (header->count != received || !received ||
	    (before && all != announced))
		return dmabuf_error_set(err, -EPROTO,
			"%s: the message announces %u dma-bufs and carries %u; see GIVING DMA-BUFS in the manual page",
			path, header->count, received);
	return before + all > DMABUF_HANDOVER_MAX ? too_many(path, err) : 0;
}

static int receive_one(int socket, const char *path, uint64_t deadline,
		       struct dmabuf_handover_header *header,
		       struct dmabuf_handover *handover,
		       struct dmabuf_error *err)
{
	unsigned int before = handover->nr;
	uint64_t announced = header->remaining;
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
	if (take_fds(&msg, handover))
		return too_many(path, err);
	if (!size)
		return dmabuf_error_set(err, -ECONNRESET,
			"%s: the giver closed the connection before it had given all dma-bufs; check its messages, and that both programs run as the same user",
			path);
	if (msg.msg_flags & MSG_CTRUNC)
		return dmabuf_error_set(err, -EMFILE,
			"%s: too many open files to receive all dma-bufs; raise the limit with ulimit -n",
			path);
	ret = check_header(header, size, path, err);
	return ret ? ret : check_message(header, handover, before, announced,
					 path, err);
}

int dmabuf_handover_receive(int socket, const char *path,
			    struct dmabuf_handover *handover,
			    struct dmabuf_error *err)
{
	uint64_t deadline = dmabuf_clock() +
		DMABUF_HANDOVER_SECONDS * 1000000000ULL;
	struct dmabuf_handover_header header = { .remaining = 0 };
	int ret;

	handover->nr = 0;
	do {
		ret = receive_one(socket, path, deadline, &header, handover,
				  err);
	} while (!ret && header.remaining);
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
		header.remaining = nr;
		ret = send_one(socket, fds, &header);
		fds += header.count;
	}
	return ret;
}
