/* SPDX-License-Identifier: GPL-2.0-only */
/* DRM device nodes: listing them, and each failure to open one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engines/source/drm/memory.h"
#include "t/unit/sample/drm-sample.h"

#define MANY	": each dma-buf takes one or two; raise the limit with ulimit -n, or raise dmabuf_chunk"

static const struct fake_drm_device vgem = { .driver = "vgem" };

static char dir[32];

static void touch(const char *name)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (CHECK(f))
		fclose(f);
}

static void make_dir(void)
{
	strcpy(dir, "/tmp/test-drm-XXXXXX");
	CHECK(mkdtemp(dir));
	fake.dri_dir = dir;
	fake_file("/dev/dri", "");
}

static void drop_dir(const char *const *names)
{
	char path[256];

	for (; *names; names++) {
		snprintf(path, sizeof(path), "%s/%s", dir, *names);
		unlink(path);
	}
	CHECK_INT(rmdir(dir), 0);
}

static void test_list(void)
{
	static const char *const names[] = {
		"card10", "card2", "card", "cardX", "card1-DP", "controlD64",
		"renderD129", "renderD128", "by-path", "renderD", NULL,
	};
	char path[64];
	int i;

	make_dir();
	CHECK_INT(dmabuf_drm_next_node(false, -1), -1);
	for (i = 0; names[i]; i++)
		touch(names[i]);
	CHECK_INT(dmabuf_drm_next_node(false, -1), 2);
	CHECK_INT(dmabuf_drm_next_node(false, 2), 10);
	CHECK_INT(dmabuf_drm_next_node(false, 10), -1);
	CHECK_INT(dmabuf_drm_next_node(true, -1), 128);
	CHECK_INT(dmabuf_drm_next_node(true, 128), 129);
	CHECK_INT(dmabuf_drm_next_node(true, 129), -1);
	dmabuf_drm_node_path(path, sizeof(path), false, 10);
	CHECK_TEXT(path, "/dev/dri/card10");
	dmabuf_drm_node_path(path, sizeof(path), true, 128);
	CHECK_TEXT(path, "/dev/dri/renderD128");

	refused("drm:card7", -ENOENT, "/dev/dri/card7: no such GPU or display node; available in /dev/dri: card2, card10, renderD128, renderD129");
	drop_dir(names);
}

static void test_no_node(void)
{
	static const char *const names[] = { "renderD128", "card0", NULL };
	static const char none[] = "/dev/dri: no GPU or display driver is loaded; load one, for instance the module vgem";

	refused("drm", -ENOENT, none);
	refused("drm:vram", -ENOENT, none);
	refused("drm:card0", -ENOENT, none);
	make_dir();
	refused("drm", -ENOENT, "/dev/dri: no node card*, which this memory needs; available: none");
	refused("drm:card0", -ENOENT, "/dev/dri/card0: no such GPU or display node; available in /dev/dri: none");
	touch("renderD128");
	refused("drm", -ENOENT, "/dev/dri: no node card*, which this memory needs; available: renderD128");
	touch("card0");
	unlink("renderD128");
	drop_dir(names);
	make_dir();
	touch("card0");
	refused("drm:gtt", -ENOENT, "/dev/dri: no node renderD*, which this memory needs; available: card0");
	drop_dir(names);
}

static void test_many_nodes(void)
{
	char name[64][16];
	const char *names[65] = { NULL };
	int i;

	make_dir();
	for (i = 0; i < 64; i++) {
		snprintf(name[i], sizeof(name[i]), "card%d", i);
		names[i] = name[i];
		touch(name[i]);
	}
	CHECK_INT(open_source("drm:card99"), -ENOENT);
	CHECK_HAS(err.text, "available in /dev/dri: card0, card1, card2, ");
	CHECK(strlen(err.text) < 300);
	drop_dir(names);
}

static void test_open_refused(void)
{
	static const struct {
		int error;
		const char *line;
	} vectors[] = {
		{ EACCES, "/dev/dri/card0: Permission denied; run as root, or join the groups video and render" },
		{ EPERM, "/dev/dri/card0: Operation not permitted; run as root, or join the groups video and render" },
		{ ENODEV, "/dev/dri/card0: no such GPU or display node; available in /dev/dri: none" },
		{ ENXIO, "/dev/dri/card0: no such GPU or display node; available in /dev/dri: none" },
		{ EMFILE, "dmabuf_source=drm:card0: Too many open files" MANY },
		{ ENFILE, "dmabuf_source=drm:card0: Too many open files in system" MANY },
		{ EIO, "/dev/dri/card0: Input/output error; see the kernel log" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_file_error("/dev/dri/card0", vectors[i].error);
		refused("drm:card0", -vectors[i].error, vectors[i].line);
	}
}

static void test_not_drm(void)
{
	static const struct fake_drm_device other = { 0 };
	static const char line[] = "/dev/null: not a DRM device; use a node in /dev/dri";

	fake_drm_node("/dev/null", &other);
	refused("drm:/dev/null", -ENOTTY, line);
	fake_drm_node("/dev/dri/card0", &vgem);
	fake.errors[FAKE_DRM_VERSION] = EINVAL;
	refused("drm:card0", -ENOTTY, "/dev/dri/card0: not a DRM device; use a node in /dev/dri");
}

static const struct check checks[] = {
	{ "listed", test_list },
	{ "none", test_no_node },
	{ "many", test_many_nodes },
	{ "open refused", test_open_refused },
	{ "not a DRM device", test_not_drm },
};

CHECK_MAIN("drm-node", checks)
