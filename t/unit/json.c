/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Follows the grammar of RFC 8259 and that of UTF-8, and nothing more: no
 * value is kept. One object is expected, as deep as 16 levels.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

#define DEPTH		16
#define KEYS		256

struct reader {
	const char *at;
	const char *problem;
	unsigned int depth;
};

static bool value(struct reader *r);

static bool wrong(struct reader *r, const char *problem)
{
	if (!r->problem)
		r->problem = problem;
	return false;
}

static void blanks(struct reader *r)
{
	r->at += strspn(r->at, " \t\n\r");
}

static bool word(struct reader *r, const char *text)
{
	if (strncmp(r->at, text, strlen(text)))
		return false;
	r->at += strlen(text);
	return true;
}

static bool expect(struct reader *r, const char *text, const char *problem)
{
	blanks(r);
	return word(r, text) || wrong(r, problem);
}

static bool digits(struct reader *r)
{
	size_t n = strspn(r->at, "0123456789");

	r->at += n;
	return n;
}

static bool number(struct reader *r)
{
	word(r, "-");
	if (!word(r, "0") && !digits(r))
		return wrong(r, "no value");
	if (word(r, ".") && !digits(r))
		return wrong(r, "no digits after the point");
	if (word(r, "e") || word(r, "E")) {
		if (!word(r, "+"))
			word(r, "-");
		if (!digits(r))
			return wrong(r, "no digits in the exponent");
	}
	return true;
}

static bool escape(struct reader *r)
{
	if (word(r, "u")) {
		if (strspn(r->at, "0123456789abcdefABCDEF") < 4)
			return wrong(r, "no four digits after \\u");
		r->at += 4;
		return true;
	}
	if (!*r->at || !strchr("\"\\/bfnrt", *r->at))
		return wrong(r, "no such escape");
	r->at++;
	return true;
}

/* One character of more than one byte: shortest form, no surrogates. */
static bool utf8(struct reader *r)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = *r->at++;
	unsigned int length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2, i;
	unsigned int code = c & (0xff >> (length + 1));

	if (c < 0xc2 || c > 0xf4)
		return wrong(r, "a byte that is no UTF-8");
	for (i = 1; i < length; i++) {
		c = *r->at;
		if ((c & 0xc0) != 0x80)
			return wrong(r, "UTF-8 cut short");
		code = code << 6 | (c & 0x3f);
		r->at++;
	}
	if (code < least[length] || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000))
		return wrong(r, "no character of UTF-8");
	return true;
}

static bool string(struct reader *r)
{
	if (!expect(r, "\"", "no string"))
		return false;
	while (*r->at != '"') {
		unsigned char c = *r->at;

		if (c < 0x20)
			return wrong(r, "a control character in a string");
		if (c >= 0x80) {
			if (!utf8(r))
				return false;
			continue;
		}
		r->at++;
		if (c == '\\' && !escape(r))
			return false;
	}
	r->at++;
	return true;
}

static bool array(struct reader *r)
{
	blanks(r);
	if (word(r, "]"))
		return true;
	do {
		if (!value(r))
			return false;
		blanks(r);
	} while (word(r, ","));
	return expect(r, "]", "no ] after an element");
}

static bool object(struct reader *r)
{
	const char *keys[KEYS];
	size_t lengths[KEYS], n = 0, i;

	blanks(r);
	if (word(r, "}"))
		return true;
	do {
		blanks(r);
		keys[n] = r->at;
		if (!string(r))
			return false;
		lengths[n] = r->at - keys[n];
		for (i = 0; i < n; i++)
			if (lengths[i] == lengths[n] &&
			    !memcmp(keys[i], keys[n], lengths[n]))
				return wrong(r, "a key that comes twice");
		if (++n == KEYS)
			return wrong(r, "too many keys");
		if (!expect(r, ":", "no colon after a key") || !value(r))
			return false;
		blanks(r);
	} while (word(r, ","));
	return expect(r, "}", "no } after a value");
}

static bool value(struct reader *r)
{
	bool ok;

	if (++r->depth > DEPTH)
		return wrong(r, "too deep");
	blanks(r);
	if (word(r, "{"))
		ok = object(r);
	else if (word(r, "["))
		ok = array(r);
	else if (*r->at == '"')
		ok = string(r);
	else
		ok = word(r, "null") || word(r, "true") || word(r, "false") ||
			number(r);
	r->depth--;
	return ok;
}

const char *json_problem(const char *text)
{
	static char problem[128];
	struct reader r = { .at = text };

	if (value(&r)) {
		blanks(&r);
		if (*r.at)
			wrong(&r, "something after the end");
	}
	if (!r.problem)
		return "";
	snprintf(problem, sizeof(problem), "%s at byte %td", r.problem,
		 r.at - text);
	return problem;
}
