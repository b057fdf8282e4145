/* SPDX-License-Identifier: GPL-2.0-only */
/* An error of the core, cut into reason and remedy. */
#include <errno.h>
#include <string.h>

#include "check/result.h"
#include "t/unit/check.h"

static struct check_result result;

static void is(enum check_state state, const char *reason, const char *remedy)
{
	CHECK_INT(result.state, state);
	CHECK_TEXT(result.reason, reason);
	CHECK_TEXT(result.remedy, remedy);
}

static void test_cut(void)
{
	static const struct {
		const char *text, *reason, *remedy;
	} vectors[] = {
		{ "object: reason; do this", "object: reason", "do this" },
		{ "reason; do this; or that", "reason", "do this; or that" },
		{ "no remedy", "no remedy", "" },
		{ "ends with; ", "ends with", "" },
		{ "a;b", "a;b", "" },
		{ "100 % of it; raise it", "100 % of it", "raise it" },
	};
	struct dmabuf_error err;
	unsigned int i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		dmabuf_error_set(&err, -EIO, "%s", vectors[i].text);
		check_failed(&result, &err);
		is(CHECK_NO, vectors[i].reason, vectors[i].remedy);
		check_say(&result, CHECK_UNKNOWN, "%s", vectors[i].text);
		is(CHECK_UNKNOWN, vectors[i].reason, vectors[i].remedy);
	}
}

static void test_ok_forgets(void)
{
	check_say(&result, CHECK_NO, "a; b");
	check_ok(&result);
	is(CHECK_OK, "", "");
}

/* The longest error there can be is cut short and not written past. */
static void test_long(void)
{
	struct dmabuf_error err = { .code = -EIO };

	memset(err.text, 'x', sizeof(err.text) - 1);
	check_failed(&result, &err);
	CHECK_INT(strlen(result.reason), sizeof(result.reason) - 1);
	CHECK_TEXT(result.remedy, "");
}

static void test_names(void)
{
	CHECK_TEXT(check_state_name(CHECK_OK), "ok");
	CHECK_TEXT(check_state_name(CHECK_NO), "no");
	CHECK_TEXT(check_state_name(CHECK_UNKNOWN), "unknown");
}

static const struct check checks[] = {
	{ "reason and remedy", test_cut },
	{ "ok has neither", test_ok_forgets },
	{ "a long error", test_long },
	{ "names", test_names },
};

CHECK_MAIN("check-result", checks)
