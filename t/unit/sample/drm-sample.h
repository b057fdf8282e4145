/* SPDX-License-Identifier: GPL-2.0-only */
/* A source drm on scripted nodes, for the tests of its parts. */
#ifndef DRM_SAMPLE_H
#define DRM_SAMPLE_H

#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-drm.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "source.h"

static struct dmabuf_source_option option;
static struct dmabuf_source source;
static struct dmabuf_chunk chunk;
static struct dmabuf_error err;

/* Parses and opens; the log begins after that. */
static inline int open_source(const char *text)
{
	int ret = dmabuf_source_parse(&option, text, &err);

	if (!ret)
		ret = dmabuf_source_open(&source, &option, &err);
	return ret;
}

static inline int alloc(uint64_t size)
{
	memset(&err, 0, sizeof(err));
	fake.log[0] = '\0';
	chunk = (struct dmabuf_chunk) { .size = size, .fd = -1, .memfd = -1 };
	return source.kind->alloc(&source, &chunk, &err);
}

/* What cannot be opened has one line, @line, and leaves nothing. */
static inline void refused(const char *text, int code, const char *line)
{
	CHECK_INT(open_source(text), code);
	CHECK_ERROR(&err, code, line);
	CHECK(!source.state);
	CHECK_INT(fake_left(), 0);
}

/* Data goes there and back, from @offset on. */
static inline void check_copies(uint64_t offset)
{
	char out[300], in[300] = "";
	struct dmabuf_part part = {
		.address = out,
		.offset = offset,
		.size = sizeof(out),
	};
	size_t i;

	for (i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 7 + 1);
	CHECK_INT(source.kind->write(&source, &chunk, &part), 0);
	CHECK(!memcmp((char *)chunk.window + offset, out, sizeof(out)));
	part.address = in;
	CHECK_INT(source.kind->read(&source, &chunk, &part), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
}

static inline void close_all(void)
{
	source.kind->free(&source, &chunk);
	dmabuf_source_close(&source);
	CHECK_INT(fake_left(), 0);
}

#endif
