/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes JSON: what dmabuf_report=, dmabuf-check --json and
 * fio-dmabuf-sendfile have in common. One member a line, indented by two
 * blanks; errors are those of the stream.
 */
#ifndef DMABUF_JSON_H
#define DMABUF_JSON_H

#include <stdbool.h>
#include <stdio.h>

struct dmabuf_json {
	FILE *f;
	unsigned int depth;
	unsigned int inlined;	/* depth of what is on one line, or 0 */
	bool follows;		/* another member came before in this one */
};

/*
 * Begins an object or an array, @bracket is '{' or '['. @key is NULL in an
 * array and for the outermost; so it is in all functions here.
 */
void dmabuf_json_open(struct dmabuf_json *json, const char *key, char bracket);
/* The same, with all that is in it on one line. */
void dmabuf_json_open_line(struct dmabuf_json *json, const char *key,
			   char bracket);
void dmabuf_json_close(struct dmabuf_json *json, char bracket);

/*
 * A string; null when @text is NULL or empty. Text is bytes, as names of
 * files are: what is no UTF-8 becomes the replacement character.
 */
void dmabuf_json_text(struct dmabuf_json *json, const char *key,
		      const char *text);
void dmabuf_json_number(struct dmabuf_json *json, const char *key,
			unsigned long long number);
/* With six digits after the point, as fio writes them. */
void dmabuf_json_real(struct dmabuf_json *json, const char *key, double number);
void dmabuf_json_null(struct dmabuf_json *json, const char *key);
void dmabuf_json_bool(struct dmabuf_json *json, const char *key, bool value);

#endif
