/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io_uring_register(2) as the kernels of both families, and those without the
 * feature, answer it. The bytes are taken apart at offsets written out here,
 * so that a wrong layout in the engine's header cannot pass.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fake-bytes.h"
#include "fake-files.h"
#include "fake-register.h"
#include "fake.h"

struct fake_registry fake_registry;

static bool zero(const unsigned char *bytes, size_t from, size_t to)
{
	while (from < to)
		if (bytes[from++])
			return false;
	return true;
}

/* struct io_uring_rsrc_register: u32 nr, u32 flags, u64[3] */
static int table(const unsigned char *arg)
{
	struct fake_registry *r = &fake_registry;

	r->table_calls++;
	if (r->interface == FAKE_NO_SPARSE || u32_at(arg, 4) != 1 ||
	    !zero(arg, 8, 32) || !u32_at(arg, 0) || u32_at(arg, 0) > 1 << 14)
		return -EINVAL;
	if (r->slots)
		return -EBUSY;
	r->slots = u32_at(arg, 0);
	fake_log("table %u", r->slots);
	return 0;
}

static int put_pair(uint32_t slot, int dmabuf_fd, int target_fd)
{
	struct fake_registry *r = &fake_registry;

	if (dmabuf_fd < 0 || target_fd < 0)
		return -EBADF;
	if ((int)slot == r->refused_slot)
		return -r->refused_errno;
	if (slot < 64) {
		r->slot[slot].dmabuf_fd = dmabuf_fd;
		r->slot[slot].target_fd = target_fd;
	}
	return 0;
}

/* 16 bytes: u64 iov_uaddr, s32 target_fd, s32 dmabuf_fd */
static int put_a(uint32_t slot, const unsigned char *desc)
{
	struct iovec iov;
	int target = u32_at(desc, 8), dmabuf = u32_at(desc, 12);

	if (!u64_at(desc, 0))
		return -EFAULT;
	memcpy(&iov, (void *)(uintptr_t)u64_at(desc, 0), sizeof(iov));
	if (iov.iov_base || iov.iov_len)
		return -EINVAL;
	return target == -1 && dmabuf == -1 ? 0 :
		put_pair(slot, dmabuf, target);
}

/*
 * 80 bytes: u32 type, u32 flags, u64 size, u64 uaddr, s32 dmabuf_fd,
 * s32 target_fd, u64[6]
 */
static int put_b(uint32_t slot, const unsigned char *desc)
{
	const struct fake_registry *r = &fake_registry;
	bool v5 = r->interface != FAKE_B_V3;

	if (!zero(desc, 32, 80) || (v5 && u32_at(desc, 4)))
		return -EINVAL;
	if (u32_at(desc, 0) == 0)
		return zero(desc, 8, 32) ? 0 : -EINVAL;
	if (u32_at(desc, 0) != r->type || r->interface == FAKE_B_WITHOUT)
		return -EINVAL;
	if (r->interface == FAKE_B_OFF)
		return -EOPNOTSUPP;
	if (!zero(desc, 8, 24))
		return -EINVAL;
	return put_pair(slot, u32_at(desc, 24), u32_at(desc, 28));
}

/*
 * struct io_uring_rsrc_update2: u32 offset, u32 flags, u64 data, u64 tags,
 * u32 nr, u32 resv2
 */
static int update(const unsigned char *arg)
{
	struct fake_registry *r = &fake_registry;
	bool family_a = r->interface == FAKE_A;
	size_t stride = family_a ? 16 : 80, bytes;
	uint32_t first = u32_at(arg, 0), nr = u32_at(arg, 24), i;
	const unsigned char *descs = (void *)(uintptr_t)u64_at(arg, 8);
	int ret = 0;

	memcpy(r->update, arg, sizeof(r->update));
	if (u32_at(arg, 4) != (family_a ? 1 : 2) ||
	    r->interface <= FAKE_NO_SPARSE || !zero(arg, 16, 24) ||
	    !zero(arg, 28, 32) || !nr)
		return -EINVAL;
	if (!r->slots)
		return -ENXIO;
	if (first + nr > r->slots)
		return -EINVAL;
	bytes = nr * stride;
	memcpy(r->descs, descs, bytes < sizeof(r->descs) ? bytes :
						sizeof(r->descs));
	fake_log("update %u+%u", first, nr);
	for (i = 0; i < nr && (!r->most || i < r->most); i++) {
		ret = family_a ? put_a(first + i, descs + i * stride) :
				 put_b(first + i, descs + i * stride);
		if (ret)
			break;
	}
	return i ? (int)i : ret;
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	void (*meanwhile)(void) = fake_registry.meanwhile;
	unsigned int opcode, nr;
	va_list args;
	void *arg;
	int ret;

	fake_registry.meanwhile = NULL;
	if (meanwhile)
		meanwhile();
	va_start(args, number);
	(void)va_arg(args, int);
	opcode = va_arg(args, unsigned int);
	arg = va_arg(args, void *);
	nr = va_arg(args, unsigned int);
	va_end(args);
	if (number != 427) {	/* io_uring_register */
		fprintf(stderr, "system call %ld\n", number);
		abort();
	}
	fake_registry.calls++;
	if (fake_fails(FAKE_REGISTER))
		return -1;
	ret = -EINVAL;
	if (opcode == 15 && nr == 32)
		ret = table(arg);
	else if (opcode == 16 && nr == 32)
		ret = update(arg);
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

int __wrap_io_uring_register_files(struct io_uring *ring, const int *fds,
				   unsigned int nr);
int __wrap_io_uring_register_files(struct io_uring *ring, const int *fds,
				   unsigned int nr)
{
	(void)ring;
	if (fake_fails(FAKE_REGISTER_FILES))
		return -errno;
	fake_log("files %u from %d", nr, fds[0]);
	memcpy(fake_registry.files, fds,
	       sizeof(*fds) * (nr < 16 ? nr : 16));
	return 0;
}

int __wrap_io_uring_register_files_update(struct io_uring *ring,
					  unsigned int at, const int *fds,
					  unsigned int nr);
int __wrap_io_uring_register_files_update(struct io_uring *ring,
					  unsigned int at, const int *fds,
					  unsigned int nr)
{
	(void)ring;
	if (fake_fails(FAKE_REGISTER_FILES))
		return -errno;
	memcpy(fake_registry.files + at, fds, sizeof(*fds) * nr);
	return nr;
}

int __wrap_io_uring_register_buffers(struct io_uring *ring,
				     const struct iovec *iovecs,
				     unsigned int nr);
int __wrap_io_uring_register_buffers(struct io_uring *ring,
				     const struct iovec *iovecs,
				     unsigned int nr)
{
	(void)ring;
	if (fake_fails(FAKE_REGISTER_BUFFERS))
		return -errno;
	if (fake_registry.slots)
		return -EBUSY;
	fake_registry.slots = nr;
	fake_log("buffers %u, first of %zu bytes", nr, iovecs[0].iov_len);
	return 0;
}

int __wrap_io_uring_unregister_buffers(struct io_uring *ring);
int __wrap_io_uring_unregister_buffers(struct io_uring *ring)
{
	(void)ring;
	if (!fake_registry.slots)
		return -ENXIO;
	fake_registry.slots = 0;
	fake_log("unregister buffers");
	return 0;
}

int fake_drive(const struct io_uring_sqe *sqe)
{
	const struct fake_registry *r = &fake_registry;
	unsigned int slot = sqe->buf_index, i;
	unsigned char *to;

	if (sqe->opcode != 4 || sqe->flags != IOSQE_FIXED_FILE)
		return -EINVAL;
	if (slot >= r->slots || r->files[sqe->fd] != r->slot[slot].target_fd)
		return -EBADF;
	if (sqe->addr + sqe->len > fake_registry.dmabuf_size)
		return -EFAULT;
	to = fake_map_of(r->slot[slot].dmabuf_fd, sqe->addr);
	for (i = 0; i < sqe->len; i++)
		to[i] = fake_byte(sqe->off + i);
	return sqe->len;
}
