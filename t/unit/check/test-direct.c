/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A transfer over path direct with a scripted kernel: register, read, verify.
 * Nothing is left behind whatever fails, and a drive with data is not written
 * to.
 */
#include <errno.h>
#include <string.h>

#include "check/drive/direct.h"
#include "check/drive/write.h"
#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"

static struct check_direct direct;
static unsigned int writes;

static int drive(const struct io_uring_sqe *sqe)
{
	if (sqe->opcode != IORING_OP_WRITE_FIXED)
		return fake_drive(sqe);
	writes++;
	return sqe->len;
}

/* Accepts the write, then fails every read. */
static int breaking_drive(const struct io_uring_sqe *sqe)
{
	if (sqe->opcode == IORING_OP_WRITE_FIXED)
		fake.errors[FAKE_PREAD] = EIO;
	return drive(sqe);
}

static int reading_drive(const struct io_uring_sqe *sqe)
{
	return sqe->opcode == IORING_OP_WRITE_FIXED ? -EIO : fake_drive(sqe);
}

static void begin(void)
{
	fake_reset();
	fake_file("/dev/dma_heap/system", NULL);
	fake_file("/dev/nvme0n1", NULL);
	fake_registry.interface = FAKE_B_V5;
	fake_registry.dmabuf_size = CHECK_UNIT;
	fake_kernel.answer = drive;
	writes = 0;
	memset(&direct, 0, sizeof(direct));
	strcpy(direct.drive, "/dev/nvme0n1");
	strcpy(direct.source, "heap:system");
}

static void run(enum check_state state)
{
	check_direct_run(&direct);
	CHECK_INT(direct.result.state, state);
	CHECK_INT(fake_left(), 0);
	CHECK(!direct.saved.dirty);
	CHECK_INT(writes, 0);
}

static void test_read(void)
{
	begin();
	fake.tick = 10;
	run(CHECK_OK);
	CHECK(direct.verified);
	CHECK(!direct.written);
	CHECK(direct.register_ns > 0);
	CHECK(direct.first_map_ns > 0);
}

static int lost(const struct io_uring_sqe *sqe)
{
	return sqe->len;
}

static int refused(const struct io_uring_sqe *sqe)
{
	(void)sqe;
	return -EIO;
}

static void test_no(void)
{
	begin();
	fake_kernel.answer = lost;
	run(CHECK_NO);
	CHECK(!direct.verified);
	CHECK_HAS(direct.result.reason, "did not arrive");
	begin();
	fake_kernel.answer = refused;
	run(CHECK_NO);
	CHECK_HAS(direct.result.reason, "the first read");
	begin();
	fake_registry.refused_slot = 0;
	fake_registry.refused_errno = ENOMEM;
	run(CHECK_NO);
	CHECK_HAS(direct.result.reason, "out of memory registering");
	begin();
	fake_file_error("/dev/nvme0n1", EACCES);
	run(CHECK_NO);
	CHECK_TEXT(direct.result.reason, "/dev/nvme0n1: Permission denied");
	begin();
	strcpy(direct.source, "heap:none");
	run(CHECK_NO);
	CHECK_HAS(direct.result.reason, "no dma-heaps");
}

/* Opening a drive that is in use is retried for 5 seconds. */
static void test_in_use(void)
{
	begin();
	direct.write = true;
	fake_file_error("/dev/nvme0n1", EBUSY);
	run(CHECK_NO);
	CHECK_HAS(direct.result.reason, "in use (mounted");
	CHECK_INT(fake.now / 1000000000, 6);
}

/* The blocks are checked once more just before they are written. */
static void test_not_empty(void)
{
	begin();
	direct.write = true;
	run(CHECK_NO);
	CHECK(direct.verified);
	CHECK(!direct.written);
	CHECK_TEXT(direct.result.reason,
		   "/dev/nvme0n1: not written to: no longer empty");
}

/* The data does not arrive, and restoring the drive works or fails. */
static void test_restored(void)
{
	begin();
	direct.write = true;
	direct.force = true;
	check_direct_run(&direct);
	CHECK_INT(direct.result.state, CHECK_NO);
	CHECK_HAS(direct.result.reason, "did not arrive");
	CHECK_INT(writes, 1);
	CHECK_HAS(fake.log, "write 16384 at 0xf0000: ");
	CHECK(!direct.saved.dirty);
	CHECK(!direct.written);
	begin();
	direct.write = true;
	direct.force = true;
	fake.errors[FAKE_PWRITE] = EROFS;
	fake_kernel.answer = breaking_drive;
	check_direct_run(&direct);
	CHECK_INT(direct.result.state, CHECK_NO);
	CHECK_HAS(direct.result.reason, "cannot read back the data written from");
	CHECK_TEXT(direct.saved.error.text, "/dev/nvme0n1: cannot restore 16384 bytes at offset 983040: Read-only file system");
	CHECK(direct.saved.dirty);
	CHECK(!direct.written);
	CHECK_INT(fake_left(), 0);
}

/* The kernel takes the write and then refuses to wait for it. */
static int deaf(unsigned int unsent, unsigned int wait)
{
	if (wait && fake_kernel.held)
		return -EBADF;
	return unsent;
}

static int deaf_once_writing(const struct io_uring_sqe *sqe)
{
	/* The read: what follows is the write. */
	fake_kernel.lazy = true;
	fake_kernel.enter = deaf;
	return drive(sqe);
}

static void test_in_flight(void)
{
	begin();
	direct.write = true;
	direct.force = true;
	fake_kernel.answer = deaf_once_writing;
	check_direct_run(&direct);
	CHECK_INT(direct.result.state, CHECK_NO);
	CHECK(direct.saved.dirty);
	CHECK(!strstr(fake.log, "write 16384 at"));
	CHECK_TEXT(direct.saved.error.text, "/dev/nvme0n1: not restored: a write is still in flight");
	CHECK_INT(fake_left(), 0);
}

/* The kernel refuses to take the write, which is then given up for good. */
static int refuses_writes(unsigned int unsent, unsigned int wait)
{
	(void)wait;
	return unsent ? -EBADF : 0;
}

static int unsendable_once_read(const struct io_uring_sqe *sqe)
{
	fake_kernel.enter = refuses_writes;
	return drive(sqe);
}

static void test_given_up(void)
{
	begin();
	direct.write = true;
	direct.force = true;
	fake_kernel.answer = unsendable_once_read;
	run(CHECK_NO);
	CHECK_HAS(direct.result.reason, "cannot write from heap:system: Bad file descriptor");
	CHECK_HAS(fake.log, "write 16384 at 0xf0000: ");
}

/* Blocks that were never overwritten, as on a zoned drive, are no loss. */
static void test_takes_no_writes(void)
{
	begin();
	direct.write = true;
	direct.force = true;
	fake.errors[FAKE_PWRITE] = EIO;
	fake_kernel.answer = reading_drive;
	run(CHECK_NO);
	CHECK_TEXT(direct.result.reason, "/dev/nvme0n1: cannot write from heap:system: Input/output error");
	CHECK(!direct.written);
}

static void test_every_failure(void)
{
	unsigned int at;

	for (at = 1; at < 100; at++) {
		begin();
		fake.fail_at = at;
		fake.fail_errno = EIO;
		check_direct_run(&direct);
		CHECK_INT(fake_left(), 0);
		if (fake.calls < at)
			break;
		/* The ring falls back where the kernel lacks something. */
		CHECK(direct.result.state == CHECK_NO || direct.verified);
	}
	CHECK(at > 10 && at < 100);
}

static const struct check checks[] = {
	{ "a block is read and verified", test_read },
	{ "failures", test_no },
	{ "a drive in use is not written to", test_in_use },
	{ "a drive that is no longer empty is not written to", test_not_empty },
	{ "the drive is restored after a failed write", test_restored },
	{ "nothing is restored below a write in flight", test_in_flight },
	{ "a write that was given up is never sent", test_given_up },
	{ "a drive that rejects writes needs no restoring", test_takes_no_writes },
	{ "each system call fails in turn", test_every_failure },
};

CHECK_MAIN("check-direct", checks)
