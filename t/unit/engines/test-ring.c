/* SPDX-License-Identifier: GPL-2.0-only */
/* Ring set-up: the flags, and falling back to fewer after EINVAL only. */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "ring.h"

/* The kernel's values, spelled out a second time. */
#define IOPOLL		(1U << 0)
#define SQPOLL		(1U << 1)
#define SQ_AFF		(1U << 2)
#define COOP		(1U << 8)
#define SINGLE		(1U << 12)
#define DEFER		(1U << 13)

static struct io_uring ring;
static struct dmabuf_error err;

static int setup(struct dmabuf_ring_options options, unsigned int refused)
{
	fake_reset();
	fake_kernel.refused_flags = refused;
	memset(&err, 0, sizeof(err));
	return dmabuf_ring_setup(&ring, &options, &err);
}

static void works(struct dmabuf_ring_options options, unsigned int refused,
		  unsigned int flags)
{
	CHECK_INT(setup(options, refused), 0);
	CHECK_INT(fake_kernel.params_flags, flags);
	CHECK_HAS(fake.log, "register ring fd\n");
	fake_ring_destroy(&ring);
}

static void test_flags(void)
{
	struct dmabuf_ring_options o = { .depth = 32 };

	works(o, 0, SINGLE | DEFER);
	CHECK_TEXT(fake.log, "ring 32 flags 0x3000\nregister ring fd\nclose 1000\n");
	works(o, DEFER, COOP);
	works(o, SINGLE, COOP);
	works(o, SINGLE | DEFER | COOP, 0);
	CHECK_TEXT(fake.log, "ring 32 flags 0x3000\nring 32 flags 0x100\n"
		   "ring 32 flags 0\nregister ring fd\nclose 1000\n");
}

static void test_iopoll(void)
{
	struct dmabuf_ring_options o = { .depth = 1, .iopoll = true };

	works(o, 0, IOPOLL | SINGLE | DEFER);
	works(o, DEFER, IOPOLL | COOP);
	works(o, DEFER | COOP, IOPOLL);
	/* These flags are never dropped. */
	CHECK_INT(setup(o, IOPOLL), -EINVAL);
	CHECK(err.code == -EINVAL);
}

static void test_sqpoll(void)
{
	struct dmabuf_ring_options o = { .depth = 8, .sqpoll = true };

	works(o, DEFER | COOP | SINGLE, SQPOLL);
	CHECK_HAS(fake.log, "ring 8 flags 0x2\nregister");
	o.sqpoll_pinned = true;
	o.sqpoll_cpu = 3;
	works(o, 0, SQPOLL | SQ_AFF);
	CHECK_INT(fake_kernel.params_cpu, 3);
	o.iopoll = true;
	works(o, 0, IOPOLL | SQPOLL | SQ_AFF);

	CHECK_INT(setup(o, SQPOLL), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "io_uring: cannot set up a ring: Invalid argument; check iodepth, hipri and sqthread_poll_cpu");
	CHECK_TEXT(fake.log, "ring 8 flags 0x7\n");
	/* sqpoll_cpu does nothing without SQPOLL. */
	o = (struct dmabuf_ring_options) { .depth = 8, .sqpoll_pinned = true };
	works(o, 0, SINGLE | DEFER);
}

static void test_depth(void)
{
	fake_reset();
	CHECK_INT(dmabuf_ring_check_depth(32768, &err), 0);
	CHECK_TEXT(fake.log, "");
	/* A later kernel may take more. */
	CHECK_INT(dmabuf_ring_check_depth(32769, &err), 0);
	CHECK_INT(fake_left(), 0);
	fake_reset();
	fake.errors[FAKE_RING] = EINVAL;
	CHECK_INT(dmabuf_ring_check_depth(65536, &err), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "iodepth=65536: io_uring takes at most 32768 entries for a ring; lower iodepth to 32768");
	CHECK_INT(fake_left(), 0);
}

static void test_other_errors_are_final(void)
{
	static const int errors[] = { ENOSYS, EPERM, ENOMEM, EMFILE, ENFILE,
				      EFAULT, EBUSY };
	struct dmabuf_ring_options o = { .depth = 32 };
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fake_reset();
		fake.errors[FAKE_RING] = errors[i];
		memset(&err, 0, sizeof(err));
		CHECK_INT(dmabuf_ring_setup(&ring, &o, &err), -errors[i]);
		CHECK_INT(err.code, -errors[i]);
		CHECK(!strncmp(err.text, "io_uring: ", 10));
		CHECK(strchr(err.text, ';'));
		CHECK_TEXT(fake.log, "ring 32 flags 0x3000\n");
		CHECK_INT(fake_left(), 0);
	}
}

static const struct check checks[] = {
	{ "flags and fall-back", test_flags },
	{ "IOPOLL", test_iopoll },
	{ "SQPOLL", test_sqpoll },
	{ "depth over the limit", test_depth },
	{ "other errors are final", test_other_errors_are_final },
};

CHECK_MAIN("ring", checks)
