/* SPDX-License-Identifier: GPL-2.0-only */
/* Every path with every source: accepted, or refused with a remedy. */
#include <errno.h>

#include "t/unit/check.h"
#include "path.h"

#define UNPINNABLE(s)	"dmabuf_path=pinned: cannot use dmabuf_source=" s ", whose memory cannot be mapped without the dma-buf; use dmabuf_source=udmabuf, or dmabuf_path=staged"
#define NO_DMABUF(p, s)	"dmabuf_path=" p ": needs a dma-buf, but dmabuf_source=" s " exports none; use heap or udmabuf, or dmabuf_path=host"
#define HOST(s, p)	"dmabuf_path=host: uses no dma-buf, but dmabuf_source=" s " exports one; use dmabuf_source=memory, or dmabuf_path=" p

static const struct {
	enum dmabuf_path path;
	const char *source;
	const char *refusal;	/* NULL: accepted */
} combinations[] = {
	{ DMABUF_PATH_DIRECT, "heap", NULL },
	{ DMABUF_PATH_DIRECT, "heap:reserved", NULL },
	{ DMABUF_PATH_DIRECT, "udmabuf", NULL },
	{ DMABUF_PATH_DIRECT, "udmabuf:2M", NULL },
	{ DMABUF_PATH_DIRECT, "udmabuf:1G", NULL },
	{ DMABUF_PATH_DIRECT, "memory", NO_DMABUF("direct", "memory") },
	{ DMABUF_PATH_DIRECT, "memory:2M", NO_DMABUF("direct", "memory:2M") },
	{ DMABUF_PATH_DIRECT, "memory:1G", NO_DMABUF("direct", "memory:1G") },
	{ DMABUF_PATH_PINNED, "heap", UNPINNABLE("heap:system") },
	{ DMABUF_PATH_PINNED, "heap:reserved", UNPINNABLE("heap:reserved") },
	{ DMABUF_PATH_PINNED, "udmabuf", NULL },
	{ DMABUF_PATH_PINNED, "udmabuf:2M", NULL },
	{ DMABUF_PATH_PINNED, "udmabuf:1G", NULL },
	{ DMABUF_PATH_PINNED, "memory", NO_DMABUF("pinned", "memory") },
	{ DMABUF_PATH_PINNED, "memory:2M", NO_DMABUF("pinned", "memory:2M") },
	{ DMABUF_PATH_PINNED, "memory:1G", NO_DMABUF("pinned", "memory:1G") },
	{ DMABUF_PATH_STAGED, "heap", NULL },
	{ DMABUF_PATH_STAGED, "heap:reserved", NULL },
	{ DMABUF_PATH_STAGED, "udmabuf", NULL },
	{ DMABUF_PATH_STAGED, "udmabuf:2M", NULL },
	{ DMABUF_PATH_STAGED, "udmabuf:1G", NULL },
	{ DMABUF_PATH_STAGED, "memory", NO_DMABUF("staged", "memory") },
	{ DMABUF_PATH_STAGED, "memory:2M", NO_DMABUF("staged", "memory:2M") },
	{ DMABUF_PATH_STAGED, "memory:1G", NO_DMABUF("staged", "memory:1G") },
	{ DMABUF_PATH_HOST, "heap", HOST("heap:system", "staged") },
	{ DMABUF_PATH_HOST, "heap:reserved", HOST("heap:reserved", "staged") },
	{ DMABUF_PATH_HOST, "udmabuf", HOST("udmabuf", "pinned") },
	{ DMABUF_PATH_HOST, "udmabuf:2M", HOST("udmabuf:2M", "pinned") },
	{ DMABUF_PATH_HOST, "udmabuf:1G", HOST("udmabuf:1G", "pinned") },
	{ DMABUF_PATH_DIRECT, "fd:/x", NULL },
	{ DMABUF_PATH_PINNED, "fd:/x", UNPINNABLE("fd:/x") },
	{ DMABUF_PATH_STAGED, "fd:/x", NULL },
	{ DMABUF_PATH_HOST, "fd:/x", HOST("fd:/x", "staged") },
	{ DMABUF_PATH_DIRECT, "p2pmem:01:00.0",
	  NO_DMABUF("direct", "p2pmem:0000:01:00.0") },
	{ DMABUF_PATH_PINNED, "p2pmem:01:00.0",
	  NO_DMABUF("pinned", "p2pmem:0000:01:00.0") },
	{ DMABUF_PATH_STAGED, "p2pmem:01:00.0",
	  NO_DMABUF("staged", "p2pmem:0000:01:00.0") },
	{ DMABUF_PATH_HOST, "p2pmem:01:00.0", NULL },
	{ DMABUF_PATH_HOST, "memory", NULL },
	{ DMABUF_PATH_HOST, "memory:2M", NULL },
	{ DMABUF_PATH_HOST, "memory:1G", NULL },
};

static void test_combinations(void)
{
	struct dmabuf_source_option source;
	struct dmabuf_error err;
	size_t i;

	for (i = 0; i < sizeof(combinations) / sizeof(combinations[0]); i++) {
		const char *refusal = combinations[i].refusal;

		CHECK_INT(dmabuf_source_parse(&source, combinations[i].source,
					      &err), 0);
		CHECK_INT(dmabuf_path_check(combinations[i].path, &source,
					    &err), refusal ? -EINVAL : 0);
		if (refusal)
			CHECK_ERROR(&err, -EINVAL, refusal);
	}
}

/* Every path works with its default source. */
static void test_defaults(void)
{
	static const char *const names[] = {
		"direct", "pinned", "staged", "host",
	};
	static const char *const sources[] = {
		"heap:system", "udmabuf", "heap:system", "memory",
	};
	int path;

	CHECK_INT(DMABUF_NR_PATHS, 4);
	for (path = 0; path < DMABUF_NR_PATHS; path++) {
		const struct dmabuf_path_traits *t = dmabuf_path_traits(path);
		struct dmabuf_source_option source;
		struct dmabuf_error err;

		CHECK_TEXT(t->name, names[path]);
		CHECK_TEXT(t->default_source, sources[path]);
		CHECK_INT(dmabuf_source_parse(&source, t->default_source,
					      &err), 0);
		CHECK_INT(dmabuf_path_check(path, &source, &err), 0);
		CHECK_INT(t->copies, path == DMABUF_PATH_STAGED);
		CHECK_INT(t->maps_backing, path == DMABUF_PATH_PINNED);
		CHECK_INT(t->uses_dmabuf, path != DMABUF_PATH_HOST);
	}
}

static const struct check checks[] = {
	{ "every path with every source", test_combinations },
	{ "defaults", test_defaults },
};

CHECK_MAIN("path", checks)
