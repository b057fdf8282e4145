/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DRM device nodes, /dev/dri/cardN (primary) and /dev/dri/renderDN: listing
 * them, opening one, and reading its driver's name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "memory.h"

#define DRI_DIR		"/dev/dri"

static const char *prefix(bool render)
{
	return render ? "renderD" : "card";
}

/* The number in a node's @name, -1 when it is another kind of node. */
static int number_of(const char *name, bool render)
{
	size_t length = strlen(prefix(render));
	unsigned long number;
	char *end;

	if (strncmp(name, prefix(render), length) ||
	    name[length] < '0' || name[length] > '9')
		return -1;
	number = strtoul(name + length, &end, 10);
	return *end || number > 1 << 20 ? -1 : (int)number;
}

int dmabuf_drm_next_node(bool render, int after)
{
	DIR *dir = opendir(DRI_DIR);
	struct dirent *entry;
	int best = -1;

	while (dir && (entry = readdir(dir))) {
		int number = number_of(entry->d_name, render);

		if (number > after && (best < 0 || number < best))
			best = number;
	}
	if (dir)
		closedir(dir);
	return best;
}

void dmabuf_drm_node_path(char *path, size_t size, bool render, int number)
{
	snprintf(path, size, DRI_DIR "/%s%d", prefix(render), number);
}

/* Lists the nodes as "card0, renderD128", or "none". */
static void node_list(char *text, size_t size)
{
	size_t used = 0;
	int kind, number;

	for (kind = 0; kind < 2; kind++)
		for (number = dmabuf_drm_next_node(kind, -1);
		     number >= 0 && used < size;
		     number = dmabuf_drm_next_node(kind, number))
			used += snprintf(text + used, size - used, "%s%s%d",
					 used ? ", " : "", prefix(kind),
					 number);
	if (!used)
		snprintf(text, size, "none");
}

static int no_device(struct dmabuf_error *err)
{
	return dmabuf_error_set(err, -ENOENT,
		DRI_DIR ": no GPU or display driver is loaded; load one, for instance the module vgem");
}

int dmabuf_drm_no_node(bool render, struct dmabuf_error *err)
{
	char list[160];

	if (access(DRI_DIR, F_OK))
		return no_device(err);
	node_list(list, sizeof(list));
	return dmabuf_error_set(err, -ENOENT,
		DRI_DIR ": no node %s*, which this memory needs; available: %s",
		prefix(render), list);
}

static int open_failed(const char *path, int error,
		       const struct dmabuf_source *source,
		       struct dmabuf_error *err)
{
	char list[160];

	if (dmabuf_error_is_fd_limit(error))
		return dmabuf_source_fd_limit(source, error, err);
	if (error == ENOENT && access(DRI_DIR, F_OK))
		return no_device(err);
	if (error == ENOENT || error == ENXIO || error == ENODEV) {
		node_list(list, sizeof(list));
		return dmabuf_error_set(err, -error,
			"%s: no such GPU or display node; available in " DRI_DIR ": %s",
			path, list);
	}
	if (error == EACCES || error == EPERM)
		return dmabuf_error_set(err, -error,
			"%s: %s; run as root, or join the groups video and render",
			path, strerror(error));
	return dmabuf_error_set(err, -error,
		"%s: %s; see the kernel log", path, strerror(error));
}

int dmabuf_drm_open(struct dmabuf_drm *drm, const char *path,
		    const struct dmabuf_source *source,
		    struct dmabuf_error *err)
{
	drmVersionPtr version;

	snprintf(drm->path, sizeof(drm->path), "%s", path);
	drm->fd = open(path, O_RDWR | O_CLOEXEC);
	if (drm->fd < 0)
		return open_failed(path, errno, source, err);
	version = drmGetVersion(drm->fd);
	if (!version) {
		dmabuf_drm_close(drm);
		return dmabuf_error_set(err, -ENOTTY,
			"%s: not a DRM device; use a node in " DRI_DIR,
			path);
	}
	snprintf(drm->driver, sizeof(drm->driver), "%.*s",
		 version->name_len, version->name);
	drmFreeVersion(version);
	drm->render = drmGetNodeTypeFromFd(drm->fd) == DRM_NODE_RENDER;
	return 0;
}

void dmabuf_drm_close(struct dmabuf_drm *drm)
{
	close(drm->fd);
	drm->fd = -1;
}
