/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probing the interface of a kernel, once per process. fake-register.c has the
 * kernels.
 */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "register.h"

#define REST	", so dmabuf_path=direct cannot work; use dmabuf_path=staged or host, or a kernel with the series \"Add dmabuf read/write via io_uring\" (v3 or later), which no released kernel has"

static struct dmabuf_interface iface;
static struct dmabuf_error err;

static int probe(enum fake_interface interface, uint32_t type)
{
	fake_reset();
	fake_registry.interface = interface;
	fake_registry.type = type;
	memset(&err, 0, sizeof(err));
	return dmabuf_interface_probe(&iface, &err);
}

static void test_family_a(void)
{
	CHECK_INT(probe(FAKE_A, 2), 0);
	CHECK_INT(iface.family, DMABUF_FAMILY_A);
	CHECK_TEXT(iface.name, "A (RFC v1 or v2)");
	CHECK_INT(fake_left(), 0);
}

static void test_family_b(void)
{
	uint32_t type;

	for (type = 2; type <= 7; type++) {
		CHECK_INT(probe(FAKE_B_V3, type), 0);
		CHECK_INT(iface.family, DMABUF_FAMILY_B);
		CHECK_INT(iface.type, type);
		CHECK_TEXT(iface.name, "B (v3 or v4)");
		CHECK_INT(probe(FAKE_B_V5, type), 0);
		CHECK_INT(iface.family, DMABUF_FAMILY_B);
		CHECK_INT(iface.type, type);
		CHECK_TEXT(iface.name, "B (v5 or later)");
		CHECK_INT(fake_left(), 0);
	}
}

static void test_kernels_without(void)
{
	CHECK_INT(probe(FAKE_MAINLINE, 2), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP,
		    "kernel 7.3.0-fake: cannot register dma-bufs with io_uring"
		    REST);
	CHECK_INT(fake_left(), 0);
	CHECK_INT(probe(FAKE_NO_SPARSE, 2), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP,
		    "kernel 7.3.0-fake: cannot register dma-bufs with io_uring"
		    REST);
	CHECK_INT(fake_left(), 0);
	CHECK_INT(probe(FAKE_B_OFF, 2), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP,
		    "kernel 7.3.0-fake: the io_uring interface for dma-bufs is compiled out (CONFIG_DMABUF_TOKEN in v3 of the series)"
		    REST);
	CHECK_INT(fake_left(), 0);
	CHECK_INT(probe(FAKE_B_WITHOUT, 2), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP,
		    "kernel 7.3.0-fake: extended io_uring buffer descriptors exist, but none for dma-bufs"
		    REST);
	CHECK_INT(fake_left(), 0);
	/* A value that the probe does not try. */
	CHECK_INT(probe(FAKE_B_V5, 8), -EOPNOTSUPP);
}

static void test_ring_refused(void)
{
	static const struct {
		int error;
		const char *text;
	} vectors[] = {
		{ ENOSYS, "io_uring: not available, compiled out or blocked by a seccomp filter; use a kernel with CONFIG_IO_URING" },
		{ EPERM, "io_uring: Operation not permitted, disabled by a sysctl or a seccomp filter; set the sysctl kernel.io_uring_disabled to 0" },
		{ EACCES, "io_uring: Permission denied, disabled by a sysctl or a seccomp filter; set the sysctl kernel.io_uring_disabled to 0" },
		{ ENOMEM, "io_uring: out of memory for a ring; lower iodepth, or raise the memlock limit (ulimit -l)" },
		{ EMFILE, "io_uring: cannot set up a ring: Too many open files; raise the limit with ulimit -n" },
		{ ENFILE, "io_uring: cannot set up a ring: Too many open files in system; raise the limit with ulimit -n" },
		{ EINVAL, "io_uring: cannot set up a ring: Invalid argument; check iodepth, hipri and sqthread_poll_cpu" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_reset();
		fake.errors[FAKE_RING] = vectors[i].error;
		CHECK_INT(dmabuf_interface_probe(&iface, &err),
			  -vectors[i].error);
		CHECK_ERROR(&err, -vectors[i].error, vectors[i].text);
		CHECK_INT(fake_registry.calls, 0);
		CHECK_INT(fake_left(), 0);
	}
}

/* A kernel without sparse tables returns -EINVAL. */
static void test_table_refused(void)
{
	static const struct {
		int error, code;
		const char *text;
	} vectors[] = {
		{ ENOMEM, -ENOMEM, "io_uring: cannot register a table of buffers: Cannot allocate memory; check the memlock limit (ulimit -l) and the kernel log" },
		{ EPERM, -EPERM, "io_uring: cannot register a table of buffers: Operation not permitted; check the memlock limit (ulimit -l) and the kernel log" },
		{ EINVAL, -EOPNOTSUPP, "kernel 7.3.0-fake: cannot register dma-bufs with io_uring" REST },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		fake_reset();
		fake_registry.interface = FAKE_B_V5;
		/* The ring is the first call, the table the second. */
		fake.fail_at = 2;
		fake.fail_errno = vectors[i].error;
		CHECK_INT(dmabuf_interface_probe(&iface, &err),
			  vectors[i].code);
		CHECK_ERROR(&err, vectors[i].code, vectors[i].text);
		CHECK_INT(fake_registry.calls, 1);
		CHECK_INT(fake_left(), 0);
	}
}

/* A failure of any single call leaves nothing behind. */
static void test_every_call_can_fail(void)
{
	unsigned int at = 0, failed = 0;
	int ret;

	do {
		fake_reset();
		fake_registry.interface = FAKE_B_V5;
		fake.fail_at = ++at;
		fake.fail_errno = ENOMEM;
		ret = dmabuf_interface_probe(&iface, &err);
		CHECK_INT(fake_left(), 0);
		CHECK(ret == 0 || ret == err.code);
		failed += ret != 0;
	} while (fake.calls >= at);
	CHECK(at >= 5);
	CHECK(failed >= 3);
}

static int inner;

/* As in a process that fio forked in the middle of a probe. */
static void get(void)
{
	struct dmabuf_interface found;
	struct dmabuf_error e;

	inner = dmabuf_interface_get(&found, &e);
	CHECK_INT(found.family, DMABUF_FAMILY_B);
}

/*
 * A failure is not kept, a success is; in this order. A probe waits for no
 * other.
 */
static void test_once_per_process(void)
{
	unsigned int calls;

	fake.errors[FAKE_RING] = EMFILE;
	CHECK_INT(dmabuf_interface_get(&iface, &err), -EMFILE);
	CHECK_INT(iface.family, DMABUF_FAMILY_NONE);
	fake.errors[FAKE_RING] = 0;
	CHECK_INT(dmabuf_interface_get(&iface, &err), -EOPNOTSUPP);
	CHECK_INT(iface.family, DMABUF_FAMILY_NONE);

	fake_registry.interface = FAKE_B_WITHOUT;
	CHECK_INT(dmabuf_interface_get(&iface, &err), -EOPNOTSUPP);
	CHECK_INT(iface.family, DMABUF_FAMILY_NONE);

	fake_registry.interface = FAKE_B_V3;
	fake_registry.meanwhile = get;
	inner = -1;
	calls = fake_registry.calls;
	CHECK_INT(dmabuf_interface_get(&iface, &err), 0);
	CHECK_INT(iface.family, DMABUF_FAMILY_B);
	CHECK_INT(inner, 0);
	/* The table, the family, the version, the type: twice. */
	CHECK_INT(fake_registry.calls - calls, 8);

	fake_registry.interface = FAKE_MAINLINE;
	calls = fake_registry.calls;
	CHECK_INT(dmabuf_interface_get(&iface, &err), 0);
	CHECK_INT(iface.family, DMABUF_FAMILY_B);
	CHECK_INT(iface.type, 2);
	CHECK_TEXT(iface.name, "B (v3 or v4)");
	CHECK_INT(fake_registry.calls, calls);
}

static const struct check checks[] = {
	{ "family A", test_family_a },
	{ "family B, versions and type numbers", test_family_b },
	{ "kernels without the feature", test_kernels_without },
	{ "the ring is refused", test_ring_refused },
	{ "the table is refused", test_table_refused },
	{ "every call can fail", test_every_call_can_fail },
	{ "once per process, and beside another probe", test_once_per_process },
};

CHECK_MAIN("register probe", checks)
