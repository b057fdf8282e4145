/* SPDX-License-Identifier: GPL-2.0-only */
/* The source drm of a plugin that was built without libdrm. */
#include <errno.h>

#include "t/unit/check.h"
#include "source.h"

static void test_refused(void)
{
	static const char *const texts[] = { "drm", "drm:card0,vram" };
	static const char *const lines[] = {
		"dmabuf_source=drm: this plugin was built without libdrm; install libdrm-dev and build it again",
		"dmabuf_source=drm:card0,vram: this plugin was built without libdrm; install libdrm-dev and build it again",
	};
	struct dmabuf_source_option option;
	struct dmabuf_error err;
	int i;

	for (i = 0; i < 2; i++) {
		CHECK_INT(dmabuf_source_parse(&option, texts[i], &err),
			  -EOPNOTSUPP);
		CHECK_ERROR(&err, -EOPNOTSUPP, lines[i]);
	}
}

static const struct check checks[] = {
	{ "refused", test_refused },
};

CHECK_MAIN("drm-missing", checks)
