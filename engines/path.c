/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of paths, and what each needs from a source. A combination that
 * makes no sense fails; it never falls back to another.
 */
#include <errno.h>

#include "path.h"

static const struct dmabuf_path_traits traits[DMABUF_NR_PATHS] = {
	[DMABUF_PATH_DIRECT] = {
		.name = "direct",
		.default_source = "heap:system",
		.uses_dmabuf = true,
	},
	[DMABUF_PATH_PINNED] = {
		.name = "pinned",
		.default_source = "udmabuf",
		.uses_dmabuf = true,
		.maps_backing = true,
	},
	[DMABUF_PATH_STAGED] = {
		.name = "staged",
		.default_source = "heap:system",
		.uses_dmabuf = true,
		.copies = true,
	},
	[DMABUF_PATH_HOST] = {
		.name = "host",
		.default_source = "memory",
	},
};

const struct dmabuf_path_traits *dmabuf_path_traits(enum dmabuf_path path)
{
	return &traits[path];
}

int dmabuf_path_check(enum dmabuf_path path,
		      const struct dmabuf_source_option *source,
		      struct dmabuf_error *err)
{
	const struct dmabuf_path_traits *t = &traits[path];

	if (t->uses_dmabuf && !source->kind->exports)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_path=%s: needs a dma-buf, but dmabuf_source=%s exports none; use heap or udmabuf, or dmabuf_path=host",
			t->name, source->name);
	if (!t->uses_dmabuf && source->kind->exports)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_path=%s: uses no dma-buf, but dmabuf_source=%s exports one; use dmabuf_source=memory, or dmabuf_path=%s",
			t->name, source->name,
			source->kind->pinnable ? "pinned" : "staged");
	if (t->maps_backing && !source->kind->pinnable)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_path=%s: cannot use dmabuf_source=%s, whose memory cannot be mapped without the dma-buf; use dmabuf_source=udmabuf, or dmabuf_path=staged",
			t->name, source->name);
	return 0;
}
