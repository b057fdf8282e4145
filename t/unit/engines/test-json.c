/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON writer: commas and indentation, each kind of value, strings. */
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/json.h"

static char *text;
static size_t size;
static struct dmabuf_json json;

static void begin(void)
{
	memset(&json, 0, sizeof(json));
	json.f = open_memstream(&text, &size);
	dmabuf_json_open(&json, NULL, '{');
}

static void end(const char *wanted)
{
	dmabuf_json_close(&json, '}');
	fclose(json.f);
	CHECK_TEXT(text, wanted);
	CHECK_TEXT(json_problem(text), "");
	free(text);
}

static void test_empty(void)
{
	begin();
	end("{\n}\n");
}

static void test_values(void)
{
	begin();
	dmabuf_json_text(&json, "a", "x");
	dmabuf_json_text(&json, "b", "");
	dmabuf_json_text(&json, "c", NULL);
	dmabuf_json_null(&json, "d");
	dmabuf_json_number(&json, "e", 18446744073709551615ULL);
	dmabuf_json_bool(&json, "f", true);
	dmabuf_json_bool(&json, "g", false);
	dmabuf_json_real(&json, "h", 2.5);
	end("{\n  \"a\": \"x\",\n  \"b\": null,\n  \"c\": null,\n  \"d\": null,\n"
	    "  \"e\": 18446744073709551615,\n  \"f\": true,\n  \"g\": false,\n"
	    "  \"h\": 2.500000\n}\n");
}

static void test_nested(void)
{
	begin();
	dmabuf_json_open(&json, "a", '[');
	dmabuf_json_open(&json, NULL, '{');
	dmabuf_json_number(&json, "b", 1);
	dmabuf_json_close(&json, '}');
	dmabuf_json_open(&json, NULL, '{');
	dmabuf_json_close(&json, '}');
	dmabuf_json_close(&json, ']');
	dmabuf_json_open(&json, "c", '[');
	dmabuf_json_close(&json, ']');
	dmabuf_json_number(&json, "d", 2);
	end("{\n  \"a\": [\n    {\n      \"b\": 1\n    },\n    {\n    }\n  ],\n"
	    "  \"c\": [\n  ],\n  \"d\": 2\n}\n");
}

static void test_on_one_line(void)
{
	begin();
	dmabuf_json_open_line(&json, "a", '{');
	dmabuf_json_number(&json, "b", 1);
	dmabuf_json_open(&json, "c", '[');
	dmabuf_json_number(&json, NULL, 2);
	dmabuf_json_number(&json, NULL, 3);
	dmabuf_json_close(&json, ']');
	dmabuf_json_close(&json, '}');
	dmabuf_json_open_line(&json, "d", '{');
	dmabuf_json_close(&json, '}');
	dmabuf_json_number(&json, "e", 4);
	end("{\n  \"a\": {\"b\": 1, \"c\": [2, 3]},\n  \"d\": {},\n  \"e\": 4\n}\n");
}

static void test_strings(void)
{
	static const struct {
		const char *text, *wanted;
	} vectors[] = {
		{ "\"\\", "\"\\\"\\\\\"" },
		{ "\n\t\x01", "\"\\u000a\\u0009\\u0001\"" },
		{ "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		  "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"" },
		{ "a\xff" "b", "\"a\\ufffdb\"" },
		{ "\xc3", "\"\\ufffd\"" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
	};
	char wanted[256];
	unsigned int i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		begin();
		dmabuf_json_text(&json, "t", vectors[i].text);
		snprintf(wanted, sizeof(wanted), "{\n  \"t\": %s\n}\n",
			 vectors[i].wanted);
		end(wanted);
	}
}

static const struct check checks[] = {
	{ "an empty object", test_empty },
	{ "each kind of value", test_values },
	{ "objects in arrays", test_nested },
	{ "on one line", test_on_one_line },
	{ "strings", test_strings },
};

CHECK_MAIN("json", checks)
