/* SPDX-License-Identifier: GPL-2.0-only */
/* Dumb buffers, and VRAM and GTT of amdgpu: the requests to the drivers. */
#include <errno.h>

#include "t/unit/sample/drm-sample.h"

#define GIB	(1ULL << 30)

static const struct fake_drm_device vgem = { .driver = "vgem" };
static const struct fake_drm_device display = { .driver = "simpledrm" };
static const struct fake_drm_device amd = {
	.driver = "amdgpu", .render = true,
	.vram = 8 * GIB, .visible = 256 << 20, .gtt = 6 * GIB,
};

static void test_dumb(void)
{
	uint64_t bytes;

	fake_drm_node("/dev/dri/card0", &vgem);
	CHECK_INT(open_source("drm:/dev/dri/card0"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/card0");
	CHECK_TEXT(source.detail, "vgem, dumb buffers");
	CHECK_INT(source.granule, 4096);
	CHECK(!source.shadowed);
	CHECK(source.ordinary_pages);
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, GIB);

	/* 1024 pixels of 4 bytes are a page. */
	CHECK_INT(alloc(3 << 20), 0);
	CHECK_TEXT(fake.log, "dumb 1000 1024 x 768 of 32, flags 0: 1\n"
		   "export 1000 1 flags 0x80002: 1002\n"
		   "drop 1000 1\n");
	CHECK_INT(chunk.fd, 1002);
	CHECK(!chunk.window);
	close_all();
}

/* A driver whose memory may be anywhere. */
static void test_dumb_elsewhere(void)
{
	fake_drm_node("/dev/dri/card0", &display);
	CHECK_INT(open_source("drm:card0"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/card0");
	CHECK_TEXT(source.detail, "simpledrm, dumb buffers");
	CHECK(!source.ordinary_pages);
	dmabuf_source_close(&source);
}

static void test_dumb_too_small(void)
{
	fake_drm_node("/dev/dri/card0", &vgem);
	CHECK_INT(open_source("drm:card0"), 0);
	fake_drm.dumb_missing = 1;
	CHECK_INT(alloc(1 << 20), -EMSGSIZE);
	CHECK_ERROR(&err, -EMSGSIZE, "/dev/dri/card0: the driver vgem refused a buffer of 1 MiB (dumb buffers): Message too long; lower dmabuf_chunk, or see the kernel log");
	dmabuf_source_close(&source);
}

/* The node is mapped where the dma-buf cannot be. */
static void test_dumb_window(void)
{
	fake_drm_node("/dev/dri/card0", &vgem);
	fake_drm.unmappable = true;
	CHECK_INT(open_source("drm:card0"), 0);
	CHECK(source.shadowed);
	CHECK_INT(alloc(1 << 20), 0);
	CHECK_HAS(fake.log, "map 1000 1048576 at 0x100000000 shared\n");
	check_copies(4096 - 10);
	close_all();
}

static void test_amdgpu_vram(void)
{
	uint64_t bytes;

	fake_drm_node("/dev/dri/renderD128", &amd);
	CHECK_INT(open_source("drm:renderD128,vram"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/renderD128,vram");
	CHECK_TEXT(source.detail, "amdgpu, VRAM");
	CHECK_INT(source.granule, 4096);
	CHECK(source.shadowed);
	CHECK(!source.ordinary_pages);
	/* The part that the CPU can map */
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, 256 << 20);

	/* Domain VRAM; CPU_ACCESS_REQUIRED */
	CHECK_INT(alloc(2 << 20), 0);
	CHECK_TEXT(fake.log,
		   "amdgpu 1000 size 2097152 align 4096 domains 0x4 flags 0x1: 1\n"
		   "export 1000 1 flags 0x80002: 1001\n"
		   "map 1000 2097152 at 0x100000000 shared\n"
		   "drop 1000 1\n");
	check_copies(0);
	check_copies((2 << 20) - 300);
	close_all();
}

static void test_amdgpu_gtt(void)
{
	uint64_t bytes;

	fake_drm_node("/dev/dri/renderD128", &amd);
	CHECK_INT(open_source("drm:renderD128,gtt"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/renderD128,gtt");
	CHECK_TEXT(source.detail, "amdgpu, GTT");
	CHECK(!source.shadowed);
	CHECK(source.ordinary_pages);
	CHECK_INT(dmabuf_source_limit(&source, &bytes, &err), 0);
	CHECK_INT(bytes, GIB);
	CHECK_INT(alloc(2 << 20), 0);
	CHECK_HAS(fake.log, "size 2097152 align 4096 domains 0x2 flags 0x1");
	CHECK(!chunk.window);
	close_all();

	fake_drm.unmappable = true;
	CHECK_INT(open_source("drm:renderD128,gtt"), 0);
	CHECK(source.shadowed);
	dmabuf_source_close(&source);
}

/* Without a placement: dumb buffers, or GTT if there are none. */
static void test_amdgpu_default(void)
{
	static const struct fake_drm_device primary = {
		.driver = "amdgpu", .gtt = GIB,
	};
	static const struct fake_drm_device headless = {
		.driver = "amdgpu", .gtt = GIB, .dumb_error = ENOSYS,
	};

	fake_drm_node("/dev/dri/card0", &primary);
	fake_drm_node("/dev/dri/card1", &headless);
	fake_drm_node("/dev/dri/renderD128", &amd);
	CHECK_INT(open_source("drm:card0"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/card0");
	CHECK_TEXT(source.detail, "amdgpu, dumb buffers");
	dmabuf_source_close(&source);
	CHECK_INT(open_source("drm:card1"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/card1,gtt");
	CHECK_TEXT(source.detail, "amdgpu, GTT");
	dmabuf_source_close(&source);
	CHECK_INT(open_source("drm:renderD128"), 0);
	CHECK_TEXT(source.name, "drm:/dev/dri/renderD128,gtt");
	dmabuf_source_close(&source);
}

static void test_none(void)
{
	static const struct fake_drm_device none = {
		.driver = "amdgpu", .render = true,
	};

	fake_drm_node("/dev/dri/renderD128", &none);
	refused("drm:renderD128,vram", -ENODEV, "/dev/dri/renderD128: no vram on this device (driver amdgpu); leave it out, or use another device");
	refused("drm:renderD128,gtt", -ENODEV, "/dev/dri/renderD128: no gtt on this device (driver amdgpu); leave it out, or use another device");
	fake_drm_node("/dev/dri/card0", &vgem);
	refused("drm:card0,vram", -ENODEV, "/dev/dri/card0: no vram on this device (driver vgem); leave it out, or use another device");
	refused("drm:card0,gtt", -ENODEV, "/dev/dri/card0: no gtt on this device (driver vgem); leave it out, or use another device");
}

static const struct check checks[] = {
	{ "dumb buffers", test_dumb },
	{ "dumb buffers of another driver", test_dumb_elsewhere },
	{ "a dumb buffer that is too small", test_dumb_too_small },
	{ "dumb buffers through a window", test_dumb_window },
	{ "amdgpu, VRAM", test_amdgpu_vram },
	{ "amdgpu, GTT", test_amdgpu_gtt },
	{ "amdgpu, no placement", test_amdgpu_default },
	{ "none", test_none },
};

CHECK_MAIN("drm-memory", checks)
