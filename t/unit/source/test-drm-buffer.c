/* SPDX-License-Identifier: GPL-2.0-only */
/* One buffer of a DRM driver: each step failing, sizes, too many files. */
#include <errno.h>

#include "t/unit/sample/drm-sample.h"

#define MANY	": each dma-buf takes one or two; raise the limit with ulimit -n, or raise dmabuf_chunk"

static const struct fake_drm_device vgem = { .driver = "vgem" };
static const struct fake_drm_device amd = {
	.driver = "amdgpu", .render = true,
	.vram = 1 << 30, .visible = 64 << 20, .gtt = 1 << 30,
};

static const char dumb[] = "drm:card0", vram[] = "drm:renderD128,vram";

static void nodes(void)
{
	fake_drm_node("/dev/dri/card0", &vgem);
	fake_drm_node("/dev/dri/renderD128", &amd);
}

static void test_refused(void)
{
	static const struct {
		enum fake_call call;
		int error;
		const char *source, *line;
	} vectors[] = {
		{ FAKE_DRM_CREATE, ENOMEM, vram, "/dev/dri/renderD128: out of device memory: the driver amdgpu has no 4 MiB (VRAM) left; lower iodepth or bs, or stop what else uses the device" },
		{ FAKE_DRM_CREATE, ENOSPC, vram, "/dev/dri/renderD128: out of device memory: the driver amdgpu has no 4 MiB (VRAM) left; lower iodepth or bs, or stop what else uses the device" },
		{ FAKE_DRM_CREATE, ENOMEM, dumb, "/dev/dri/card0: out of device memory: the driver vgem has no 4 MiB (dumb buffers) left; lower iodepth or bs, or stop what else uses the device" },
		{ FAKE_DRM_CREATE, EACCES, vram, "/dev/dri/renderD128: Permission denied: another program controls the display of this device; use its render node, /dev/dri/renderD*" },
		{ FAKE_DRM_CREATE, EPERM, vram, "/dev/dri/renderD128: Operation not permitted: another program controls the display of this device; use its render node, /dev/dri/renderD*" },
		{ FAKE_DRM_CREATE, EINVAL, vram, "/dev/dri/renderD128: the driver amdgpu refused a buffer of 4 MiB (VRAM): Invalid argument; lower dmabuf_chunk, or see the kernel log" },
		{ FAKE_DRM_EXPORT, EMFILE, dumb, "dmabuf_source=drm:/dev/dri/card0: Too many open files" MANY },
		{ FAKE_DRM_EXPORT, ENFILE, vram, "dmabuf_source=drm:/dev/dri/renderD128,vram: Too many open files in system" MANY },
		{ FAKE_DRM_EXPORT, ENOSYS, dumb, "/dev/dri/card0: the driver vgem cannot export a buffer of 4 MiB: Function not implemented; use another device, or another dmabuf_source" },
		{ FAKE_DRM_OFFSET, EPERM, vram, "/dev/dri/renderD128: the CPU cannot map a buffer of 4 MiB (VRAM): Operation not permitted; lower dmabuf_chunk, or use another device" },
		{ FAKE_MMAP, ENOMEM, vram, "/dev/dri/renderD128: the CPU cannot map a buffer of 4 MiB (VRAM): Cannot allocate memory; lower dmabuf_chunk, or use another device" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_reset();
		nodes();
		CHECK_INT(open_source(vectors[i].source), 0);
		fake.errors[vectors[i].call] = vectors[i].error;
		CHECK_INT(alloc(4 << 20), -vectors[i].error);
		CHECK_ERROR(&err, -vectors[i].error, vectors[i].line);
		CHECK_INT(chunk.fd, -1);
		CHECK(!chunk.window);
		/* Only the node stays open. */
		dmabuf_source_close(&source);
		CHECK_INT(fake_left(), 0);
	}
}

static void test_sizes(void)
{
	nodes();
	CHECK_INT(open_source(vram), 0);
	CHECK_INT(alloc(64 << 20), 0);
	source.kind->free(&source, &chunk);
	CHECK_INT(alloc(128 << 20), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "/dev/dri/renderD128: a buffer of 128 MiB is more than the 64 MiB that the driver amdgpu allows (VRAM); lower dmabuf_chunk");
	CHECK_TEXT(fake.log, "");
	fake_drm.missing = 4096;
	CHECK_INT(alloc(1 << 20), -EMSGSIZE);
	CHECK_ERROR(&err, -EMSGSIZE, "/dev/dri/renderD128: the driver amdgpu exported a dma-buf of 1020 KiB for a buffer of 1 MiB; use another device, or another dmabuf_source");
	dmabuf_source_close(&source);
	fake_drm.missing = 0;

	CHECK_INT(open_source(dumb), 0);
	CHECK_INT(alloc((4ULL << 30) - 4096), 0);
	source.kind->free(&source, &chunk);
	CHECK_INT(alloc(4ULL << 30), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "/dev/dri/card0: a buffer of 4 GiB is more than the 4194300 KiB that the driver vgem allows (dumb buffers); lower dmabuf_chunk");
	/* A dma-buf may be larger than requested. */
	CHECK_INT(alloc(5000), 0);
	CHECK_HAS(fake.log, "1024 x 2 of 32");
	close_all();
}

/* Opening succeeds even if the trial mapping fails. */
static void test_trial(void)
{
	nodes();
	fake.errors[FAKE_MMAP] = ENOMEM;
	CHECK_INT(open_source(dumb), 0);
	CHECK(source.shadowed);
	dmabuf_source_close(&source);
	fake.errors[FAKE_MMAP] = 0;

	fake.errors[FAKE_DRM_EXPORT] = EMFILE;
	refused(dumb, -EMFILE, "dmabuf_source=drm:card0: Too many open files" MANY);
	fake.errors[FAKE_DRM_EXPORT] = 0;
	fake.errors[FAKE_DRM_CREATE] = ENOMEM;
	refused(dumb, -ENOMEM, "/dev/dri/card0: out of device memory: the driver vgem has no 4 KiB (dumb buffers) left; lower iodepth or bs, or stop what else uses the device");
}

static const struct check checks[] = {
	{ "each step refused", test_refused },
	{ "sizes", test_sizes },
	{ "the trial mapping", test_trial },
};

CHECK_MAIN("drm-buffer", checks)
