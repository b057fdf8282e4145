/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_source=drm[:NODE[,vram|,gtt]|:vram|:gtt]: memory of a GPU or display,
 * through libdrm. A buffer of the driver is exported as a dma-buf (PRIME).
 * VRAM is not mapped for fio, because its device may be removed: the CPU
 * copies through a window (window.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "memory.h"

static bool is_placement(const char *text)
{
	return !strcmp(text, "vram") || !strcmp(text, "gtt");
}

/* Splits option->arg; *placement is NULL and @node empty if not given. */
static int split(const struct dmabuf_source_option *option, char *node,
		 size_t size, const char **placement,
		 struct dmabuf_error *err)
{
	const char *comma = strchr(option->arg, ',');
	int length = comma ? comma - option->arg : (int)strlen(option->arg);

	*placement = comma ? comma + 1 : NULL;
	if (!comma && is_placement(option->arg)) {
		*placement = option->arg;
		length = 0;
	}
	if (*placement && !is_placement(*placement))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: no such device memory; write vram or gtt after the comma, or leave it out",
			option->name);
	snprintf(node, size, "%s%.*s",
		 length && option->arg[0] != '/' ? "/dev/dri/" : "",
		 length, option->arg);
	return 0;
}

static int drm_parse(struct dmabuf_source_option *option,
		     struct dmabuf_error *err)
{
	char node[sizeof(((struct dmabuf_drm *)0)->path)];
	const char *placement;

	return split(option, node, sizeof(node), &placement, err);
}

static bool has_dumb(const struct dmabuf_drm *drm)
{
	uint32_t handle;
	int ret = drm->memory->create(drm, drm->granule, &handle);

	if (!ret)
		drmCloseBufferHandle(drm->fd, handle);
	/* A driver that is out of memory does support them. */
	return !ret || ret == -ENOMEM || ret == -ENOSPC;
}

static int no_such_memory(const struct dmabuf_drm *drm, const char *placement,
			  struct dmabuf_error *err)
{
	if (placement)
		return dmabuf_error_set(err, -ENODEV,
			"%s: no %s on this device (driver %s); leave it out, or use another device",
			drm->path, placement, drm->driver);
	if (drm->render)
		return dmabuf_error_set(err, -ENODEV,
			"%s: a render node has no dumb buffers (driver %s); use the primary node, /dev/dri/card*, or add ,vram",
			drm->path, drm->driver);
	return dmabuf_error_set(err, -ENODEV,
		"%s: the driver %s has no dumb buffers; use another device, or add ,vram",
		drm->path, drm->driver);
}

/* Finds the memory called @placement, and queries how much there is. */
static int query_memory(struct dmabuf_drm *drm, const char *placement,
			struct dmabuf_error *err)
{
	int ret;

	drm->max_size = 0;
	drm->memory = dmabuf_drm_find_memory(drm->driver, placement);
	ret = drm->memory ? drm->memory->query(drm) : -ENODEV;
	if (!ret && (placement || has_dumb(drm)))
		return 0;
	if (!ret || ret == -ENODEV)
		return no_such_memory(drm, placement, err);
	return dmabuf_error_set(err, ret,
		"%s: the driver %s cannot report its memory: %s; use another device, or see the kernel log",
		drm->path, drm->driver, strerror(-ret));
}

static int open_node(struct dmabuf_drm *drm, struct dmabuf_source *source,
		     const char *path, const char *placement,
		     struct dmabuf_error *err)
{
	struct dmabuf_error other;
	int ret = dmabuf_drm_open(drm, path, source, err);

	if (ret)
		return ret;
	ret = query_memory(drm, placement, err);
	if (ret && !placement && !query_memory(drm, "gtt", &other))
		ret = 0;
	if (!ret)
		ret = dmabuf_drm_try_mapping(drm, source, err);
	if (ret) {
		dmabuf_drm_close(drm);
		return ret;
	}
	snprintf(source->name, sizeof(source->name), "drm:%s%s%s", drm->path,
		 drm->memory->placement ? "," : "",
		 drm->memory->placement ? : "");
	snprintf(source->detail, sizeof(source->detail), "%s, %s",
		 drm->driver, drm->memory->detail);
	source->granule = drm->granule;
	source->ordinary_pages = drm->memory->ordinary_pages;
	return 0;
}

/* Opens the first node that has the memory, or fails as the first node did. */
static int choose_node(struct dmabuf_drm *drm, struct dmabuf_source *source,
		       const char *placement, struct dmabuf_error *err)
{
	struct dmabuf_error later, *reason = err;
	bool render = placement;
	char path[sizeof(drm->path)];
	int number, ret;

	number = dmabuf_drm_next_node(render, -1);
	if (number < 0)
		return dmabuf_drm_no_node(render, err);
	for (; number >= 0; number = dmabuf_drm_next_node(render, number)) {
		dmabuf_drm_node_path(path, sizeof(path), render, number);
		ret = open_node(drm, source, path, placement, reason);
		if (!ret)
			return 0;
		reason = &later;
	}
	return err->code;
}

static int drm_open(struct dmabuf_source *source, struct dmabuf_error *err)
{
	struct dmabuf_drm *drm;
	char node[sizeof(drm->path)];
	const char *placement;
	int ret;

	ret = split(&source->option, node, sizeof(node), &placement, err);
	if (ret)
		return ret;
	drm = calloc(1, sizeof(*drm));
	if (!drm)
		return dmabuf_source_no_memory(source, err);
	ret = node[0] ? open_node(drm, source, node, placement, err) :
		choose_node(drm, source, placement, err);
	if (ret)
		free(drm);
	else
		source->state = drm;
	return ret;
}

static void drm_close(struct dmabuf_source *source)
{
	dmabuf_drm_close(source->state);
	free(source->state);
}

static int drm_limit(const struct dmabuf_source *source, uint64_t *bytes,
		     struct dmabuf_error *err)
{
	const struct dmabuf_drm *drm = source->state;

	*bytes = drm->max_size - drm->max_size % source->granule;
	return *bytes ? 0 : no_such_memory(drm, drm->memory->placement, err);
}

static int drm_alloc(const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	return dmabuf_drm_alloc(source->state, source, chunk, err);
}

static void drm_free(const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk)
{
	(void)source;
	dmabuf_drm_free(chunk);
}

const struct dmabuf_source_kind dmabuf_source_drm = {
	.name = "drm",
	.exports = true,
	.pinnable = false,
	.parse = drm_parse,
	.open = drm_open,
	.close = drm_close,
	.limit = drm_limit,
	.alloc = drm_alloc,
	.map = dmabuf_chunk_map,
	.read = dmabuf_chunk_read,
	.write = dmabuf_chunk_write,
	.free = drm_free,
};
