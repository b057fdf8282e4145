/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commas, indentation and strings of JSON (RFC 8259). The caller has to nest
 * brackets correctly and to write each key once.
 */
#include "json.h"

/* Bytes of the UTF-8 character at @text, 0 when it is invalid. */
static unsigned int utf8_length(const char *text)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = *text;
	unsigned int n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, i;
	unsigned int code = c & (0xff >> (n + 1));

	if (n == 1)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	return code < least[n] || code > 0x10ffff ||
		(code >= 0xd800 && code < 0xe000) ? 0 : n;
}

/* Escapes quotes, backslashes and bytes below 0x20. */
static void put_string(FILE *f, const char *text)
{
	putc('"', f);
	while (*text) {
		unsigned int n = utf8_length(text);
		unsigned char c = *text;

		if (!n)
			fputs("\\ufffd", f);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20)
			fprintf(f, "\\u%04x", c);
		else
			fwrite(text, 1, n, f);
		text += n ? n : 1;
	}
	putc('"', f);
}

static void new_line(struct dmabuf_json *json)
{
	fprintf(json->f, "\n%*s", (int)(2 * json->depth), "");
}

/* Comma, indentation and key of the next member. */
static void begin(struct dmabuf_json *json, const char *key)
{
	if (json->follows)
		putc(',', json->f);
	if (json->inlined && json->follows)
		putc(' ', json->f);
	else if (!json->inlined && json->depth)
		new_line(json);
	json->follows = true;
	if (!key)
		return;
	put_string(json->f, key);
	fputs(": ", json->f);
}

void dmabuf_json_open(struct dmabuf_json *json, const char *key, char bracket)
{
	begin(json, key);
	putc(bracket, json->f);
	json->depth++;
	json->follows = false;
}

void dmabuf_json_open_line(struct dmabuf_json *json, const char *key,
			   char bracket)
{
	dmabuf_json_open(json, key, bracket);
	if (!json->inlined)
		json->inlined = json->depth;
}

void dmabuf_json_close(struct dmabuf_json *json, char bracket)
{
	bool inlined = json->inlined;

	if (json->inlined == json->depth)
		json->inlined = 0;
	json->depth--;
	if (!inlined)
		new_line(json);
	putc(bracket, json->f);
	json->follows = true;
	if (!json->depth)
		putc('\n', json->f);
}

void dmabuf_json_text(struct dmabuf_json *json, const char *key,
		      const char *text)
{
	begin(json, key);
	if (text && text[0])
		put_string(json->f, text);
	else
		fputs("null", json->f);
}

void dmabuf_json_number(struct dmabuf_json *json, const char *key,
			unsigned long long number)
{
	begin(json, key);
	fprintf(json->f, "%llu", number);
}

void dmabuf_json_real(struct dmabuf_json *json, const char *key, double number)
{
	begin(json, key);
	fprintf(json->f, "%f", number);
}

void dmabuf_json_null(struct dmabuf_json *json, const char *key)
{
	dmabuf_json_text(json, key, NULL);
}

void dmabuf_json_bool(struct dmabuf_json *json, const char *key, bool value)
{
	begin(json, key);
	fputs(value ? "true" : "false", json->f);
}
