/* SPDX-License-Identifier: GPL-2.0-only */
/* The line for every errno of a refused registration. */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "engines/refusal.h"

#define WORKS	"dmabuf_path=staged or dmabuf_path=host"
#define ANY	"/dev/x: the kernel refused the dma-buf from heap:system (64 MiB) for this drive: "
#define TRY	"; try another dmabuf_source, " WORKS

static const struct {
	enum dmabuf_target_kind kind;
	int error;
	uint64_t size;
	const char *line;
} vectors[] = {
	/* The kernel does not support the target. */
	{ DMABUF_TARGET_FILE, EOPNOTSUPP, 64 << 20,
	  "/dev/x: not a block device; use /dev/nvmeXnY, or " WORKS },
	{ DMABUF_TARGET_FILE, EINVAL, 64 << 20,
	  "/dev/x: not a block device; use /dev/nvmeXnY, or " WORKS },
	{ DMABUF_TARGET_BLOCK, EINVAL, 64 << 20,
	  "/dev/x: not an NVMe drive, and the driver of vda does not support dma-bufs; use /dev/nvmeXnY, or " WORKS },
	{ DMABUF_TARGET_BLOCK, EOPNOTSUPP, 64 << 20,
	  "/dev/x: not an NVMe drive, and the driver of vda does not support dma-bufs; use /dev/nvmeXnY, or " WORKS },
	{ DMABUF_TARGET_NVME_FABRICS, EINVAL, 64 << 20,
	  "/dev/x: an NVMe over Fabrics drive, which does not support dma-bufs; use a PCI drive, or " WORKS },
	{ DMABUF_TARGET_NVME_MULTIPATH, EINVAL, 64 << 20,
	  "/dev/x: an NVMe multipath device, which does not support dma-bufs; boot with nvme_core.multipath=N to use the drive itself, or use " WORKS },
	{ DMABUF_TARGET_NVME_MULTIPATH, EOPNOTSUPP, 64 << 20,
	  "/dev/x: an NVMe multipath device, which does not support dma-bufs; boot with nvme_core.multipath=N to use the drive itself, or use " WORKS },
	/* Even if the size is a reason too, the target comes first. */
	{ DMABUF_TARGET_BLOCK, EINVAL, 2ULL << 30,
	  "/dev/x: not an NVMe drive, and the driver of vda does not support dma-bufs; use /dev/nvmeXnY, or " WORKS },
	/* A drive that should be supported. */
	{ DMABUF_TARGET_NVME, EOPNOTSUPP, 64 << 20,
	  "/dev/x: the kernel does not support dma-bufs for this drive: Operation not supported; use " WORKS },
	{ DMABUF_TARGET_NVME, EINVAL, 2ULL << 30,
	  "/dev/x: a dma-buf of 2 GiB is larger than this kernel accepts; lower dmabuf_chunk to 1g, or hand over smaller dma-bufs" },
	{ DMABUF_TARGET_NVME, EINVAL, 64 << 20,
	  ANY "Invalid argument; try a smaller dmabuf_chunk, another dmabuf_source, " WORKS },
	{ DMABUF_TARGET_NVME, EBADF, 64 << 20,
	  ANY "Bad file descriptor" TRY },
	{ DMABUF_TARGET_NVME, ENXIO, 64 << 20,
	  ANY "No such device or address" TRY },
	{ DMABUF_TARGET_NVME, ENODEV, 64 << 20,
	  ANY "No such device" TRY },
	{ DMABUF_TARGET_NVME, EBUSY, 64 << 20,
	  ANY "Device or resource busy" TRY },
	{ DMABUF_TARGET_NVME, EPERM, 64 << 20,
	  ANY "Operation not permitted" TRY },
	/* Limits, whatever the target. */
	{ DMABUF_TARGET_NVME, ENOMEM, 64 << 20,
	  "/dev/x: out of memory registering dma-bufs from heap:system; lower iodepth, bs, numjobs or the number of files" },
	{ DMABUF_TARGET_BLOCK, ENOMEM, 64 << 20,
	  "/dev/x: out of memory registering dma-bufs from heap:system; lower iodepth, bs, numjobs or the number of files" },
	{ DMABUF_TARGET_NVME, EMFILE, 64 << 20,
	  "/dev/x: cannot register dma-bufs: Too many open files; raise the limit with ulimit -n" },
	{ DMABUF_TARGET_NVME, ENFILE, 64 << 20,
	  "/dev/x: cannot register dma-bufs: Too many open files in system; raise the limit with ulimit -n" },
};

static void test_every_errno(void)
{
	char name[] = "/dev/x";
	struct dmabuf_file file = { .name = name };
	struct dmabuf_job job = { 0 };
	struct dmabuf_error err;
	size_t i;

	strcpy(job.source.name, "heap:system");
	strcpy(file.target.disk, "vda");
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		file.target.kind = vectors[i].kind;
		CHECK_INT(dmabuf_refusal_explain(&job, &file, vectors[i].size,
						 -vectors[i].error, &err),
			  -vectors[i].error);
		CHECK_ERROR(&err, -vectors[i].error, vectors[i].line);
	}
}

/* IOPOLL rings are refused from v5 on, and only drives get that far. */
static void test_polled_ring(void)
{
	char name[] = "/dev/x";
	struct dmabuf_file file = { .name = name };
	struct dmabuf_job job = { 0 };
	struct dmabuf_error err;

	job.settings.ring.iopoll = true;
	file.target.kind = DMABUF_TARGET_NVME;
	CHECK_INT(dmabuf_refusal_explain(&job, &file, 4096, -EOPNOTSUPP,
					 &err), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP, "/dev/x: this kernel does not support dma-bufs on a polled ring; remove hipri");
	file.target.kind = DMABUF_TARGET_FILE;
	CHECK_INT(dmabuf_refusal_explain(&job, &file, 4096, -EOPNOTSUPP,
					 &err), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP, "/dev/x: not a block device; use /dev/nvmeXnY, or " WORKS);
}

static const struct check checks[] = {
	{ "every errno", test_every_errno },
	{ "a polled ring", test_polled_ring },
};

CHECK_MAIN("refusal", checks)
