/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registration through both families of the unmerged interface: every byte that
 * the kernel sees, spelled out a second time, and how partial counts and errors
 * are handled. The probe is in test-register-probe.c.
 */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "register.h"
#include "uapi.h"

static const struct dmabuf_interface family_a = {
	.family = DMABUF_FAMILY_A,
	.name = "A",
};

static const struct dmabuf_interface family_b = {
	.family = DMABUF_FAMILY_B,
	.type = 2,
	.name = "B",
};

static struct io_uring ring;

static void begin(enum fake_interface interface)
{
	fake_reset();
	fake_registry.interface = interface;
	fake_ring_make(&ring, 1, 0);
}

static void end(void)
{
	fake_ring_destroy(&ring);
}

static int hands_over(const struct dmabuf_interface *iface, unsigned int nr,
		      unsigned int *failed)
{
	struct dmabuf_pair pairs[64];
	unsigned int i;

	for (i = 0; i < nr; i++)
		pairs[i] = (struct dmabuf_pair) { 0x11220000 + i, 0x33440000 + i };
	return dmabuf_register_dmabufs(&ring, iface, pairs, nr, failed);
}

static void bytes_are(const unsigned char *is, const unsigned char *wanted,
		      size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!CHECK_INT(is[i], wanted[i])) {
			CHECK_INT(i, -1);
			return;
		}
}

/* The descriptor array is the engine's: its address is not compared. */
static void update_is(uint32_t offset, uint32_t flags, uint32_t nr)
{
	unsigned char wanted[32] = {
		offset, 0, 0, 0,  flags, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
		nr, 0, 0, 0,  0, 0, 0, 0,
	};

	memcpy(wanted + 8, fake_registry.update + 8, 8);
	bytes_are(fake_registry.update, wanted, sizeof(wanted));
}

static void test_sizes(void)
{
	CHECK_INT(sizeof(struct dmabuf_uapi_update), 32);
	CHECK_INT(sizeof(struct dmabuf_uapi_a_desc), 16);
	CHECK_INT(sizeof(struct dmabuf_uapi_b_desc), 80);
	CHECK_INT(DMABUF_UAPI_A_EXTENDED, 1);
	CHECK_INT(DMABUF_UAPI_B_EXTENDED, 2);
	CHECK_INT(DMABUF_SLOTS_MAX, 16384);
}

static void test_bytes_of_family_b(void)
{
	/* Two descriptors of 80 bytes: type, ..., dmabuf_fd, target_fd, ... */
	static const unsigned char wanted[160] = {
		[0] = 2,
		[24] = 0, 0, 0x22, 0x11, 0, 0, 0x44, 0x33,
		[80] = 2,
		[104] = 1, 0, 0x22, 0x11, 1, 0, 0x44, 0x33,
	};
	unsigned int failed;

	begin(FAKE_B_V5);
	CHECK_INT(hands_over(&family_b, 2, &failed), 0);
	CHECK_HAS(fake.log, "table 2\nupdate 0+2\n");
	update_is(0, 2, 2);
	bytes_are(fake_registry.descs, wanted, sizeof(wanted));
	end();
}

static void test_bytes_of_family_a(void)
{
	static const unsigned char fds[2][8] = {
		{ 0, 0, 0x44, 0x33, 0, 0, 0x22, 0x11 },
		{ 1, 0, 0x44, 0x33, 1, 0, 0x22, 0x11 },
	};
	unsigned int failed, i;

	begin(FAKE_A);
	CHECK_INT(hands_over(&family_a, 2, &failed), 0);
	update_is(0, 1, 2);
	for (i = 0; i < 2; i++) {
		const unsigned char *desc = fake_registry.descs + 16 * i;
		struct iovec *iov;

		memcpy(&iov, desc, sizeof(iov));
		CHECK(!iov->iov_base && !iov->iov_len);
		bytes_are(desc + 8, fds[i], 8);
	}
	end();
}

static void test_other_type_number(void)
{
	struct dmabuf_interface iface = family_b;
	unsigned int failed;

	begin(FAKE_B_V5);
	fake_registry.type = 3;
	iface.type = 3;
	CHECK_INT(hands_over(&iface, 1, &failed), 0);
	CHECK_INT(fake_registry.descs[0], 3);
	end();
}

static void test_many_in_one_call(void)
{
	static const enum fake_interface kernels[] = {
		FAKE_A, FAKE_B_V3, FAKE_B_V5,
	};
	unsigned int failed, i, k;

	for (k = 0; k < 3; k++) {
		begin(kernels[k]);
		CHECK_INT(hands_over(k ? &family_b : &family_a, 64, &failed),
			  0);
		CHECK_INT(fake_registry.calls, 2);
		CHECK_INT(fake_registry.slots, 64);
		for (i = 0; i < 64; i++) {
			CHECK_INT(fake_registry.slot[i].dmabuf_fd,
				  0x11220000 + i);
			CHECK_INT(fake_registry.slot[i].target_fd,
				  0x33440000 + i);
		}
		end();
	}
}

/* Every error of a registration, with the pair it belongs to. */
static void test_errors_name_the_pair(void)
{
	static const int errors[] = { EINVAL, EBADF, ENXIO, EOPNOTSUPP, ENOMEM,
				      EBUSY, EPERM, EMFILE };
	unsigned int failed, k, slot, i;

	for (k = 0; k < 2; k++)
		for (slot = 0; slot < 5; slot++)
			for (i = 0; i < 8; i++) {
				begin(k ? FAKE_B_V3 : FAKE_A);
				fake_registry.refused_slot = slot;
				fake_registry.refused_errno = errors[i];
				CHECK_INT(hands_over(k ? &family_b : &family_a,
						     5, &failed), -errors[i]);
				CHECK_INT(failed, slot);
				end();
			}
}

static void test_partial_counts_go_on(void)
{
	unsigned int failed, most;

	for (most = 1; most <= 6; most++) {
		begin(FAKE_B_V5);
		fake_registry.most = most;
		CHECK_INT(hands_over(&family_b, 6, &failed), 0);
		CHECK_INT(fake_registry.calls, 1 + (6 + most - 1) / most);
		CHECK_INT(fake_registry.slot[5].dmabuf_fd, 0x11220005);
		end();
	}
	/* Slot 3 is refused by the second call. */
	begin(FAKE_B_V5);
	fake_registry.most = 2;
	fake_registry.refused_slot = 3;
	fake_registry.refused_errno = EOPNOTSUPP;
	CHECK_INT(hands_over(&family_b, 6, &failed), -EOPNOTSUPP);
	CHECK_INT(failed, 3);
	end();
}

static void test_table_errors(void)
{
	unsigned int failed = 7;

	begin(FAKE_NO_SPARSE);
	CHECK_INT(hands_over(&family_b, 2, &failed), -EINVAL);
	CHECK_INT(failed, 0);
	CHECK_INT(fake_registry.calls, 1);
	end();
	begin(FAKE_B_V5);
	fake.errors[FAKE_REGISTER] = ENOMEM;
	CHECK_INT(hands_over(&family_b, 2, &failed), -ENOMEM);
	end();
}

static void test_no_memory(void)
{
	unsigned int failed;

	begin(FAKE_B_V5);
	fake.errors[FAKE_ALLOC] = ENOMEM;
	CHECK_INT(hands_over(&family_b, 2, &failed), -ENOMEM);
	end();
}

static void test_ordinary_buffers(void)
{
	struct iovec iovecs[2] = {
		{ .iov_base = &ring, .iov_len = 3 << 20 },
		{ .iov_base = &ring, .iov_len = 1 << 20 },
	};
	struct dmabuf_error err;

	begin(FAKE_MAINLINE);
	CHECK_INT(dmabuf_register_memory(&ring, iovecs, 2, &err), 0);
	CHECK_INT(fake_registry.slots, 2);
	end();

	begin(FAKE_MAINLINE);
	fake.errors[FAKE_REGISTER_BUFFERS] = ENOMEM;
	fake.memlock = 1 << 20;
	CHECK_INT(dmabuf_register_memory(&ring, iovecs, 2, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "io_uring: 4 MiB of ordinary buffers are over the memlock limit of 1 MiB; raise it (ulimit -l, LimitMEMLOCK=) or run as root");
	fake.memlock = ~0ULL;
	CHECK_INT(dmabuf_register_memory(&ring, iovecs, 2, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "io_uring: cannot register 4 MiB of ordinary buffers: Cannot allocate memory; lower iodepth or bs");
	fake.errors[FAKE_REGISTER_BUFFERS] = EFAULT;
	CHECK_INT(dmabuf_register_memory(&ring, iovecs, 2, &err), -EFAULT);
	CHECK_ERROR(&err, -EFAULT, "io_uring: cannot register 4 MiB of ordinary buffers: Bad address; lower iodepth or bs");
	iovecs[1].iov_len = (1 << 30) + 4096ULL;
	CHECK_INT(dmabuf_register_memory(&ring, iovecs, 2, &err), -EFAULT);
	CHECK_ERROR(&err, -EFAULT, "io_uring: ordinary buffers are limited to 1 GiB: Bad address; lower dmabuf_chunk to 1g, and bs to no more than that");
	end();
}

static const struct check checks[] = {
	{ "sizes and numbers", test_sizes },
	{ "family A: every byte", test_bytes_of_family_a },
	{ "family B: every byte", test_bytes_of_family_b },
	{ "family B: another type number", test_other_type_number },
	{ "many in one call", test_many_in_one_call },
	{ "errors name the pair", test_errors_name_the_pair },
	{ "partial counts go on", test_partial_counts_go_on },
	{ "errors of the table", test_table_errors },
	{ "no memory", test_no_memory },
	{ "ordinary buffers", test_ordinary_buffers },
};

CHECK_MAIN("register", checks)
