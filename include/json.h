/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes JSON for dmabuf_report=, dmabuf-check --json and fio-dmabuf-sendfile.
 * One member a line, indented by two blanks. Errors are those of the stream.
 */
#ifndef DMABUF_JSON_H
#define DMABUF_JSON_H

#include <stdbool.h>
#include <stdio.h>

struct dmabuf_json {
	FILE *f;
	unsigned int depth;
	unsigned int inlined;	/* depth of a bracket on one line, or 0 */
	bool follows;		/* not the first member in its bracket */
};

/*
 * Begins an object or an array; @bracket is '{' or '['. In all functions here,
 * @key is NULL for elements of an array and for the outermost bracket.
 */
void dmabuf_json_open(struct dmabuf_json *json, const char *key, char bracket);
/* The same, with the whole content on one line. */
void dmabuf_json_open_line(struct dmabuf_json *json, const char *key,
			   char bracket);
void dmabuf_json_close(struct dmabuf_json *json, char bracket);

/*
 * A string; null when @text is NULL or empty. Bytes that are not UTF-8, as in
 * names of files, become the replacement character.
 */
void dmabuf_json_text(struct dmabuf_json *json, const char *key,
		      const char *text);
void dmabuf_json_number(struct dmabuf_json *json, const char *key,
			unsigned long long number);
/* With six decimals, as fio prints them. */
void dmabuf_json_real(struct dmabuf_json *json, const char *key, double number);
void dmabuf_json_null(struct dmabuf_json *json, const char *key);
void dmabuf_json_bool(struct dmabuf_json *json, const char *key, bool value);

#endif
