/* SPDX-License-Identifier: GPL-2.0-only */
/* The source drm: its argument, the choice of the node, the contract. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "t/unit/sample/drm-sample.h"

#define WORD	": no such device memory; write vram or gtt after the comma, or leave it out"

static const struct fake_drm_device vgem = { .driver = "vgem" };
static const struct fake_drm_device vgem_render = {
	.driver = "vgem", .render = true,
};
static const struct fake_drm_device no_dumb = {
	.driver = "panthor", .dumb_error = ENOSYS,
};
static const struct fake_drm_device amd = {
	.driver = "amdgpu", .render = true,
	.vram = 1 << 30, .visible = 1 << 30, .gtt = 1 << 30,
};

static void test_kind(void)
{
	const struct dmabuf_source_kind *kind = &dmabuf_source_drm;

	CHECK_TEXT(kind->name, "drm");
	CHECK(kind->exports && !kind->pinnable);
	CHECK(kind->parse && kind->open && kind->close && kind->limit);
	CHECK(kind->alloc && kind->map && kind->read && kind->write);
	CHECK(kind->free);
}

static void test_argument(void)
{
	static const char *const good[] = {
		"drm", "drm:card0", "drm:/dev/dri/card0", "drm:vram",
		"drm:gtt", "drm:,vram", "drm:renderD128,gtt",
		"drm:/dev/dri/by-path/pci-0000:03:00.0-render,vram",
	};
	static const struct {
		const char *text, *line;
	} bad[] = {
		{ "drm:card0,", "dmabuf_source=drm:card0," WORD },
		{ "drm:,", "dmabuf_source=drm:," WORD },
		{ "drm:card0,VRAM", "dmabuf_source=drm:card0,VRAM" WORD },
		{ "drm:card0,vram,gtt", "dmabuf_source=drm:card0,vram,gtt" WORD },
		{ "drm:", "dmabuf_source=drm:: nothing after the colon; write drm or drm:ARG" },
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CHECK_INT(dmabuf_source_parse(&option, good[i], &err), 0);
		CHECK_TEXT(option.name, good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(dmabuf_source_parse(&option, bad[i].text, &err),
			  -EINVAL);
		CHECK_ERROR(&err, -EINVAL, bad[i].line);
	}
	/* Parsing does not touch the system. */
	CHECK_TEXT(fake.log, "");
}

/* A directory of empty files in place of /dev/dri. */
static void list(char *dir, const char *const *names, bool there)
{
	char path[64];

	if (there)
		CHECK(mkdtemp(dir));
	for (; *names; names++) {
		snprintf(path, sizeof(path), "%s/%s", dir, *names);
		if (there)
			fclose(fopen(path, "w"));
		else
			unlink(path);
	}
	if (!there)
		CHECK_INT(rmdir(dir), 0);
	fake.dri_dir = dir;
}

static void test_choice(void)
{
	static const char *const names[] = {
		"card0", "card1", "card2", "renderD128", "renderD129", NULL,
	};
	char dir[] = "/tmp/test-drm-XXXXXX";

	list(dir, names, true);
	fake_drm_node("/dev/dri/card0", &no_dumb);
	fake_drm_node("/dev/dri/card1", &vgem);
	fake_drm_node("/dev/dri/card2", &vgem);
	fake_drm_node("/dev/dri/renderD128", &vgem_render);
	fake_drm_node("/dev/dri/renderD129", &amd);
	CHECK_INT(open_source("drm"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/card1");
	dmabuf_source_close(&source);
	CHECK_INT(open_source("drm:vram"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/renderD129,vram");
	dmabuf_source_close(&source);
	CHECK_INT(open_source("drm:,gtt"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/renderD129,gtt");
	dmabuf_source_close(&source);

	/* A node that cannot be opened is skipped. */
	fake_file_error("/dev/dri/card1", EACCES);
	CHECK_INT(open_source("drm"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/card2");
	dmabuf_source_close(&source);

	/* If no node has the memory, the error is the first node's. */
	fake_file_error("/dev/dri/card2", EACCES);
	refused("drm", -ENODEV, "/dev/dri/card0: the driver panthor has no dumb buffers; use another device, or add ,vram");
	fake_file_error("/dev/dri/card0", EACCES);
	refused("drm", -EACCES, "/dev/dri/card0: Permission denied; run as root, or join the groups video and render");
	fake_file_error("/dev/dri/renderD129", EACCES);
	refused("drm:vram", -ENODEV, "/dev/dri/renderD128: no vram on this device (driver vgem); leave it out, or use another device");
	list(dir, names, false);
}

static void test_no_dumb(void)
{
	static const int errors[] = { ENOSYS, EOPNOTSUPP, EINVAL };
	struct fake_drm_device gpu = no_dumb;
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		gpu.dumb_error = errors[i];
		fake_drm_node("/dev/dri/card0", &gpu);
		refused("drm:card0", -ENODEV, "/dev/dri/card0: the driver panthor has no dumb buffers; use another device, or add ,vram");
	}
	fake_drm_node("/dev/dri/renderD128", &vgem_render);
	refused("drm:renderD128", -ENODEV, "/dev/dri/renderD128: a render node has no dumb buffers (driver vgem); use the primary node, /dev/dri/card*, or add ,vram");
}

static void test_limit(void)
{
	static const struct fake_drm_device tiny = {
		.driver = "amdgpu", .render = true, .gtt = 100,
	};
	uint64_t bytes;

	fake_drm_node("/dev/dri/renderD128", &amd);
	CHECK_INT(open_source("drm:vram"), -ENOENT);
	CHECK_INT(open_source("drm:renderD128,vram"), 0);
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, 1 << 30);
	dmabuf_source_close(&source);
	fake.errors[FAKE_DRM_QUERY] = EACCES;
	refused("drm:renderD128,vram", -EACCES, "/dev/dri/renderD128: the driver amdgpu cannot report its memory: Permission denied; use another device, or see the kernel log");
	fake.errors[FAKE_DRM_QUERY] = 0;
	/* Less than a page is not enough. */
	fake_drm_node("/dev/dri/renderD128", &tiny);
	CHECK_INT(open_source("drm:renderD128,gtt"), -EINVAL);
}

static void test_map(void)
{
	struct dmabuf_part part = { .offset = 8192, .size = 4096 };
	void *room;

	fake_drm_node("/dev/dri/card0", &vgem);
	CHECK_INT(open_source("drm:card0"), 0);
	CHECK_INT(alloc(1 << 20), 0);
	room = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	part.address = room;
	CHECK_INT(source.kind->map(&source, &chunk, &part, false), 0);
	CHECK_HAS(fake.log, "map 1002 4096 shared\n");
	CHECK_INT(source.kind->map(&source, &chunk, &part, true), -EOPNOTSUPP);
	fake.errors[FAKE_MMAP] = ENOMEM;
	CHECK_INT(source.kind->map(&source, &chunk, &part, false), -ENOMEM);
	munmap(room, 4096);
	close_all();
}

static void test_steps(void)
{
	unsigned int at, steps = 0;

	for (at = 1; !steps; at++) {
		fake_reset();
		fake_drm_node("/dev/dri/card0", &vgem);
		fake.fail_at = at;
		fake.fail_errno = EIO;
		if (!open_source("drm:card0")) {
			if (!alloc(1 << 20)) {
				source.kind->free(&source, &chunk);
				steps = fake.calls < at ? at : 0;
			}
			dmabuf_source_close(&source);
		} else {
			CHECK(err.code && strstr(err.text, "; "));
		}
		CHECK_INT(fake_left(), 0);
	}
	/* malloc, open, version, two buffers, export, map; buffer, export */
	CHECK_INT(steps - 1, 9);
}

static const struct check checks[] = {
	{ "the kind", test_kind },
	{ "the argument", test_argument },
	{ "which node", test_choice },
	{ "no dumb buffers", test_no_dumb },
	{ "limit", test_limit },
	{ "map", test_map },
	{ "each step refused", test_steps },
};

CHECK_MAIN("drm", checks)
