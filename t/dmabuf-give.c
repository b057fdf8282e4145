/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A minimal giver for dmabuf_source=fd:PATH, as an example and for the tests:
 * it allocates dma-bufs from one of the engine's sources and passes them to
 * every process that connects.
 *
 * Each peer gets its own memory, which is freed when it closes the connection.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "handover.h"
#include "source.h"

#define PEERS	32

static const char usage[] =
	"usage: dmabuf-give [-n COUNT] [-s KIB] [-m SOURCE] SOCKET\n"
	"Gives COUNT dma-bufs (1) of KIB KiB (1024) from SOURCE (heap:system)\n"
	"to each process of this user that connects, until SIGTERM.\n";

struct giver {
	struct dmabuf_source source;
	unsigned int count;
	uint64_t size;
	/* The listening socket, then the peers */
	struct pollfd polled[1 + PEERS];
	struct dmabuf_chunk *chunks[1 + PEERS];
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

static void say(const char *text)
{
	fprintf(stderr, "dmabuf-give: %s\n", text);
}

static void free_chunks(struct giver *giver, unsigned int peer,
			unsigned int nr)
{
	while (nr--)
		giver->source.kind->free(&giver->source,
					 &giver->chunks[peer][nr]);
	free(giver->chunks[peer]);
	giver->chunks[peer] = NULL;
}

static void close_peer(struct giver *giver, unsigned int peer)
{
	if (giver->chunks[peer])
		free_chunks(giver, peer, giver->count);
	close(giver->polled[peer].fd);
	giver->polled[peer].fd = -1;
}

static int give(struct giver *giver, unsigned int peer)
{
	struct dmabuf_error err;
	int *fds = calloc(giver->count, sizeof(*fds));
	unsigned int i;
	int ret;

	giver->chunks[peer] = calloc(giver->count, sizeof(struct dmabuf_chunk));
	if (!fds || !giver->chunks[peer]) {
		free(fds);
		free_chunks(giver, peer, 0);
		say("out of memory");
		return -ENOMEM;
	}
	for (i = 0; i < giver->count; i++) {
		struct dmabuf_chunk *chunk = &giver->chunks[peer][i];

		chunk->size = giver->size;
		ret = giver->source.kind->alloc(&giver->source, chunk, &err);
		if (ret) {
			say(err.text);
			free(fds);
			free_chunks(giver, peer, i);
			return ret;
		}
		fds[i] = chunk->fd;
	}
	ret = dmabuf_handover_send(giver->polled[peer].fd, fds, giver->count);
	if (ret)
		say(strerror(-ret));
	free(fds);
	return ret;
}

/* Closes the connection when the peer is not trusted or memory is short. */
static void accept_peer(struct giver *giver)
{
	int fd = accept4(giver->polled[0].fd, NULL, NULL, SOCK_CLOEXEC);
	unsigned int peer = 1, uid;

	if (fd < 0)
		return;
	while (peer <= PEERS && giver->polled[peer].fd >= 0)
		peer++;
	if (peer > PEERS || !dmabuf_handover_trusts(fd, &uid)) {
		say(peer > PEERS ? "too many peers" : "a peer of another user");
		close(fd);
		return;
	}
	giver->polled[peer].fd = fd;
	giver->polled[peer].events = POLLIN;
	if (give(giver, peer))
		close_peer(giver, peer);
}

static int listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, saved;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	strcpy(address.sun_path, path);
	/* Only for this user, from the moment it exists */
	umask(0177);
	if (!bind(fd, (struct sockaddr *)&address, sizeof(address)) &&
	    !listen(fd, PEERS))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Parses the options; false when they are wrong. */
static bool read_options(struct giver *giver, int argc, char **argv)
{
	const char *source = "heap:system";
	struct dmabuf_source_option parsed;
	struct dmabuf_error err;
	int option;

	giver->count = 1;
	giver->size = 1 << 20;
	while ((option = getopt(argc, argv, "n:s:m:")) != -1) {
		if (option == 'n')
			giver->count = strtoul(optarg, NULL, 10);
		else if (option == 's')
			giver->size = strtoull(optarg, NULL, 10) << 10;
		else if (option == 'm')
			source = optarg;
		else
			return false;
	}
	if (optind != argc - 1 || !giver->size || !giver->count ||
	    giver->count > DMABUF_HANDOVER_MAX)
		return false;
	if (!dmabuf_source_parse(&parsed, source, &err) &&
	    parsed.kind->exports && !parsed.kind->open)
		return !dmabuf_source_open(&giver->source, &parsed, &err);
	say("this source cannot be given: it must export dma-bufs without a device");
	return false;
}

/* A peer that sends anything, or closes the connection, is done. */
static void serve(struct giver *giver, const sigset_t *unblocked)
{
	unsigned int peer;

	while (!stopped) {
		if (ppoll(giver->polled, 1 + PEERS, NULL, unblocked) < 0)
			continue;
		for (peer = 1; peer <= PEERS; peer++)
			if (giver->polled[peer].fd >= 0 &&
			    giver->polled[peer].revents)
				close_peer(giver, peer);
		if (giver->polled[0].revents)
			accept_peer(giver);
	}
	for (peer = 1; peer <= PEERS; peer++)
		if (giver->polled[peer].fd >= 0)
			close_peer(giver, peer);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = stop };
	static struct giver giver;
	sigset_t blocked, unblocked;
	unsigned int peer;

	if (!read_options(&giver, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	for (peer = 1; peer <= PEERS; peer++)
		giver.polled[peer].fd = -1;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	/* Only ppoll() lets them in. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	giver.polled[0].fd = listen_on(argv[optind]);
	giver.polled[0].events = POLLIN;
	if (giver.polled[0].fd < 0) {
		fprintf(stderr, "dmabuf-give: %s: %s\n", argv[optind],
			strerror(errno));
		return 1;
	}
	serve(&giver, &unblocked);
	close(giver.polled[0].fd);
	unlink(argv[optind]);
	return 0;
}
