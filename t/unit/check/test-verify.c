/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --verify with a kernel that reports success and loses, delays, swaps and
 * tears: each fault is counted, under its name, in both directions.
 */
#include <errno.h>
#include <string.h>

#include "check/verify/verify.h"
#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"

#define DISK		(2 << 20)
#define AT		983040
#define READ		4	/* IORING_OP_READ_FIXED */
#define UNITS		16
#define BLOCK_MAX	65536

enum fault { NONE, LOSE, TEAR, SWAP, REPEAT, DELAY, SPOIL, CHANGE, BREAK };

static struct check_verify verify;
static unsigned char medium[DISK], untouched[DISK];

static struct {
	enum fault fault;
	unsigned int every;
	unsigned int requests;		/* without the warm-up */
	unsigned int faults;
	unsigned int last_pages;	/* of them to the last page of it all */
	unsigned char data[UNITS][BLOCK_MAX];	/* of the newest request there */
	bool late[UNITS];		/* data[] has not arrived yet */
	unsigned int last;		/* unit of the request before */
} kernel;

static void move(unsigned char *to, const unsigned char *from, size_t size)
{
	memcpy(to, from, size);
}

/* Does it wrong: @own is what should get to @to. */
static void misbehave(unsigned char *to, const unsigned char *own,
		      unsigned int unit, size_t size)
{
	size_t i;

	switch (kernel.fault) {
	case TEAR:
		move(to, own, size / 2);
		break;
	case SWAP:
		move(to, kernel.data[kernel.last], size);
		break;
	case REPEAT:
		move(to, kernel.data[unit], size);
		break;
	case DELAY:
		kernel.late[unit] = true;
		break;
	case SPOIL:
		for (i = 0; i < size; i++)
			to[i] = own[i] ^ (1 + i % 7);
		break;
	default:
		break;
	}
}

static void transfer(unsigned char *to, const unsigned char *own,
		     unsigned int unit, size_t size)
{
	bool due = ++kernel.requests % kernel.every == 0 &&
		kernel.requests > 2 * UNITS;
	bool late = kernel.late[unit];

	kernel.late[unit] = false;
	if (due && !late) {
		misbehave(to, own, unit, size);
		/* Two requests in a row may be for the same place. */
		kernel.faults += !!memcmp(to, own, size);
	} else {
		move(to, late ? kernel.data[unit] : own, size);
	}
	move(kernel.data[unit], own, size);
	kernel.last = unit;
}

static int drive(const struct io_uring_sqe *sqe)
{
	unsigned char *memory = fake_map_of(
		fake_registry.slot[sqe->buf_index].dmabuf_fd, sqe->addr);
	unsigned int unit = sqe->addr / sqe->len;
	uint64_t end = sqe->addr + sqe->len;

	if (end > fake_registry.dmabuf_size || sqe->off + sqe->len > DISK)
		return -EFAULT;
	if (sqe->len < 4096) {
		move(memory, medium + sqe->off, sqe->len);
		return sqe->len;
	}
	kernel.last_pages += end == fake_registry.dmabuf_size;
	if (kernel.fault == CHANGE && ++kernel.requests % kernel.every == 0) {
		medium[sqe->off + 5]++;
		kernel.faults++;
		move(memory, medium + sqe->off, sqe->len);
		return sqe->len;
	}
	if (kernel.fault == BREAK && kernel.requests == 40)
		return -EIO;
	if (sqe->opcode == READ)
		transfer(memory, medium + sqe->off, unit, sqe->len);
	else
		transfer(medium + sqe->off, memory, unit, sqe->len);
	return sqe->len;
}

static void begin(enum check_direction direction, enum fault fault)
{
	unsigned int i;

	fake_reset();
	fake_file("/dev/dma_heap/system", NULL);
	fake_file("/dev/nvme0n1", NULL);
	fake_registry.interface = FAKE_B_V5;
	fake_registry.dmabuf_size = direction == CHECK_READS ? 1 << 20 : 65536;
	fake_kernel.answer = drive;
	fake.tick = 5000000;
	fake.disk_size = DISK;
	fake.medium = medium;
	for (i = 0; i < DISK; i++)
		medium[i] = fake_byte(i);
	memcpy(untouched, medium, DISK);
	memset(&kernel, 0, sizeof(kernel));
	kernel.fault = fault;
	kernel.every = fault && fault != BREAK ? 11 : 1 << 30;
	memset(&verify, 0, sizeof(verify));
	strcpy(verify.drive, "/dev/nvme0n1");
	strcpy(verify.source, "heap:system");
	verify.direction = direction;
	verify.seconds = 1;
	verify.seed = 1;
	verify.force = true;
}

static uint64_t found(enum dmabuf_arrival arrival)
{
	return verify.found.arrivals[arrival];
}

static void run(enum check_state state)
{
	check_verify_run(&verify);
	CHECK_INT(verify.found.result.state, state);
	CHECK_INT(fake_left(), 0);
	CHECK(!verify.saved.dirty);
	if (kernel.fault != CHANGE)
		CHECK(!memcmp(medium, untouched, DISK));
}

static void test_right(void)
{
	unsigned int d;

	for (d = 0; d < CHECK_NR_DIRECTIONS; d++) {
		begin(d, NONE);
		run(CHECK_OK);
		CHECK(check_verified_blocks(&verify.found) > 100);
		CHECK_INT(check_verified_blocks(&verify.found), kernel.requests);
		CHECK_INT(check_verified_wrong(&verify.found), 0);
		CHECK_INT(verify.found.in_flight, UNITS);
		CHECK_INT(verify.found.block_bytes, d ? 4096 : 65536);
		CHECK_INT(verify.found.changed, 0);
		CHECK(verify.found.repeated < 20);
		CHECK(kernel.last_pages > 5);
	}
}

/* A fault and the only kind that may be found for it. */
static void test_faults(void)
{
	static const struct {
		enum fault fault;
		enum dmabuf_arrival arrival;
	} vectors[] = {
		{ LOSE, DMABUF_UNTOUCHED },
		{ TEAR, DMABUF_TORN },
		{ SWAP, DMABUF_SHIFTED },
		{ REPEAT, DMABUF_STALE },
		{ SPOIL, DMABUF_FOREIGN },
	};
	unsigned int i, d;

	for (d = 0; d < CHECK_NR_DIRECTIONS; d++)
		for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
			begin(d, vectors[i].fault);
			run(CHECK_NO);
			CHECK(kernel.faults > 5);
			CHECK_INT(found(vectors[i].arrival), kernel.faults);
			CHECK_INT(check_verified_wrong(&verify.found),
				  kernel.faults);
			CHECK_INT(check_verified_blocks(&verify.found),
				  kernel.requests);
			CHECK_HAS(verify.found.result.reason, d ?
				  "blocks written from heap:system are wrong" :
				  "blocks read into heap:system are wrong");
		}
}

/* Too late for one block, and on top of the next one in its place. */
static void test_delay(void)
{
	begin(CHECK_READS, DELAY);
	run(CHECK_NO);
	CHECK(kernel.faults > 5);
	CHECK_INT(found(DMABUF_UNTOUCHED), kernel.faults);
	CHECK(found(DMABUF_STALE) + UNITS >= kernel.faults);
	CHECK(found(DMABUF_STALE) > 0);
	CHECK_INT(check_verified_wrong(&verify.found),
		  found(DMABUF_UNTOUCHED) + found(DMABUF_STALE));
}

/* A single lost block of many is named, with its place on the drive. */
static void test_rare(void)
{
	begin(CHECK_READS, LOSE);
	kernel.every = 100;
	fake.tick = 8000000;
	run(CHECK_NO);
	CHECK_INT(kernel.faults, 1);
	CHECK_INT(check_verified_wrong(&verify.found), 1);
	CHECK_INT(verify.found.first_wrong % BLOCK_MAX, 0);
	CHECK_HAS(verify.found.result.reason, "/dev/nvme0n1: 1 of ");
}

/* Another program writes: no verdict on those blocks. */
static void test_changed(void)
{
	begin(CHECK_READS, CHANGE);
	run(CHECK_OK);
	CHECK_INT(verify.found.changed, kernel.faults);
	CHECK_INT(check_verified_wrong(&verify.found), 0);
	begin(CHECK_READS, CHANGE);
	kernel.every = 1;
	run(CHECK_UNKNOWN);
	CHECK_HAS(verify.found.result.reason, "no block could be compared");
}

/* What cannot be seen on a drive of zeros is counted. */
static void test_repeated(void)
{
	begin(CHECK_READS, NONE);
	memset(medium, 0, DISK);
	memcpy(untouched, medium, DISK);
	run(CHECK_OK);
	CHECK_INT(verify.found.repeated,
		  check_verified_blocks(&verify.found) - UNITS);
	/* Lost data is seen even there. */
	begin(CHECK_READS, LOSE);
	memset(medium, 0, DISK);
	memcpy(untouched, medium, DISK);
	run(CHECK_NO);
	CHECK_INT(found(DMABUF_UNTOUCHED), kernel.faults);
}

static void test_restores(void)
{
	begin(CHECK_WRITES, BREAK);
	run(CHECK_NO);
	CHECK_HAS(verify.found.result.reason, "cannot write from heap:system: Input/output error");
	/* Not empty, and nothing is written without --force. */
	begin(CHECK_WRITES, NONE);
	verify.force = false;
	run(CHECK_NO);
	CHECK_HAS(verify.found.result.reason, "no longer empty");
	CHECK_INT(kernel.requests, 0);
	CHECK(!strstr(fake.log, "write 4096 at "));
	begin(CHECK_WRITES, NONE);
	memset(medium + AT, 0, 65536);
	memcpy(untouched, medium, DISK);
	verify.force = false;
	run(CHECK_OK);
	CHECK(kernel.requests > 100);
}

static void test_small(void)
{
	begin(CHECK_READS, NONE);
	verify.source_limit = 256 << 10;
	fake_registry.dmabuf_size = 256 << 10;
	run(CHECK_OK);
	CHECK_INT(verify.found.block_bytes, 16384);
	CHECK_INT(verify.found.in_flight, UNITS);
	CHECK(kernel.last_pages > 5);
	begin(CHECK_READS, NONE);
	fake.disk_size = 65536;
	run(CHECK_NO);
	CHECK_HAS(verify.found.result.reason, "too small");
}

static void test_every_failure(void)
{
	unsigned int d, at;

	for (d = 0; d < CHECK_NR_DIRECTIONS; d++) {
		for (at = 1; at < 400; at += at < 80 ? 1 : 37) {
			begin(d, NONE);
			fake.tick = 100000000;
			fake.fail_at = at;
			fake.fail_errno = EIO;
			check_verify_run(&verify);
			CHECK_INT(fake_left(), 0);
			CHECK(verify.saved.dirty ||
			      !memcmp(medium, untouched, DISK));
			if (fake.calls < at)
				break;
		}
		CHECK(at > 20);
	}
}

static const struct check checks[] = {
	{ "everything is right", test_right },
	{ "each fault is counted under its name", test_faults },
	{ "delayed data", test_delay },
	{ "one lost block", test_rare },
	{ "blocks that another program changes", test_changed },
	{ "blocks that look alike", test_repeated },
	{ "what is written to is restored", test_restores },
	{ "small drives and buffers", test_small },
	{ "each system call fails in turn", test_every_failure },
};

CHECK_MAIN("check-verify", checks)
