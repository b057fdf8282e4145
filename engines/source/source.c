/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of the kinds of sources, the parsing of dmabuf_source=KIND[:ARG],
 * and opening a source.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "source.h"

static const struct dmabuf_source_kind *const kinds[] = {
	&dmabuf_source_heap,
	&dmabuf_source_udmabuf,
	&dmabuf_source_drm,
	&dmabuf_source_vfio,
	&dmabuf_source_cuda,
	&dmabuf_source_hip,
	&dmabuf_source_fd,
	&dmabuf_source_memory,
	&dmabuf_source_p2pmem,
};

#define NR_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

int dmabuf_source_parse(struct dmabuf_source_option *option, const char *text,
			struct dmabuf_error *err)
{
	const char *colon = strchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	char known[128] = "";
	size_t i, used = 0;

	memset(option, 0, sizeof(*option));
	if (strlen(text) >= sizeof(option->arg))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%.40s...: too long; write KIND or KIND:ARG",
			text);
	for (i = 0; i < NR_KINDS; i++) {
		const char *name = kinds[i]->name;

		if (strlen(name) == len && !strncmp(name, text, len))
			option->kind = kinds[i];
		used += snprintf(known + used, sizeof(known) - used, "%s%s",
				 i ? ", " : "", name);
	}
	if (!option->kind)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: no such kind of memory; use one of %s",
			text, known);
	if (colon && !colon[1])
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: nothing after the colon; write %s or %s:ARG",
			text, option->kind->name, option->kind->name);

	snprintf(option->arg, sizeof(option->arg), "%s",
		 colon ? colon + 1 : "");
	option->granule = sysconf(_SC_PAGESIZE);
	snprintf(option->name, sizeof(option->name), "%s", text);
	return option->kind->parse(option, err);
}

const struct dmabuf_source_kind *dmabuf_source_kind(unsigned int i)
{
	return i < NR_KINDS ? kinds[i] : NULL;
}

int dmabuf_source_open(struct dmabuf_source *source,
		       const struct dmabuf_source_option *option,
		       struct dmabuf_error *err)
{
	*source = (struct dmabuf_source) {
		.kind = option->kind,
		.option = *option,
		.granule = option->granule,
		.ordinary_pages = option->ordinary_pages,
		.watch = -1,
	};
	strcpy(source->name, option->name);
	return source->kind->open ? source->kind->open(source, err) : 0;
}

int dmabuf_source_limit(const struct dmabuf_source *source, uint64_t *bytes,
			struct dmabuf_error *err)
{
	int ret = 0;

	*bytes = DMABUF_CHUNK_MAX;
	if (source->kind->limit)
		ret = source->kind->limit(source, bytes, err);
	if (*bytes > DMABUF_CHUNK_MAX)
		*bytes = DMABUF_CHUNK_MAX;
	return ret;
}

void dmabuf_source_close(struct dmabuf_source *source)
{
	if (source->kind && source->kind->close && source->state)
		source->kind->close(source);
	source->state = NULL;
}
