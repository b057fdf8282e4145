/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_source=drm in a plugin that was built without libdrm: an error.
 */
#include <errno.h>

#include "source.h"

static int missing_parse(struct dmabuf_source_option *option,
			 struct dmabuf_error *err)
{
	return dmabuf_error_set(err, -EOPNOTSUPP,
		"dmabuf_source=%s: this plugin was built without libdrm; install libdrm-dev and build it again",
		option->name);
}

const struct dmabuf_source_kind dmabuf_source_drm = {
	.name = "drm",
	.exports = true,
	.parse = missing_parse,
};
