/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Turns the errno of a refused registration into a reason and a remedy, which
 * depend on the target and the dma-buf that the kernel was asked to register.
 */
#include <errno.h>
#include <string.h>

#include "refusal.h"

#define OTHER_PATHS	"dmabuf_path=staged or dmabuf_path=host"

static int refused_target(const struct dmabuf_file *file, int error,
			  struct dmabuf_error *err)
{
	switch (file->target.kind) {
	case DMABUF_TARGET_NVME_MULTIPATH:
		return dmabuf_error_set(err, error,
			"%s: an NVMe multipath device, which does not support dma-bufs; boot with nvme_core.multipath=N to use the drive itself, or use " OTHER_PATHS,
			file->name);
	case DMABUF_TARGET_NVME_FABRICS:
		return dmabuf_error_set(err, error,
			"%s: an NVMe over Fabrics drive, which does not support dma-bufs; use a PCI drive, or " OTHER_PATHS,
			file->name);
	case DMABUF_TARGET_BLOCK:
		return dmabuf_error_set(err, error,
			"%s: not an NVMe drive, and the driver of %s does not support dma-bufs; use /dev/nvmeXnY, or " OTHER_PATHS,
			file->name, file->target.disk);
	case DMABUF_TARGET_FILE:
		return dmabuf_error_set(err, error,
			"%s: not a block device; use /dev/nvmeXnY, or "
			OTHER_PATHS, file->name);
	case DMABUF_TARGET_NVME:
		break;
	}
	return dmabuf_error_set(err, error,
		"%s: the kernel does not support dma-bufs for this drive: %s; use " OTHER_PATHS,
		file->name, strerror(-error));
}

int dmabuf_refusal_explain(const struct dmabuf_job *job,
			   const struct dmabuf_file *file, uint64_t size,
			   int error, struct dmabuf_error *err)
{
	const char *source = job->source.name;
	char text[32];

	switch (error) {
	case -EOPNOTSUPP:
		if (job->settings.ring.iopoll &&
		    file->target.kind == DMABUF_TARGET_NVME)
			return dmabuf_error_set(err, error,
				"%s: this kernel does not support dma-bufs on a polled ring; remove hipri",
				file->name);
		return refused_target(file, error, err);
	case -EINVAL:
		if (file->target.kind != DMABUF_TARGET_NVME)
			return refused_target(file, error, err);
		if (size > DMABUF_CHUNK_MAX)
			return dmabuf_error_set(err, error,
				"%s: a dma-buf of %s is larger than this kernel accepts; lower dmabuf_chunk to 1g, or hand over smaller dma-bufs",
				file->name, dmabuf_size_text(size, text));
		/* The size limit may be lower, and the errno does not tell. */
		return dmabuf_error_set(err, error,
			"%s: the kernel refused the dma-buf from %s (%s) for this drive: %s; try a smaller dmabuf_chunk, another dmabuf_source, " OTHER_PATHS,
			file->name, source, dmabuf_size_text(size, text),
			strerror(-error));
	case -ENOMEM:
		return dmabuf_error_set(err, error,
			"%s: out of memory registering dma-bufs from %s; lower iodepth, bs, numjobs or the number of files",
			file->name, source);
	}
	if (dmabuf_error_is_fd_limit(error))
		return dmabuf_error_set(err, error,
			"%s: cannot register dma-bufs: %s; raise the limit with ulimit -n",
			file->name, strerror(-error));
	return dmabuf_error_set(err, error,
		"%s: the kernel refused the dma-buf from %s (%s) for this drive: %s; try another dmabuf_source, " OTHER_PATHS,
		file->name, source, dmabuf_size_text(size, text),
		strerror(-error));
}
