/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's side: a model's update as the bytes of either family, and what
 * kind of kernel it is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uapi.h"
#include "world.h"

/* All three forms of an array of descriptors */
union descriptors {
	struct iovec plain[UPDATE_MAX];
	struct dmabuf_uapi_a_desc a[UPDATE_MAX];
	struct dmabuf_uapi_b_desc b[UPDATE_MAX];
};

static int uring_register(struct world *world, unsigned int opcode, void *arg,
			  unsigned int nr)
{
	int ret = syscall(__NR_io_uring_register, world->ring.ring_fd, opcode,
			  arg, nr);

	return ret < 0 ? -errno : ret;
}

int kernel_ring(struct world *world, unsigned int flags)
{
	struct io_uring_params params = {
		.flags = flags | IORING_SETUP_SUBMIT_ALL,
		.sq_thread_idle = 50,
	};

	return io_uring_queue_init_params(2 * BATCH_MAX, &world->ring, &params);
}

int kernel_table(struct world *world, uint32_t nr)
{
	struct io_uring_rsrc_register table = {
		.nr = nr,
		.flags = IORING_RSRC_REGISTER_SPARSE,
	};

	return uring_register(world, IORING_REGISTER_BUFFERS2, &table,
			      sizeof(table));
}

int kernel_unregister(struct world *world)
{
	return uring_register(world, IORING_UNREGISTER_BUFFERS, NULL, 0);
}

static struct iovec encode_memory(const struct world *world,
				  const struct descriptor *desc)
{
	struct iovec iov = { .iov_base = NULL };

	if (desc->kind != KIND_MEMORY)
		return iov;
	iov.iov_base = desc->buffer->map;
	iov.iov_len = desc->buffer->size;
	if (desc->faults & FAULT_ADDRESS)
		iov.iov_base = world->unmapped;
	return iov;
}

static int encode_dmabuf_fd(const struct world *world,
			    const struct descriptor *desc)
{
	if (desc->faults & FAULT_DMABUF_FD)
		return BAD_FD;
	return desc->faults & FAULT_NOT_DMABUF ? world->not_dmabuf :
						 desc->buffer->fd;
}

static int encode_target_fd(struct world *world, const struct descriptor *desc)
{
	return desc->faults & FAULT_TARGET_FD ? BAD_FD :
						file_any_fd(world, desc->target);
}

static void encode_a(struct world *world, const struct descriptor *desc,
		     struct iovec *iov, struct dmabuf_uapi_a_desc *a)
{
	*iov = encode_memory(world, desc);
	a->iov_uaddr = (uintptr_t)iov;
	a->target_fd = -1;
	a->dmabuf_fd = -1;
	if (desc->kind != KIND_DMABUF)
		return;
	a->target_fd = encode_target_fd(world, desc);
	a->dmabuf_fd = encode_dmabuf_fd(world, desc);
	if (desc->faults & FAULT_ADDRESS)
		a->iov_uaddr = (uintptr_t)world->unmapped;
	if (desc->faults & FAULT_UADDR)
		*iov = (struct iovec){ world, sizeof(*world) };
}

static void encode_b(struct world *world, const struct descriptor *desc,
		     struct dmabuf_uapi_b_desc *b)
{
	struct iovec iov = encode_memory(world, desc);

	memset(b, 0, sizeof(*b));
	switch (desc->kind) {
	case KIND_EMPTY:
		b->type = DMABUF_UAPI_B_EMPTY;
		break;
	case KIND_DMABUF:
		b->type = world->iface.type;
		b->dmabuf_fd = encode_dmabuf_fd(world, desc);
		b->target_fd = encode_target_fd(world, desc);
		break;
	case KIND_MEMORY:
		b->type = DMABUF_UAPI_B_UADDR;
		b->uaddr = (uintptr_t)iov.iov_base;
		b->size = iov.iov_len;
		break;
	}
	if (desc->faults & FAULT_RESERVED)
		b->reserved[below(world, 6)] = 1ULL << below(world, 64);
	if (desc->faults & FAULT_SIZE)
		b->size = desc->buffer ? desc->buffer->size : 4096;
	if (desc->faults & FAULT_UADDR)
		b->uaddr = (uintptr_t)world;
	if (desc->faults & FAULT_FLAGS)
		b->flags = 1U << below(world, 32);
	if (desc->faults & FAULT_TYPE)
		b->type = 200;
}

static uint32_t update_flags(struct world *world, const struct update *update)
{
	bool family_a = world->model.family_a;

	if (update->faults & CALL_FLAGS)
		return chance(world, 50) ? 1U << (2 + below(world, 30)) :
		       family_a ? DMABUF_UAPI_B_EXTENDED :
				  DMABUF_UAPI_A_EXTENDED;
	if (!update->extended)
		return 0;
	return family_a ? DMABUF_UAPI_A_EXTENDED : DMABUF_UAPI_B_EXTENDED;
}

int kernel_update(struct world *world, const struct update *update)
{
	union descriptors descs;
	struct iovec iovecs[UPDATE_MAX];
	struct dmabuf_uapi_update up = {
		.offset = update->offset,
		.flags = update_flags(world, update),
		.data = (uintptr_t)&descs,
		.nr = update->nr,
		.resv2 = update->faults & CALL_RESERVED ? 1 : 0,
	};
	unsigned int i;

	for (i = 0; i < update->nr; i++) {
		const struct descriptor *desc = &update->descriptors[i];

		if (!update->extended)
			descs.plain[i] = encode_memory(world, desc);
		else if (world->model.family_a)
			encode_a(world, desc, &iovecs[i], &descs.a[i]);
		else
			encode_b(world, desc, &descs.b[i]);
	}
	return uring_register(world, IORING_REGISTER_BUFFERS_UPDATE, &up,
			      sizeof(up));
}

/* ---- what kind of kernel this is ---- */

/* The answer to one descriptor on a ring of its own */
static int probe_update(struct world *world, unsigned int ring_flags,
			const struct descriptor *desc)
{
	struct update update = {
		.extended = true,
		.nr = 1,
		.descriptors = { *desc },
	};
	int ret = kernel_ring(world, ring_flags);

	if (ret)
		broken(world, "no ring: %s", strerror(-ret));
	ret = kernel_table(world, 1);
	if (ret)
		broken(world, "no table: %s", strerror(-ret));
	ret = kernel_update(world, &update);
	io_uring_queue_exit(&world->ring);
	return ret;
}

void kernel_probe(struct world *world)
{
	struct descriptor flags = { KIND_EMPTY, .faults = FAULT_FLAGS };
	struct descriptor dmabuf = { KIND_DMABUF, .faults = 0 };
	struct dmabuf_error error = { .text = "" };
	int ret;

	if (dmabuf_interface_probe(&world->iface, &error))
		broken(world, "%s", error.text);
	world->model.family_a = world->iface.family == DMABUF_FAMILY_A;
	if (!world->model.family_a)
		world->model.takes_flags = probe_update(world, 0, &flags) == 1;

	dmabuf.buffer = buffer_new(world, MEMORY_HEAP, 4096);
	dmabuf.target = file_new(world, TARGET_NVME);
	ret = probe_update(world, 0, &dmabuf);
	if (ret != 1)
		broken(world, "a good registration: %d", ret);
	ret = probe_update(world, IORING_SETUP_IOPOLL, &dmabuf);
	if (ret != 1 && ret != -EOPNOTSUPP)
		broken(world, "a registration with IOPOLL: %d", ret);
	world->model.takes_iopoll = ret == 1;
	printf("interface %s, descriptor flags %s, IOPOLL %s\n",
	       world->iface.name, world->model.takes_flags ? "taken" :
							     "refused",
	       world->model.takes_iopoll ? "taken" : "refused");
}
