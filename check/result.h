/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What came of one attempt: ok, no with the reason and the remedy, or unknown
 * with the reason why it could not be tried.
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

/* An error of the core, cut at its first semicolon. */
void check_failed(struct check_result *result, const struct dmabuf_error *err);

/* "REASON" or "REASON; REMEDY", as a format. */
void check_say(struct check_result *result, enum check_state state,
	       const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
