/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dmabuf_source=udmabuf[:2M|:1G]: a memfd, optionally on huge pages, exported
 * through /dev/udmabuf. Mapping the memfd itself reaches the same pages without
 * the dma-buf (path pinned).
 * Interface: <linux/udmabuf.h>, Linux 4.20 and later.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "line.h"
#include "source.h"

#define UDMABUF_NODE	"/dev/udmabuf"
#define UDMABUF_LIMIT	"/sys/module/udmabuf/parameters/size_limit_mb"

static bool udmabuf_is_huge(const struct dmabuf_source *source)
{
	return source->option.arg[0];
}

/*
 * The module's limit on the size of one dma-buf, in MiB: 64 by default up to
 * Linux 7.2, none by default in 7.3. 0 when there is none or it is unknown.
 */
static unsigned long long udmabuf_limit_mib(void)
{
	uint64_t mib = 0;

	dmabuf_line_number(UDMABUF_LIMIT, &mib);
	return mib;
}

static int udmabuf_limit(const struct dmabuf_source *source, uint64_t *bytes,
			 struct dmabuf_error *err)
{
	unsigned long long mib = udmabuf_limit_mib();
	char size[32];

	*bytes = DMABUF_CHUNK_MAX;
	if (mib && mib << 20 < *bytes)
		*bytes = mib << 20;
	*bytes -= *bytes % source->granule;
	if (!*bytes)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: one page of %s is over the limit, " UDMABUF_LIMIT " is %llu; write a larger value there as root",
			source->name, dmabuf_size_text(source->granule, size),
			mib);
	return 0;
}

static int udmabuf_open(const struct dmabuf_source *source,
			struct dmabuf_error *err)
{
	int fd = open(UDMABUF_NODE, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
		return dmabuf_error_set(err, -errno,
			UDMABUF_NODE ": %s; load the udmabuf module or use a kernel with CONFIG_UDMABUF",
			strerror(errno));
	if (dmabuf_error_is_fd_limit(errno))
		return dmabuf_source_fd_limit(source, errno, err);
	return dmabuf_error_set(err, -errno,
		UDMABUF_NODE ": %s; run as root or give the user access with a udev rule",
		strerror(errno));
}

/* A sealed memfd with its memory allocated, as udmabuf requires. */
static int udmabuf_memfd(const struct dmabuf_source *source, uint64_t size,
			 struct dmabuf_error *err)
{
	bool huge = udmabuf_is_huge(source);
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	char text[32];
	int fd, ret;

	if (huge)
		flags |= MFD_HUGETLB | dmabuf_source_huge_flags(source);

	fd = memfd_create("fio-dmabuf", flags);
	if (fd < 0 && dmabuf_error_is_fd_limit(errno))
		return dmabuf_source_fd_limit(source, errno, err);
	if (fd < 0 && huge)
		return dmabuf_source_no_huge_pages(source, size, err);
	if (fd < 0)
		return dmabuf_error_set(err, -errno,
			"dmabuf_source=%s: memfd_create: %s; see the kernel log",
			source->name, strerror(errno));

	if (ftruncate(fd, size) < 0 || fallocate(fd, 0, 0, size) < 0) {
		ret = -errno;
		close(fd);
		return huge ? dmabuf_source_no_huge_pages(source, size, err) :
			dmabuf_error_set(err, ret,
				"dmabuf_source=%s: cannot allocate %s: %s; lower iodepth or bs",
				source->name, dmabuf_size_text(size, text),
				strerror(-ret));
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) < 0) {
		ret = dmabuf_error_set(err, -errno,
			"dmabuf_source=%s: cannot seal the memfd: %s; udmabuf needs a sealed memfd, use dmabuf_source=heap",
			source->name, strerror(errno));
		close(fd);
		return ret;
	}
	return fd;
}

static int udmabuf_alloc(const struct dmabuf_source *source,
			 struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	struct udmabuf_create create = {
		.flags = UDMABUF_FLAGS_CLOEXEC,
		.size = chunk->size,
	};
	unsigned long long mib = udmabuf_limit_mib();
	char size[32];
	int node, ret;

	if (mib && chunk->size > mib << 20)
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: a buffer of %s is over the limit, " UDMABUF_LIMIT " is %llu; write a larger value there as root or lower dmabuf_chunk",
			source->name, dmabuf_size_text(chunk->size, size),
			mib);
	node = udmabuf_open(source, err);
	if (node < 0)
		return node;

	ret = udmabuf_memfd(source, chunk->size, err);
	if (ret < 0)
		goto close_node;
	chunk->memfd = ret;

	create.memfd = chunk->memfd;
	ret = ioctl(node, UDMABUF_CREATE, &create);
	if (ret < 0) {
		ret = dmabuf_error_is_fd_limit(errno) ?
			dmabuf_source_fd_limit(source, errno, err) :
			dmabuf_error_set(err, -errno,
				UDMABUF_NODE ": cannot create a dma-buf of %s: %s; check " UDMABUF_LIMIT " and the kernel log",
				dmabuf_size_text(chunk->size, size),
				strerror(errno));
		close(chunk->memfd);
		goto close_node;
	}
	chunk->fd = ret;
	ret = 0;

close_node:
	close(node);
	return ret;
}

static int udmabuf_map(const struct dmabuf_source *source,
		       const struct dmabuf_chunk *chunk,
		       const struct dmabuf_part *part, bool backing)
{
	int fd = backing ? chunk->memfd : chunk->fd;

	(void)source;
	if (mmap(part->address, part->size, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, fd, part->offset) == MAP_FAILED)
		return -errno;
	return 0;
}

static void udmabuf_free(const struct dmabuf_source *source,
			 struct dmabuf_chunk *chunk)
{
	(void)source;
	close(chunk->fd);
	close(chunk->memfd);
}

const struct dmabuf_source_kind dmabuf_source_udmabuf = {
	.name = "udmabuf",
	.exports = true,
	.pinnable = true,
	.parse = dmabuf_source_parse_page_size,
	.limit = udmabuf_limit,
	.alloc = udmabuf_alloc,
	.map = udmabuf_map,
	.free = udmabuf_free,
};
