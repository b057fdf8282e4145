/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pipe tells when the subprocess has ended. One that SIGKILL does not end,
 * because it waits inside the kernel, is left alone: waiting for it would hang
 * as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "subprocess.h"

#define MS	1000000ULL

/* How long a process may take to end after SIGTERM and SIGKILL, in ms */
#define GRACE_MS	15000
#define KILL_MS		1000

static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

#define NR_CAUGHT	(sizeof(caught) / sizeof(caught[0]))

/* Only the signal handler sets it. */
static volatile sig_atomic_t interrupted;

static void note_signal(int number)
{
	interrupted = number;
}

static void set_handlers(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };
	size_t i;

	for (i = 0; i < NR_CAUGHT; i++)
		sigaction(caught[i], &action, NULL);
}

static void mask_signals(int how)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < NR_CAUGHT; i++)
		sigaddset(&set, caught[i]);
	sigprocmask(how, &set, NULL);
}

void check_catch_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	set_handlers(note_signal);
	/* Whoever ignores it cannot wait for its children. */
	sigaction(SIGCHLD, &action, NULL);
}

int check_interrupted(void)
{
	return interrupted;
}

void check_hold_signals(void)
{
	mask_signals(SIG_BLOCK);
}

void check_release_signals(void)
{
	mask_signals(SIG_UNBLOCK);
}

void *check_shared_alloc(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void check_shared_free(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size);
}

/* The output of a process, as far as there is room for it. */
struct output {
	char *text;
	size_t size;
	size_t used;
};

/* Reads from @fd; true at its end. */
static bool take(int fd, struct output *output)
{
	char more[4096];
	ssize_t n = read(fd, more, sizeof(more));
	size_t room = output->size ? output->size - 1 - output->used : 0;

	if (n < 0)
		return errno != EINTR && errno != EAGAIN;
	if (room > (size_t)n)
		room = n;
	if (room)
		memcpy(output->text + output->used, more, room);
	output->used += room;
	return !n;
}

/* What is called now and then while waiting for a process. */
struct watcher {
	void (*look)(void *shared);	/* may be NULL */
	void *shared;
};

static const struct watcher nobody;

/* Waits until the other end of @fd is closed: 0, -ETIME or -EINTR. */
static int await(int fd, struct output *output, unsigned int ms, bool stoppable,
		 const struct watcher *watcher)
{
	uint64_t now = dmabuf_clock(), end = now + ms * MS;
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	for (; now < end; now = dmabuf_clock()) {
		int ret;

		if (stoppable && interrupted)
			return -EINTR;
		if (watcher->look)
			watcher->look(watcher->shared);
		/* In steps: a signal may arrive just before the poll. */
		ret = poll(&poll_fd, 1, end - now < 200 * MS ?
					(int)((end - now) / MS) + 1 : 200);
		if (ret > 0 && take(fd, output))
			return 0;
	}
	return -ETIME;
}

/* Waits for @pid, and ends it after @seconds. As check_subprocess(). */
static int end_process(pid_t pid, int fd, struct output *output,
		       unsigned int seconds, bool stoppable,
		       const struct watcher *watcher, int *status)
{
	int ret = await(fd, output, seconds * 1000, stoppable, watcher);
	bool gone = !ret;

	if (ret == -EINTR) {
		/* It may have a drive to restore. */
		kill(pid, SIGTERM);
		gone = !await(fd, output, GRACE_MS, false, &nobody);
	}
	if (!gone) {
		kill(pid, SIGKILL);
		gone = !await(fd, output, KILL_MS, false, &nobody);
	}
	close(fd);
	if (!gone)
		return ret;
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return ret;
}

/* Forks a process that holds one end of a pipe until it ends. */
static pid_t start(int *fd, int *other)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	fflush(NULL);
	pid = fork();
	if (pid > 0) {
		close(fds[1]);
		*fd = fds[0];
		return pid;
	}
	if (pid < 0)
		pid = -errno;
	close(fds[0]);
	if (pid < 0)
		close(fds[1]);
	*other = fds[1];
	return pid;
}

static int run_subprocess(void (*work)(void *shared), void *shared,
			  unsigned int seconds, bool stoppable,
			  const struct watcher *watcher)
{
	struct output nothing = { .size = 0 };
	int fd, other, status = 0, ret;
	pid_t pid = start(&fd, &other);

	if (pid < 0)
		return pid;
	if (!pid) {
		set_handlers(stoppable ? SIG_DFL : SIG_IGN);
		work(shared);
		_exit(0);
	}
	ret = end_process(pid, fd, &nothing, seconds, stoppable, watcher,
			  &status);
	if (!ret && WIFSIGNALED(status))
		ret = WTERMSIG(status);
	return ret;
}

int check_subprocess(void (*work)(void *shared), void *shared,
		     unsigned int seconds)
{
	return run_subprocess(work, shared, seconds, true, &nobody);
}

int check_subprocess_watched(void (*work)(void *shared), void *shared,
			     unsigned int seconds, void (*look)(void *shared))
{
	struct watcher watcher = { .look = look, .shared = shared };

	return run_subprocess(work, shared, seconds, true, &watcher);
}

int check_subprocess_always(void (*work)(void *shared), void *shared,
			    unsigned int seconds)
{
	return run_subprocess(work, shared, seconds, false, &nobody);
}

static void exec_program(const char *const argv[], int out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	set_handlers(SIG_DFL);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

int check_run_program(const char *const argv[], unsigned int seconds,
		      char *text, size_t size)
{
	struct output output = { .text = text, .size = size };
	int fd, other, status = 0, ret;
	pid_t pid = start(&fd, &other);

	text[0] = '\0';
	if (pid < 0)
		return pid;
	if (!pid)
		exec_program(argv, other);
	ret = end_process(pid, fd, &output, seconds, true, &nobody, &status);
	text[output.used] = '\0';
	if (ret)
		return ret;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}
