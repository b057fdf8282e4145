/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line of error for the user: object, reason, remedy. It is filled in
 * where these are known, and printed once by the hooks.
 */
#ifndef DMABUF_ERROR_H
#define DMABUF_ERROR_H

#include <stdbool.h>

struct dmabuf_error {
	int code;		/* negative errno, 0 when unset */
	char text[1024];
};

/* Stores the line and returns @code (a negative errno). */
int dmabuf_error_set(struct dmabuf_error *err, int code,
		     const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * One line for memory that could not be allocated; returns -ENOMEM. @object is
 * the option or file it was for, @remedy what to change.
 */
int dmabuf_error_no_memory(struct dmabuf_error *err, const char *object,
			   const char *remedy);

/* Whether @error, an errno or its negative, is the limit on open files. */
bool dmabuf_error_is_fd_limit(int error);

/*
 * Writes @bytes with a binary unit ("64 MiB", "1 GiB", "1500 bytes") to @text
 * and returns it. 32 bytes are always enough.
 */
const char *dmabuf_size_text(unsigned long long bytes, char text[32]);

#endif
