/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The result of an attempt: ok; no, with reason and remedy; or unknown, with
 * the reason why it was not tried.
 */
#ifndef CHECK_RESULT_H
#define CHECK_RESULT_H

#include "error.h"

enum check_state {
	CHECK_UNKNOWN,
	CHECK_OK,
	CHECK_NO,
};

struct check_result {
	enum check_state state;
	char reason[640];	/* empty when ok */
	char remedy[640];	/* may be empty */
};

/* "unknown", "ok", "no" */
const char *check_state_name(enum check_state state);

void check_ok(struct check_result *result);

/* Sets "no" from an error line, split at its first semicolon. */
void check_failed(struct check_result *result, const struct dmabuf_error *err);

/* Sets @state; the formatted text is "REASON" or "REASON; REMEDY". */
void check_say(struct check_result *result, enum check_state state,
	       const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
