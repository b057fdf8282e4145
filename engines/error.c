/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors as one line of text and a negative errno, and sizes for people to
 * read. The core never prints; the hooks do, once.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"

int dmabuf_error_set(struct dmabuf_error *err, int code,
		     const char *format, ...)
{
	va_list args;

	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return code;
}

int dmabuf_error_no_memory(struct dmabuf_error *err, const char *object,
			   const char *remedy)
{
	return dmabuf_error_set(err, -ENOMEM, "%s: out of memory; %s", object,
				remedy);
}

bool dmabuf_error_is_fd_limit(int error)
{
	return abs(error) == EMFILE || abs(error) == ENFILE;
}

const char *dmabuf_size_text(unsigned long long bytes, char text[32])
{
	static const char *const unit[] = { "KiB", "MiB", "GiB", "TiB" };
	int i;

	for (i = 3; i >= 0; i--) {
		unsigned int shift = 10 * (i + 1);

		if (bytes && !(bytes & ((1ULL << shift) - 1))) {
			snprintf(text, 32, "%llu %s", bytes >> shift, unit[i]);
			return text;
		}
	}
	snprintf(text, 32, "%llu bytes", bytes);
	return text;
}
