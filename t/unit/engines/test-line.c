/* SPDX-License-Identifier: GPL-2.0-only */
/* The first line of a small file, as text and as a number. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "line.h"

/* The scripted system has a file of this name. */
#define PATH	"/sys/module/udmabuf/parameters/size_limit_mb"

static void test_line(void)
{
	static const struct {
		const char *content, *text;
		bool found;
	} vectors[] = {
		{ "word\n", "word", true },
		{ "word", "word", true },
		{ "two words  \nanother line\n", "two words", true },
		{ "  blanks before", "  blanks before", true },
		{ "\n", "", true },
		{ "0123456789abcdefXYZ\n", "0123456789abcde", true },
	};
	char text[16];
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_reset();
		fake_file(PATH, vectors[i].content);
		CHECK_INT(dmabuf_read_line(PATH, text, sizeof(text)),
			  vectors[i].found);
		CHECK_TEXT(text, vectors[i].text);
	}
	fake_reset();
	strcpy(text, "before");
	CHECK(!dmabuf_read_line(PATH, text, sizeof(text)));
	CHECK_TEXT(text, "");
}

static void test_number(void)
{
	static const struct {
		const char *content;
		int ret;
		uint64_t number;
	} vectors[] = {
		{ "64\n", 0, 64 },
		{ "0\n", 0, 0 },
		{ "007", 0, 7 },
		{ "12 MiB\n", 0, 12 },
		{ "3\n4\n", 0, 3 },
		{ "18446744073709551615\n", 0, UINT64_MAX },
		{ "18446744073709551616\n", -ERANGE, 0 },
		{ "-1\n", -EINVAL, 0 },
		{ "+1\n", -EINVAL, 0 },
		{ "max\n", -EINVAL, 0 },
		{ "\n5\n", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
	};
	uint64_t number;
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_reset();
		fake_file(PATH, vectors[i].content);
		number = 1234;
		CHECK_INT(dmabuf_line_number(PATH, &number), vectors[i].ret);
		/* A failure leaves it alone. */
		CHECK_INT(number, vectors[i].ret ? 1234 : vectors[i].number);
	}
	fake_reset();
	CHECK_INT(dmabuf_line_number(PATH, &number), -ENOENT);
	CHECK_INT(dmabuf_line_number("/", &number), -EISDIR);
}

static const struct check checks[] = {
	{ "a line", test_line },
	{ "a number", test_number },
};

CHECK_MAIN("line", checks)
