/* SPDX-License-Identifier: GPL-2.0-only */
/* Which drives count as empty. A file plays the drive. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "check/drive/empty.h"
#include "t/unit/check.h"
#include "t/unit/tree.h"

#define MIB	(1ULL << 20)
#define SIZE	(8 * MIB)
#define DISK	"devices/x/nvme0n1"

static const char *sys;
static struct check_result result;
static int fd;

static void begin(uint64_t size)
{
	char path[128];

	sys = tree_begin();
	tree_dir(DISK "/queue");
	tree_dir(DISK "/holders");
	tree_link("dev/block/259:0", "../../" DISK);
	tree_text("drive", "");
	snprintf(path, sizeof(path), "%s/drive", sys);
	fd = open(path, O_RDWR);
	CHECK(fd >= 0);
	CHECK_INT(truncate(path, size), 0);
}

static void end(void)
{
	close(fd);
	tree_end();
}

static void look(uint64_t size, bool force)
{
	memset(&result, 0, sizeof(result));
	check_empty(&result, "/dev/x", fd, size, sys, makedev(259, 0), force);
}

static void is(enum check_state state, const char *reason)
{
	CHECK_INT(result.state, state);
	CHECK_TEXT(result.reason, reason);
	CHECK(state == CHECK_OK || result.remedy[0]);
}

static void test_empty(void)
{
	begin(SIZE);
	look(SIZE, false);
	is(CHECK_OK, "");
	look(2 * MIB, false);
	is(CHECK_OK, "");
	end();
}

static void test_too_small(void)
{
	begin(SIZE);
	look(2 * MIB - 1, false);
	is(CHECK_NO, "/dev/x: not written to: smaller than 2 MiB");
	look(2 * MIB - 1, true);
	CHECK_INT(result.state, CHECK_NO);
	end();
}

/* One byte at either end matters; the middle is not read. */
static void test_data(void)
{
	static const uint64_t edges[] = {
		0, 511, 65536, CHECK_WRITE_AT, MIB - 1, SIZE - MIB, SIZE - 1,
	};
	static const uint64_t middle[] = { MIB, SIZE / 2, SIZE - MIB - 1 };
	char text[128];
	unsigned int i;

	begin(SIZE);
	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		CHECK_INT(pwrite(fd, "x", 1, edges[i]), 1);
		look(SIZE, false);
		snprintf(text, sizeof(text),
			 "/dev/x: not written to: not empty, byte %llu is not zero",
			 (unsigned long long)edges[i]);
		is(CHECK_NO, text);
		look(SIZE, true);
		is(CHECK_OK, "");
		CHECK_INT(pwrite(fd, "", 1, edges[i]), 1);
	}
	for (i = 0; i < sizeof(middle) / sizeof(middle[0]); i++)
		CHECK_INT(pwrite(fd, "x", 1, middle[i]), 1);
	look(SIZE, false);
	is(CHECK_OK, "");
	end();
}

static void test_users(void)
{
	begin(SIZE);
	tree_text(DISK "/nvme0n1p3/partition", "3\n");
	look(SIZE, false);
	is(CHECK_NO, "/dev/x: not written to: not empty, nvme0n1p3 is on it");
	look(SIZE, true);
	is(CHECK_OK, "");
	end();
	begin(SIZE);
	tree_dir(DISK "/holders/dm-0");
	look(SIZE, false);
	is(CHECK_NO, "/dev/x: not written to: not empty, dm-0 is on it");
	end();
}

static void test_partition(void)
{
	begin(SIZE);
	tree_text(DISK "/partition", "1\n");
	look(SIZE, false);
	is(CHECK_NO, "/dev/x: not written to: a partition");
	look(SIZE, true);
	CHECK_INT(result.state, CHECK_NO);
	end();
}

/* It is smaller than its reported size. */
static void test_unreadable(void)
{
	begin(SIZE - MIB);
	look(SIZE, false);
	is(CHECK_NO, "/dev/x: not written to: cannot read it: Input/output error");
	end();
}

static const struct check checks[] = {
	{ "an empty drive", test_empty },
	{ "a drive that is too small", test_too_small },
	{ "data at either end", test_data },
	{ "partitions and holders", test_users },
	{ "a partition", test_partition },
	{ "a drive that cannot be read", test_unreadable },
};

CHECK_MAIN("check-empty", checks)
