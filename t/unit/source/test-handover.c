/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passing descriptors over real sockets: which peers are trusted, and every
 * malformed message. No descriptor may stay open.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-socket.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "handover.h"

#define PATH	"/tmp/give"
#define LOOK	"; see GIVING DMA-BUFS in the manual page"

static struct dmabuf_handover got;
static struct dmabuf_error err;
static int ends[2];
static int before;

static void begin(void)
{
	fake_reset();
	memset(&err, 0, sizeof(err));
	before = fake_real_fds();
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
}

static void end(void)
{
	dmabuf_handover_close(&got);
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	CHECK_INT(fake_real_fds(), before);
}

static int receive(void)
{
	return dmabuf_handover_receive(ends[0], PATH, &got, &err);
}

/* Sends any bytes with @nr copies of a descriptor. */
static void post(const void *bytes, size_t size, unsigned int nr)
{
	char control[CMSG_SPACE(253 * sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = (void *)bytes, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int any = STDERR_FILENO;
	struct cmsghdr *cmsg;
	unsigned int i;

	if (nr) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(nr * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nr * sizeof(int));
		for (i = 0; i < nr; i++)
			memcpy(CMSG_DATA(cmsg) + i * sizeof(int), &any,
			       sizeof(int));
	}
	CHECK_INT(sendmsg(ends[1], &msg, 0), size);
}

/* A header as sent over the socket, spelled out by hand. */
static void announce(uint32_t version, uint32_t count, uint32_t left,
		     unsigned int nr)
{
	uint32_t words[4] = { 0, version, count, left };

	memcpy(words, "dbuf", 4);
	post(words, 16, nr);
}

static void test_there_and_back(void)
{
	static const unsigned int counts[] = { 1, 2, 100 };
	unsigned int i;
	int fds[100], copy;

	CHECK_INT(sizeof(struct dmabuf_handover_header), 16);
	for (i = 0; i < 3; i++) {
		begin();
		for (copy = 0; copy < 100; copy++)
			fds[copy] = ends[1];
		CHECK_INT(dmabuf_handover_send(ends[1], fds, counts[i]), 0);
		CHECK_INT(receive(), 0);
		CHECK_INT(got.nr, counts[i]);
		CHECK_INT(fake_real_fds(), before + 2 + counts[i]);
		CHECK(fcntl(got.fds[0], F_GETFD) & FD_CLOEXEC);
		end();
	}
}

/* As another program may send it */
static void test_bytes(void)
{
	begin();
	announce(1, 3, 2, 3);
	announce(1, 2, 0, 2);
	CHECK_INT(receive(), 0);
	CHECK_INT(got.nr, 5);
	end();

	/* As dmabuf_handover_send() sends it */
	begin();
	{
		char bytes[17];

		CHECK_INT(dmabuf_handover_send(ends[1], &ends[1], 1), 0);
		CHECK_INT(recv(ends[0], bytes, 17, 0), 16);
		CHECK(!memcmp(bytes, "dbuf\1\0\0\0\1\0\0\0\0\0\0", 16));
	}
	end();
}

static void test_several_messages(void)
{
	static int fds[513];
	int i;

	begin();
	for (i = 0; i < 513; i++)
		fds[i] = ends[1];
	CHECK_INT(dmabuf_handover_send(ends[1], fds, 0), -EINVAL);
	CHECK_INT(dmabuf_handover_send(ends[1], fds, 513), -EINVAL);
	CHECK_INT(dmabuf_handover_send(ends[1], fds, 300), 0);
	CHECK_INT(receive(), 0);
	CHECK_INT(got.nr, 300);
	end();
}

static void test_hostile(void)
{
	static const struct {
		const char *bytes;
		size_t size;
		uint32_t version, count, remaining;
		unsigned int nr;
		int code;
		const char *line;
	} vectors[] = {
		{ "hello", 5, .code = -EPROTO, .line = PATH ": the message does not have the expected format" LOOK },
		{ "hello", 5, .nr = 9, .code = -EPROTO, .line = PATH ": the message does not have the expected format" LOOK },
		{ "GET / HTTP/1.1\r\n\r\n", 18, .nr = 1, .code = -EPROTO, .line = PATH ": the message does not have the expected format" LOOK },
		{ "dbuf\1\0\0\0\1\0\0\0\0\0\0", 15, .nr = 1, .code = -EPROTO, .line = PATH ": the message does not have the expected format" LOOK },
		{ .version = 2, .count = 1, .nr = 1, .code = -EPROTO, .line = PATH ": the giver uses version 2 of the format and this engine version 1; use matching versions" },
		{ .version = 0, .count = 1, .nr = 1, .code = -EPROTO, .line = PATH ": the giver uses version 0 of the format and this engine version 1; use matching versions" },
		{ .version = 1, .count = 0, .nr = 0, .code = -EPROTO, .line = PATH ": the message announces 0 dma-bufs and carries 0" LOOK },
		{ .version = 1, .count = 1, .nr = 0, .code = -EPROTO, .line = PATH ": the message announces 1 dma-bufs and carries 0" LOOK },
		{ .version = 1, .count = 0, .nr = 1, .code = -EPROTO, .line = PATH ": the message announces 0 dma-bufs and carries 1" LOOK },
		{ .version = 1, .count = 1, .nr = 253, .code = -EPROTO, .line = PATH ": the message announces 1 dma-bufs and carries 253" LOOK },
		{ .version = 1, .count = 4, .nr = 3, .code = -EPROTO, .line = PATH ": the message announces 4 dma-bufs and carries 3" LOOK },
		{ .version = 1, .count = 0xffffffff, .nr = 2, .code = -EPROTO, .line = PATH ": the message announces 4294967295 dma-bufs and carries 2" LOOK },
		{ .version = 1, .count = 2, .remaining = 0xffffffff, .nr = 2, .code = -EMSGSIZE, .line = PATH ": more than 512 dma-bufs were given; give fewer, larger ones" },
		{ .version = 1, .count = 2, .remaining = 511, .nr = 2, .code = -EMSGSIZE, .line = PATH ": more than 512 dma-bufs were given; give fewer, larger ones" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		begin();
		if (vectors[i].bytes)
			post(vectors[i].bytes, vectors[i].size, vectors[i].nr);
		else
			announce(vectors[i].version, vectors[i].count,
				 vectors[i].remaining, vectors[i].nr);
		CHECK_INT(receive(), vectors[i].code);
		CHECK_ERROR(&err, vectors[i].code, vectors[i].line);
		CHECK_INT(fake_real_fds(), before + 2);
		end();
	}
}

/* A second message must match what the first announced. */
static void test_hostile_later(void)
{
	begin();
	announce(1, 3, 2, 3);
	announce(1, 1, 0, 1);
	CHECK_INT(receive(), -EPROTO);
	CHECK_ERROR(&err, -EPROTO, PATH ": the message announces 1 dma-bufs and carries 1" LOOK);
	CHECK_INT(fake_real_fds(), before + 2);
	end();

	begin();
	announce(1, 3, 2, 3);
	announce(1, 1, 2, 1);
	CHECK_INT(receive(), -EPROTO);
	CHECK_INT(fake_real_fds(), before + 2);
	end();

	begin();
	announce(1, 3, 2, 3);
	close(ends[1]);
	ends[1] = -1;
	CHECK_INT(receive(), -ECONNRESET);
	CHECK_INT(fake_real_fds(), before + 1);
	end();
}

/* The last message exceeds the maximum. */
static void test_overflow(void)
{
	unsigned int left = 512, i;
	struct rlimit limit;

	CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
	begin();
	for (i = 0; i < 2; i++) {
		left -= 253;
		announce(1, 253, left, 253);
	}
	announce(1, left, 0, 253);
	CHECK_INT(receive(), -EMSGSIZE);
	CHECK_ERROR(&err, -EMSGSIZE, PATH ": more than 512 dma-bufs were given; give fewer, larger ones");
	CHECK_INT(fake_real_fds(), before + 2);
	/* The next descriptor is the lowest: none stayed open. */
	i = dup(ends[0]);
	CHECK(i < 256);
	close(i);
	CHECK_INT(fcntl(700, F_GETFD), -1);
	end();
}

/* At the limit on open files the kernel truncates the ancillary data. */
static void test_limit_on_files(void)
{
	begin();
	announce(1, 200, 0, 20);
	fake_sockets.truncated = true;
	CHECK_INT(receive(), -EMFILE);
	CHECK_ERROR(&err, -EMFILE, PATH ": too many open files to receive all dma-bufs; raise the limit with ulimit -n");
	CHECK_INT(fake_real_fds(), before + 2);
	end();
}

static void test_silence(void)
{
	uint64_t now;

	begin();
	now = fake.now;
	CHECK_INT(receive(), -ETIMEDOUT);
	CHECK_ERROR(&err, -ETIMEDOUT, PATH ": no dma-bufs arrived within 5 s; check that the program that gives them responds");
	CHECK_INT(fake.now - now, 5000000000LL);
	end();

	/* The time limit covers all messages. */
	begin();
	fake.tick = 2000000000;
	announce(1, 1, 3, 1);
	announce(1, 1, 2, 1);
	announce(1, 1, 1, 1);
	announce(1, 1, 0, 1);
	CHECK_INT(receive(), -ETIMEDOUT);
	CHECK_INT(fake_real_fds(), before + 2);
	end();

	begin();
	close(ends[1]);
	ends[1] = -1;
	CHECK_INT(receive(), -ECONNRESET);
	CHECK_ERROR(&err, -ECONNRESET, PATH ": the giver closed the connection before it had given all dma-bufs; check its messages, and that both programs run as the same user");
	end();
}

static void test_peer(void)
{
	unsigned int uid;

	begin();
	CHECK(dmabuf_handover_trusts(ends[0], &uid));
	CHECK_INT(uid, geteuid());
	fake_sockets.peer = 54321;
	CHECK(!dmabuf_handover_trusts(ends[0], &uid));
	CHECK_INT(uid, 54321);
	CHECK(!dmabuf_handover_trusts(-1, &uid));
	end();
}

/* ---- connecting ---- */

static char dir[32], path[64];

static int listen_here(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	CHECK_INT(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK_INT(chmod(path, 0600), 0);
	CHECK_INT(listen(fd, 1), 0);
	return fd;
}

/* The error of connecting, after the name of the socket */
static void refused(int code, const char *line)
{
	char whole[256];
	int nr = fake_real_fds();

	snprintf(whole, sizeof(whole), "%s: %s", path, line);
	CHECK_INT(dmabuf_handover_connect(path, &err), code);
	CHECK_ERROR(&err, code, whole);
	CHECK_INT(fake_real_fds(), nr);
}

static void test_connect(void)
{
	int listener, fd, flags;

	strcpy(dir, "/tmp/handover-XXXXXX");
	CHECK(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/give", dir);
	refused(-ENOENT, "cannot find the socket: No such file or directory; start the program that gives the dma-bufs first, or correct the path");

	fd = open(path, O_CREAT | O_RDWR, 0600);
	close(fd);
	refused(-ENOTSOCK, "not a socket; dmabuf_source=fd: needs the socket of a program that gives dma-bufs");

	listener = listen_here();
	fd = dmabuf_handover_connect(path, &err);
	flags = fcntl(fd, F_GETFD);
	CHECK(fd >= 0 && flags & FD_CLOEXEC);
	close(fd);

	fake_sockets.owner = 4711;
	refused(-EPERM, "the socket belongs to user 4711, not to this user or root; run both programs as the same user");
	fake_sockets.owner = 0;
	fake_sockets.peer = 4712;
	refused(-EPERM, "the giver runs as user 4712, not as this user or root; run both programs as the same user");
	fake_sockets.peer = 0;
	CHECK_INT(chmod(path, 0602), 0);
	refused(-EPERM, "any user can write to the socket; restrict it with chmod o-w");

	CHECK_INT(chmod(path, 0600), 0);
	close(listener);
	refused(-ECONNREFUSED, "no program listens on the socket: Connection refused; restart the program that gives the dma-bufs");
	unlink(path);
	CHECK_INT(rmdir(dir), 0);
}

static void test_long_path(void)
{
	char text[128];

	memset(text, 'x', 108);
	text[108] = '\0';
	CHECK_INT(dmabuf_handover_connect(text, &err), -ENAMETOOLONG);
	CHECK_HAS(err.text, ": the path is too long for a socket; use at most 107 characters");
	text[107] = '\0';
	CHECK_INT(dmabuf_handover_connect(text, &err), -ENOENT);
}

static const struct check checks[] = {
	{ "there and back", test_there_and_back },
	{ "bytes", test_bytes },
	{ "several messages", test_several_messages },
	{ "hostile messages", test_hostile },
	{ "hostile later messages", test_hostile_later },
	{ "more than fit", test_overflow },
	{ "a limit on descriptors", test_limit_on_files },
	{ "silence", test_silence },
	{ "the peer's user", test_peer },
	{ "connecting", test_connect },
	{ "long paths", test_long_path },
};

CHECK_MAIN("handover", checks)
