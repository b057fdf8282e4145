/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers dma-bufs through either of two incompatible interfaces (uapi.h),
 * and ordinary buffers. There is no feature bit, so the interface is probed by
 * trying: a kernel without the series refuses the flag with -EINVAL.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "register.h"
#include "source.h"
#include "uapi.h"

/* Family A expects the address of an empty iovec. */
static const struct iovec empty_iovec;

static int uring_register(struct io_uring *ring, unsigned int opcode,
			  void *arg, unsigned int nr)
{
	int ret = syscall(__NR_io_uring_register, ring->ring_fd, opcode, arg,
			  nr);

	return ret < 0 ? -errno : ret;
}

/* A table of empty slots: io_uring_register(2), Linux 5.19 and later. */
static int register_table(struct io_uring *ring, unsigned int nr)
{
	struct io_uring_rsrc_register table = {
		.nr = nr,
		.flags = IORING_RSRC_REGISTER_SPARSE,
	};

	return uring_register(ring, IORING_REGISTER_BUFFERS2, &table,
			      sizeof(table));
}

/* The number of descriptors registered, or -errno when there is none. */
static int update(struct io_uring *ring, uint32_t flags, uint32_t slot,
		  const void *descs, uint32_t nr)
{
	struct dmabuf_uapi_update up = {
		.offset = slot,
		.flags = flags,
		.data = (uintptr_t)descs,
		.nr = nr,
	};

	return uring_register(ring, IORING_REGISTER_BUFFERS_UPDATE, &up,
			      sizeof(up));
}

static int lacks_feature(const char *what, struct dmabuf_error *err)
{
	struct utsname uts;

	uname(&uts);
	return dmabuf_error_set(err, -EOPNOTSUPP,
		"kernel %s: %s, so dmabuf_path=direct cannot work; use dmabuf_path=staged or host, or a kernel with the series \"Add dmabuf read/write via io_uring\" (v3 or later), which no released kernel has",
		uts.release, what);
}

static int probe_family_b(struct io_uring *ring,
			  struct dmabuf_interface *iface,
			  struct dmabuf_error *err)
{
	struct dmabuf_uapi_b_desc desc = { .type = DMABUF_UAPI_B_EMPTY };
	uint32_t type;
	int ret;

	iface->family = DMABUF_FAMILY_B;
	desc.flags = 1;
	ret = update(ring, DMABUF_UAPI_B_EXTENDED, 0, &desc, 1);
	iface->name = ret == 1 ? "B (v3 or v4)" : "B (v5 or later)";

	for (type = DMABUF_UAPI_B_TYPE_MIN; type <= DMABUF_UAPI_B_TYPE_MAX;
	     type++) {
		desc = (struct dmabuf_uapi_b_desc) {
			.type = type,
			.dmabuf_fd = -1,
			.target_fd = -1,
		};
		ret = update(ring, DMABUF_UAPI_B_EXTENDED, 0, &desc, 1);
		if (ret == -EBADF) {
			iface->type = type;
			return 0;
		}
		if (ret == -EOPNOTSUPP)
			return lacks_feature("the io_uring interface for dma-bufs is compiled out (CONFIG_DMABUF_TOKEN in v3 of the series)",
					     err);
	}
	return lacks_feature("extended io_uring buffer descriptors exist, but none for dma-bufs",
			     err);
}

static int probe_ring(struct io_uring *ring, struct dmabuf_interface *iface,
		      struct dmabuf_error *err)
{
	struct dmabuf_uapi_b_desc b = { .type = DMABUF_UAPI_B_EMPTY };
	struct dmabuf_uapi_a_desc a = {
		.iov_uaddr = (uintptr_t)&empty_iovec,
		.target_fd = -1,
		.dmabuf_fd = -1,
	};

	int ret = register_table(ring, 1);

	/* -EINVAL: a kernel before 5.19, without sparse tables. */
	if (ret && ret != -EINVAL)
		return dmabuf_error_set(err, ret,
			"io_uring: cannot register a table of buffers: %s; check the memlock limit (ulimit -l) and the kernel log",
			strerror(-ret));
	if (!ret) {
		if (update(ring, DMABUF_UAPI_B_EXTENDED, 0, &b, 1) == 1)
			return probe_family_b(ring, iface, err);
		if (update(ring, DMABUF_UAPI_A_EXTENDED, 0, &a, 1) == 1) {
			iface->family = DMABUF_FAMILY_A;
			iface->name = "A (RFC v1 or v2)";
			return 0;
		}
	}
	return lacks_feature("cannot register dma-bufs with io_uring", err);
}

int dmabuf_ring_refused(int error, unsigned int depth,
			struct dmabuf_error *err)
{
	if (error == -ENOSYS)
		return dmabuf_error_set(err, error,
			"io_uring: not available, compiled out or blocked by a seccomp filter; use a kernel with CONFIG_IO_URING");
	if (error == -EPERM || error == -EACCES)
		return dmabuf_error_set(err, error,
			"io_uring: %s, disabled by a sysctl or a seccomp filter; set the sysctl kernel.io_uring_disabled to 0",
			strerror(-error));
	if (error == -ENOMEM)
		return dmabuf_error_set(err, error,
			"io_uring: out of memory for a ring; lower iodepth, or raise the memlock limit (ulimit -l)");
	if (dmabuf_error_is_fd_limit(error))
		return dmabuf_error_set(err, error,
			"io_uring: cannot set up a ring: %s; raise the limit with ulimit -n",
			strerror(-error));
	if (error == -EINVAL && depth > DMABUF_RING_DEPTH_MAX)
		return dmabuf_error_set(err, error,
			"iodepth=%u: io_uring takes at most %u entries for a ring; lower iodepth to %u",
			depth, DMABUF_RING_DEPTH_MAX, DMABUF_RING_DEPTH_MAX);
	return dmabuf_error_set(err, error,
		"io_uring: cannot set up a ring: %s; check iodepth, hipri and sqthread_poll_cpu",
		strerror(-error));
}

int dmabuf_interface_probe(struct dmabuf_interface *iface,
			   struct dmabuf_error *err)
{
	struct io_uring ring;
	int ret;

	memset(iface, 0, sizeof(*iface));
	ret = io_uring_queue_init(1, &ring, 0);
	if (ret)
		return dmabuf_ring_refused(ret, 1, err);
	ret = probe_ring(&ring, iface, err);
	io_uring_queue_exit(&ring);
	return ret;
}

int dmabuf_interface_get(struct dmabuf_interface *iface,
			 struct dmabuf_error *err)
{
	/*
	 * Failures are not kept: limits and sysctls may change. No lock: fio
	 * may fork beside a thread that probes, and the child must not wait for
	 * that. Whoever does not find the result probes on its own.
	 */
	static struct {
		atomic_int state;
		struct dmabuf_interface interface;
	} process;
	enum { EMPTY, WRITING, KEPT };
	int expected = EMPTY, ret;

	if (atomic_load(&process.state) == KEPT) {
		*iface = process.interface;
		return 0;
	}
	ret = dmabuf_interface_probe(iface, err);
	if (ret) {
		iface->family = DMABUF_FAMILY_NONE;
		return ret;
	}
	if (atomic_compare_exchange_strong(&process.state, &expected,
					   WRITING)) {
		process.interface = *iface;
		atomic_store(&process.state, KEPT);
	}
	return 0;
}

/* Registers pairs @from to @nr - 1 in one call: their number or -errno. */
static int register_pairs(struct io_uring *ring,
			  const struct dmabuf_interface *iface,
			  const struct dmabuf_pair *pairs, unsigned int from,
			  unsigned int nr)
{
	struct dmabuf_uapi_a_desc *a;
	struct dmabuf_uapi_b_desc *b;
	bool family_a = iface->family == DMABUF_FAMILY_A;
	void *descs;
	unsigned int i;
	int ret;

	descs = calloc(nr - from, family_a ? sizeof(*a) : sizeof(*b));
	if (!descs)
		return -ENOMEM;
	a = descs;
	b = descs;
	for (i = 0; i < nr - from; i++) {
		const struct dmabuf_pair *pair = &pairs[from + i];

		if (family_a) {
			a[i].iov_uaddr = (uintptr_t)&empty_iovec;
			a[i].target_fd = pair->target_fd;
			a[i].dmabuf_fd = pair->dmabuf_fd;
		} else {
			b[i].type = iface->type;
			b[i].target_fd = pair->target_fd;
			b[i].dmabuf_fd = pair->dmabuf_fd;
		}
	}
	ret = update(ring, family_a ? DMABUF_UAPI_A_EXTENDED :
				      DMABUF_UAPI_B_EXTENDED,
		     from, descs, nr - from);
	free(descs);
	return ret;
}

int dmabuf_register_dmabufs(struct io_uring *ring,
			    const struct dmabuf_interface *iface,
			    const struct dmabuf_pair *pairs, unsigned int nr,
			    unsigned int *failed)
{
	int ret = register_table(ring, nr);

	*failed = 0;
	if (ret < 0)
		return ret;
	/* After a partial success, the next call returns the errno. */
	while (*failed < nr) {
		ret = register_pairs(ring, iface, pairs, *failed, nr);
		if (ret < 0)
			return ret;
		if (!ret)
			return -EIO;
		*failed += ret;
	}
	return 0;
}

int dmabuf_register_memory(struct io_uring *ring, const struct iovec *iovecs,
			   unsigned int nr, struct dmabuf_error *err)
{
	int ret = io_uring_register_buffers(ring, iovecs, nr);
	struct rlimit limit;
	uint64_t bytes = 0;
	char need[32], have[32];
	unsigned int i;

	if (!ret)
		return 0;
	for (i = 0; i < nr; i++) {
		bytes += iovecs[i].iov_len;
		if (iovecs[i].iov_len > DMABUF_CHUNK_MAX)
			return dmabuf_error_set(err, ret,
				"io_uring: ordinary buffers are limited to 1 GiB: %s; lower dmabuf_chunk to 1g, and bs to no more than that",
				strerror(-ret));
	}
	if (ret != -ENOMEM || getrlimit(RLIMIT_MEMLOCK, &limit) ||
	    limit.rlim_cur >= bytes)
		return dmabuf_error_set(err, ret,
			"io_uring: cannot register %s of ordinary buffers: %s; lower iodepth or bs",
			dmabuf_size_text(bytes, need), strerror(-ret));
	return dmabuf_error_set(err, ret,
		"io_uring: %s of ordinary buffers are over the memlock limit of %s; raise it (ulimit -l, LimitMEMLOCK=) or run as root",
		dmabuf_size_text(bytes, need),
		dmabuf_size_text(limit.rlim_cur, have));
}
