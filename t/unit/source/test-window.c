/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies that never raise SIGBUS. A mapping beyond the end of a file stands in
 * for a removed device: accessing it raises the signal, which would end this
 * program.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake.h"
#include "engines/source/window.h"

#define SIZE	(1UL << 20)
#define PAGE	4096UL

/* The scripted system replaces these calls. */
void *__real_mmap64(void *address, size_t size, int prot, int flags, int fd,
		    off_t offset);
int __real_munmap(void *address, size_t size);
int __real_ftruncate64(int fd, off_t size);

static unsigned char host[SIZE], back[SIZE];
static unsigned char *window;
static int file;

static void resize(uint64_t size)
{
	if (__real_ftruncate64(file, size))
		abort();
}

static void set_up(void)
{
	char name[] = "window-XXXXXX";
	size_t i;

	file = mkstemp(name);
	if (file < 0 || unlink(name))
		abort();
	resize(SIZE);
	window = __real_mmap64(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			       file, 0);
	if (window == MAP_FAILED)
		abort();
	for (i = 0; i < SIZE; i++)
		host[i] = fake_byte(i);
	memset(back, 0, SIZE);
}

static void take_down(void)
{
	__real_munmap(window, SIZE);
	close(file);
}

/* With the intended calls, with short copies, and without the calls. */
static const struct {
	size_t copy_max;
	int error;
} ways[] = { { 0, 0 }, { 5000, 0 }, { 0, ENOSYS }, { 0, EPERM } };

#define NR_WAYS	(sizeof(ways) / sizeof(ways[0]))

static void go(size_t way)
{
	fake.copy_max = ways[way].copy_max;
	fake.errors[FAKE_COPY] = ways[way].error;
	set_up();
}

static void test_copies(void)
{
	static const struct {
		uint64_t at;
		uint64_t bytes;
	} vectors[] = {
		{ 0, SIZE }, { 0, 0 }, { 1, 1 }, { 4095, 2 },
		{ 513, 65536 }, { 7, 65537 }, { 3, 200001 },
	};
	size_t i, way;

	for (way = 0; way < NR_WAYS; way++) {
		go(way);
		for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
			uint64_t at = vectors[i].at, bytes = vectors[i].bytes;

			memset(window, 0, SIZE);
			memset(back, 0, SIZE);
			CHECK_INT(dmabuf_window_write(window + at, host + at,
						      bytes), 0);
			CHECK(!memcmp(window + at, host + at, bytes));
			CHECK_INT(at && window[at - 1], 0);
			CHECK_INT(at + bytes < SIZE && window[at + bytes], 0);
			CHECK_INT(dmabuf_window_read(back + at, window + at,
						     bytes), 0);
			CHECK(!memcmp(back + at, host + at, bytes));
			CHECK_INT(at && back[at - 1], 0);
			CHECK_INT(at + bytes < SIZE && back[at + bytes], 0);
		}
		take_down();
	}
}

/* The whole window is gone, or all but its first page. */
static void test_gone(void)
{
	size_t way;

	for (way = 0; way < NR_WAYS; way++) {
		go(way);
		resize(0);
		CHECK_INT(dmabuf_window_read(back, window, 1), -ENODEV);
		CHECK_INT(dmabuf_window_read(back, window, SIZE), -ENODEV);
		CHECK_INT(dmabuf_window_write(window, host, 1), -ENODEV);
		CHECK_INT(dmabuf_window_write(window, host, SIZE), -ENODEV);
		resize(PAGE);
		CHECK_INT(dmabuf_window_read(back, window, SIZE), -ENODEV);
		CHECK_INT(dmabuf_window_write(window, host, SIZE), -ENODEV);
		CHECK_INT(dmabuf_window_write(window + PAGE - 1, host, 2),
			  -ENODEV);
		CHECK_INT(dmabuf_window_write(window, host, PAGE), 0);
		CHECK_INT(dmabuf_window_read(back, window, PAGE), 0);
		CHECK(!memcmp(back, host, PAGE));
		take_down();
	}
}

static void leave(int number)
{
	_exit(number);
}

/* Accessing such a mapping does raise the signal. */
static void test_signal(void)
{
	int status;
	pid_t child;

	set_up();
	resize(0);
	child = fork();
	if (!child) {
		signal(SIGBUS, leave);
		*(volatile unsigned char *)window = 1;
		_exit(0);
	}
	CHECK(child > 0);
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == SIGBUS);
	take_down();
}

static void test_other_errors(void)
{
	set_up();
	fake.errors[FAKE_COPY] = ENOMEM;
	CHECK_INT(dmabuf_window_read(back, window, SIZE), -ENOMEM);
	CHECK_INT(dmabuf_window_write(window, host, SIZE), -ENOMEM);
	take_down();
}

/* No descriptor stays open, even after a failure. */
static void test_nothing_left(void)
{
	int before, after, i;

	fake.errors[FAKE_COPY] = ENOSYS;
	set_up();
	before = dup(0);
	close(before);
	for (i = 0; i < 20; i++) {
		resize(i & 1 ? SIZE : 0);
		dmabuf_window_read(back, window, SIZE);
		dmabuf_window_write(window, host, SIZE);
	}
	after = dup(0);
	close(after);
	CHECK_INT(after, before);
	take_down();
}

static const struct check checks[] = {
	{ "copies", test_copies },
	{ "a window that is gone", test_gone },
	{ "and raises a signal", test_signal },
	{ "other errors", test_other_errors },
	{ "nothing stays open", test_nothing_left },
};

CHECK_MAIN("window", checks)
