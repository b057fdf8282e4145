/* SPDX-License-Identifier: GPL-2.0-only */
/* The line of error and the way sizes are written. */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "error.h"

static void test_set(void)
{
	struct dmabuf_error err;

	CHECK_INT(dmabuf_error_set(&err, -EIO, "%s: %d; %s", "a", 7, "b"),
		  -EIO);
	CHECK_ERROR(&err, -EIO, "a: 7; b");
	/* The last one counts. */
	CHECK_INT(dmabuf_error_set(&err, -ENOENT, "c; d"), -ENOENT);
	CHECK_ERROR(&err, -ENOENT, "c; d");
}

static void test_too_long(void)
{
	char text[2000];
	struct {
		struct dmabuf_error err;
		char guard[8];
	} e;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memset(e.guard, 'g', sizeof(e.guard));
	CHECK_INT(dmabuf_error_set(&e.err, -EIO, "%s", text), -EIO);
	CHECK_INT(strlen(e.err.text), 1023);
	CHECK(!memcmp(e.guard, "gggggggg", 8));
}

static void test_no_memory(void)
{
	struct dmabuf_error err;

	CHECK_INT(dmabuf_error_no_memory(&err, "iodepth", "lower it"),
		  -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "iodepth: out of memory; lower it");
}

static void test_fd_limit(void)
{
	static const int others[] = { 0, 1, EIO, ENOMEM, EMLINK, EFBIG };
	size_t i;

	CHECK(dmabuf_error_is_fd_limit(EMFILE));
	CHECK(dmabuf_error_is_fd_limit(-EMFILE));
	CHECK(dmabuf_error_is_fd_limit(ENFILE));
	CHECK(dmabuf_error_is_fd_limit(-ENFILE));
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		CHECK(!dmabuf_error_is_fd_limit(others[i]));
		CHECK(!dmabuf_error_is_fd_limit(-others[i]));
	}
}

static void test_sizes(void)
{
	static const struct {
		unsigned long long bytes;
		const char *text;
	} vectors[] = {
		{ 0, "0 bytes" },
		{ 1, "1 bytes" },
		{ 512, "512 bytes" },
		{ 1023, "1023 bytes" },
		{ 1024, "1 KiB" },
		{ 1025, "1025 bytes" },
		{ 1536, "1536 bytes" },
		{ 4096, "4 KiB" },
		{ 1 << 20, "1 MiB" },
		{ (1 << 20) + 1024, "1025 KiB" },
		{ 64 << 20, "64 MiB" },
		{ 1 << 30, "1 GiB" },
		{ 3ULL << 30, "3 GiB" },
		{ 1ULL << 40, "1 TiB" },
		{ 1ULL << 50, "1024 TiB" },
		{ 1ULL << 63, "8388608 TiB" },
		{ ~0ULL, "18446744073709551615 bytes" },
	};
	char text[32];
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		CHECK_TEXT(dmabuf_size_text(vectors[i].bytes, text),
			   vectors[i].text);
}

static const struct check checks[] = {
	{ "a line", test_set },
	{ "a line that is too long", test_too_long },
	{ "out of memory", test_no_memory },
	{ "the limit on open files", test_fd_limit },
	{ "sizes", test_sizes },
};

CHECK_MAIN("error", checks)
