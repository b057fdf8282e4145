/* SPDX-License-Identifier: GPL-2.0-only */
/* Local memory of i915 and xe: regions, buffers, windows, and its absence. */
#include <errno.h>

#include "t/unit/sample/drm-sample.h"

#define GIB	(1ULL << 30)
#define NONE	"; leave it out, or use another device"

static const struct fake_drm_device i915 = {
	.driver = "i915", .render = true, .vram = 4 * GIB,
};
static const struct fake_drm_device xe = {
	.driver = "xe", .render = true, .vram = 12 * GIB, .visible = 12 * GIB,
	.min_page = 65536,
};

static void test_i915(void)
{
	static const struct fake_drm_device small_bar = {
		.driver = "i915", .render = true, .vram = 4 * GIB,
		.visible = 256 << 20,
	};
	uint64_t bytes;

	fake_drm_node("/dev/dri/renderD128", &i915);
	CHECK_INT(open_source("drm:renderD128,vram"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/renderD128,vram");
	CHECK_TEXT(source.detail, "i915, VRAM");
	CHECK_INT(source.granule, 4096);
	CHECK(source.shadowed && !source.ordinary_pages);
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, GIB);
	/* Local memory (class 1) only */
	CHECK_INT(alloc(2 << 20), 0);
	CHECK_TEXT(fake.log,
		   "i915 1000 size 2097152 flags 0 class 1 instance 3: 1\n"
		   "export 1000 1 flags 0x80002: 1001\n"
		   "map 1000 2097152 at 0x100000000 shared\n"
		   "drop 1000 1\n");
	check_copies(12345);
	close_all();

	fake_drm_node("/dev/dri/renderD128", &small_bar);
	CHECK_INT(open_source("drm:renderD128,vram"), 0);
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, 256 << 20);
	dmabuf_source_close(&source);
}

static void test_i915_without(void)
{
	static const struct fake_drm_device integrated = {
		.driver = "i915", .render = true,
	};
	static const char none[] = "/dev/dri/renderD128: no vram on this device (driver i915)" NONE;

	fake_drm_node("/dev/dri/renderD128", &integrated);
	refused("drm:renderD128,vram", -ENODEV, none);
	refused("drm:renderD128,gtt", -ENODEV, "/dev/dri/renderD128: no gtt on this device (driver i915)" NONE);
	refused("drm:renderD128", -ENODEV, "/dev/dri/renderD128: a render node has no dumb buffers (driver i915); use the primary node, /dev/dri/card*, or add ,vram");
	fake_drm_node("/dev/dri/renderD128", &i915);
	fake_drm.query_nothing = true;
	refused("drm:renderD128,vram", -ENODEV, none);
	/* A kernel without this query */
	fake_drm.query_error = EINVAL;
	fake_drm.query_nothing = false;
	refused("drm:renderD128,vram", -EINVAL, "/dev/dri/renderD128: the driver i915 cannot report its memory: Invalid argument; use another device, or see the kernel log");
}

static void test_xe(void)
{
	static const struct fake_drm_device small_bar = {
		.driver = "xe", .render = true, .vram = 12 * GIB,
		.visible = (256 << 20) + 4096, .min_page = 65536,
	};
	uint64_t bytes;

	fake_drm_node("/dev/dri/renderD128", &xe);
	CHECK_INT(open_source("drm:renderD128,vram"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/renderD128,vram");
	CHECK_TEXT(source.detail, "xe, VRAM");
	CHECK_INT(source.granule, 65536);
	CHECK(source.shadowed && !source.ordinary_pages);
	/* Bit 2 of the placement; NEEDS_VISIBLE_VRAM; write-combined */
	CHECK_INT(alloc(2 << 20), 0);
	CHECK_TEXT(fake.log,
		   "xe 1000 size 2097152 place 0x4 flags 4 vm 0 caching 2: 1\n"
		   "export 1000 1 flags 0x80002: 1001\n"
		   "map 1000 2097152 at 0x100000000 shared\n"
		   "drop 1000 1\n");
	check_copies(65536);
	close_all();

	fake_drm_node("/dev/dri/renderD128", &small_bar);
	CHECK_INT(open_source("drm:renderD128,vram"), 0);
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, 256 << 20);	/* whole pages */
	dmabuf_source_close(&source);
}

static void test_xe_without(void)
{
	static const struct fake_drm_device integrated = {
		.driver = "xe", .render = true,
	};
	static const char none[] = "/dev/dri/renderD128: no vram on this device (driver xe)" NONE;

	fake_drm_node("/dev/dri/renderD128", &integrated);
	refused("drm:renderD128,vram", -ENODEV, none);
	fake_drm_node("/dev/dri/renderD128", &xe);
	fake_drm.query_nothing = true;
	refused("drm:renderD128,vram", -ENODEV, none);
}

/* Each query and step fails in turn. */
static void test_steps(void)
{
	static const struct fake_drm_device *const gpus[] = { &i915, &xe };
	unsigned int i, at, steps;

	for (i = 0; i < 2; i++) {
		for (at = 1, steps = 0; !steps; at++) {
			fake_reset();
			fake_drm_node("/dev/dri/renderD128", gpus[i]);
			fake.fail_at = at;
			fake.fail_errno = EIO;
			if (!open_source("drm:renderD128,vram")) {
				if (!alloc(1 << 20)) {
					source.kind->free(&source, &chunk);
					steps = at - 1;
				} else {
					CHECK_INT(err.code, -EIO);
					CHECK_INT(chunk.fd, -1);
				}
				dmabuf_source_close(&source);
			} else {
				CHECK(err.code && strstr(err.text, "; "));
			}
			CHECK_INT(fake_left(), 0);
		}
		/* malloc, open, version, three of the query; four of alloc */
		CHECK_INT(steps, 10);
	}
}

static const struct check checks[] = {
	{ "i915", test_i915 },
	{ "i915 without local memory", test_i915_without },
	{ "xe", test_xe },
	{ "xe without local memory", test_xe_without },
	{ "each step refused", test_steps },
};

CHECK_MAIN("drm-intel", checks)
