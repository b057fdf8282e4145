/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls to the kernel: encodes an update for either family of the
 * interface, and finds out which of them this kernel has.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel.h"
#include "objects.h"
#include "run.h"
#include "uapi.h"

/* An array of descriptors, in each of its three forms */
union descriptors {
	struct iovec plain[UPDATE_MAX];
	struct dmabuf_uapi_a_desc a[UPDATE_MAX];
	struct dmabuf_uapi_b_desc b[UPDATE_MAX];
};

static int uring_register(struct run *run, unsigned int opcode, void *arg,
			  unsigned int nr)
{
	int ret = syscall(__NR_io_uring_register, run->ring.ring_fd, opcode,
			  arg, nr);

	return ret < 0 ? -errno : ret;
}

int kernel_ring(struct run *run, unsigned int flags)
{
	struct io_uring_params params = {
		.flags = flags | IORING_SETUP_SUBMIT_ALL,
		.sq_thread_idle = 50,
	};

	return io_uring_queue_init_params(2 * BATCH_MAX, &run->ring, &params);
}

int kernel_table(struct run *run, uint32_t nr)
{
	struct io_uring_rsrc_register table = {
		.nr = nr,
		.flags = IORING_RSRC_REGISTER_SPARSE,
	};

	return uring_register(run, IORING_REGISTER_BUFFERS2, &table,
			      sizeof(table));
}

int kernel_unregister(struct run *run)
{
	return uring_register(run, IORING_UNREGISTER_BUFFERS, NULL, 0);
}

static struct iovec encode_memory(const struct run *run,
				  const struct descriptor *desc)
{
	struct iovec iov = { .iov_base = NULL };

	if (desc->kind != KIND_MEMORY)
		return iov;
	iov.iov_base = desc->buffer->map;
	iov.iov_len = desc->buffer->size;
	if (desc->faults & FAULT_ADDRESS)
		iov.iov_base = run->unmapped;
	return iov;
}

static int encode_dmabuf_fd(const struct run *run,
			    const struct descriptor *desc)
{
	if (desc->faults & FAULT_DMABUF_FD)
		return BAD_FD;
	return desc->faults & FAULT_NOT_DMABUF ? run->not_dmabuf :
						 desc->buffer->fd;
}

static int encode_target_fd(struct run *run, const struct descriptor *desc)
{
	return desc->faults & FAULT_TARGET_FD ? BAD_FD :
						file_any_fd(run, desc->target);
}

static void encode_a(struct run *run, const struct descriptor *desc,
		     struct iovec *iov, struct dmabuf_uapi_a_desc *a)
{
	*iov = encode_memory(run, desc);
	a->iov_uaddr = (uintptr_t)iov;
	a->target_fd = -1;
	a->dmabuf_fd = -1;
	if (desc->kind != KIND_DMABUF)
		return;
	a->target_fd = encode_target_fd(run, desc);
	a->dmabuf_fd = encode_dmabuf_fd(run, desc);
	if (desc->faults & FAULT_ADDRESS)
		a->iov_uaddr = (uintptr_t)run->unmapped;
	if (desc->faults & FAULT_UADDR)
		*iov = (struct iovec){ run, sizeof(*run) };
}

static void encode_b(struct run *run, const struct descriptor *desc,
		     struct dmabuf_uapi_b_desc *b)
{
	struct iovec iov = encode_memory(run, desc);

	memset(b, 0, sizeof(*b));
	switch (desc->kind) {
	case KIND_EMPTY:
		b->type = DMABUF_UAPI_B_EMPTY;
		break;
	case KIND_DMABUF:
		b->type = run->iface.type;
		b->dmabuf_fd = encode_dmabuf_fd(run, desc);
		b->target_fd = encode_target_fd(run, desc);
		break;
	case KIND_MEMORY:
		b->type = DMABUF_UAPI_B_UADDR;
		b->uaddr = (uintptr_t)iov.iov_base;
		b->size = iov.iov_len;
		break;
	}
	if (desc->faults & FAULT_RESERVED)
		b->reserved[below(run, 6)] = 1ULL << below(run, 64);
	if (desc->faults & FAULT_SIZE)
		b->size = desc->buffer ? desc->buffer->size : 4096;
	if (desc->faults & FAULT_UADDR)
		b->uaddr = (uintptr_t)run;
	if (desc->faults & FAULT_FLAGS)
		b->flags = 1U << below(run, 32);
	if (desc->faults & FAULT_TYPE)
		b->type = 200;
}

static uint32_t update_flags(struct run *run, const struct update *update)
{
	bool family_a = run->model.family_a;

	if (update->faults & CALL_FLAGS)
		return chance(run, 50) ? 1U << (2 + below(run, 30)) :
		       family_a ? DMABUF_UAPI_B_EXTENDED :
				  DMABUF_UAPI_A_EXTENDED;
	if (!update->extended)
		return 0;
	return family_a ? DMABUF_UAPI_A_EXTENDED : DMABUF_UAPI_B_EXTENDED;
}

int kernel_update(struct run *run, const struct update *update)
{
	union descriptors descs;
	struct iovec iovecs[UPDATE_MAX];
	struct dmabuf_uapi_update up = {
		.offset = update->offset,
		.flags = update_flags(run, update),
		.data = (uintptr_t)&descs,
		.nr = update->nr,
		.resv2 = update->faults & CALL_RESERVED ? 1 : 0,
	};
	unsigned int i;

	for (i = 0; i < update->nr; i++) {
		const struct descriptor *desc = &update->descriptors[i];

		if (!update->extended)
			descs.plain[i] = encode_memory(run, desc);
		else if (run->model.family_a)
			encode_a(run, desc, &iovecs[i], &descs.a[i]);
		else
			encode_b(run, desc, &descs.b[i]);
	}
	return uring_register(run, IORING_REGISTER_BUFFERS_UPDATE, &up,
			      sizeof(up));
}

/* ---- the probe ---- */

/* Registers one descriptor with a new ring; the kernel's answer. */
static int probe_update(struct run *run, unsigned int ring_flags,
			const struct descriptor *desc)
{
	struct update update = {
		.extended = true,
		.nr = 1,
		.descriptors = { *desc },
	};
	int ret = kernel_ring(run, ring_flags);

	if (ret)
		fail(run, "no ring: %s", strerror(-ret));
	ret = kernel_table(run, 1);
	if (ret)
		fail(run, "no table: %s", strerror(-ret));
	ret = kernel_update(run, &update);
	io_uring_queue_exit(&run->ring);
	return ret;
}

void kernel_probe(struct run *run)
{
	struct descriptor flags = { KIND_EMPTY, .faults = FAULT_FLAGS };
	struct descriptor dmabuf = { KIND_DMABUF, .faults = 0 };
	struct dmabuf_error error = { .text = "" };
	int ret;

	if (dmabuf_interface_probe(&run->iface, &error))
		fail(run, "%s", error.text);
	run->model.family_a = run->iface.family == DMABUF_FAMILY_A;
	if (!run->model.family_a)
		run->model.takes_flags = probe_update(run, 0, &flags) == 1;

	dmabuf.buffer = buffer_new(run, MEMORY_HEAP, 4096);
	dmabuf.target = file_new(run, TARGET_NVME);
	ret = probe_update(run, 0, &dmabuf);
	if (ret != 1)
		fail(run, "a good registration: %d", ret);
	ret = probe_update(run, IORING_SETUP_IOPOLL, &dmabuf);
	if (ret != 1 && ret != -EOPNOTSUPP)
		fail(run, "a registration with IOPOLL: %d", ret);
	run->model.takes_iopoll = ret == 1;
	printf("interface %s, descriptor flags %s, IOPOLL %s\n",
	       run->iface.name, run->model.takes_flags ? "taken" :
							     "refused",
	       run->model.takes_iopoll ? "taken" : "refused");
}
