/* SPDX-License-Identifier: GPL-2.0-only */
/* Splits an error line into reason and remedy, at its first semicolon. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "result.h"

const char *check_state_name(enum check_state state)
{
	static const char *const names[] = {
		[CHECK_UNKNOWN] = "unknown",
		[CHECK_OK] = "ok",
		[CHECK_NO] = "no",
	};

	return names[state];
}

void check_ok(struct check_result *result)
{
	memset(result, 0, sizeof(*result));
	result->state = CHECK_OK;
}

static void split(struct check_result *result, enum check_state state,
		  const char *text)
{
	const char *semicolon = strstr(text, "; ");
	size_t length = semicolon ? (size_t)(semicolon - text) : strlen(text);

	result->state = state;
	snprintf(result->reason, sizeof(result->reason), "%.*s", (int)length,
		 text);
	snprintf(result->remedy, sizeof(result->remedy), "%s",
		 semicolon ? semicolon + 2 : "");
}

void check_failed(struct check_result *result, const struct dmabuf_error *err)
{
	split(result, CHECK_NO, err->text);
}

void check_say(struct check_result *result, enum check_state state,
	       const char *format, ...)
{
	char text[sizeof(result->reason) + sizeof(result->remedy)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	split(result, state, text);
}
