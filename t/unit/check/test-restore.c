/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Restoring a drive: only once nobody else writes to it, flushed, and what
 * cannot be restored is kept in a file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check/drive/restore.h"
#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"

#define AT	983040
#define SIZE	16384
#define SECOND	1000000000ULL

static struct check_saved saved;
static struct dmabuf_error err;
static struct check_result result;

static void begin(void)
{
	unsigned int i;

	fake_reset();
	fake_file("/dev/nvme0n1", NULL);
	memset(&saved, 0, sizeof(saved));
	memset(&result, 0, sizeof(result));
	strcpy(saved.drive, "/dev/nvme0n1");
	saved.at = AT;
	saved.size = SIZE;
	saved.dirty = true;
	for (i = 0; i < SIZE; i++)
		saved.bytes[i] = fake_byte(AT + i);
}

static void again(bool dirty)
{
	check_restore_again(&saved);
	CHECK_INT(saved.dirty, dirty);
	CHECK_INT(fake_left(), 0);
}

static void test_save(void)
{
	int fd;

	begin();
	fake_file("/sys/dev/block/259:1/wwid", "nvme.first\n");
	memset(&saved, 0, sizeof(saved));
	fd = check_drive_open("/dev/nvme0n1", true, 1, &err);
	CHECK_INT(check_save(&saved, "/dev/nvme0n1", fd, AT, SIZE, false, &err),
		  -EEXIST);
	CHECK_INT(check_save(&saved, "/dev/nvme0n1", fd, AT, SIZE, true, &err),
		  0);
	CHECK_TEXT(saved.drive, "/dev/nvme0n1");
	CHECK_TEXT(saved.identity, "nvme.first");
	CHECK_INT(saved.at, AT);
	CHECK_INT(saved.size, SIZE);
	CHECK(!saved.dirty);
	CHECK_INT(saved.bytes[SIZE - 1], fake_byte(AT + SIZE - 1));
	fake.errors[FAKE_PREAD] = EIO;
	CHECK_INT(check_save(&saved, "/dev/nvme0n1", fd, AT, SIZE, true, &err),
		  -EIO);
	close(fd);
}

/* The write of the process that was killed ends after 90 seconds. */
static void test_waits(void)
{
	begin();
	fake.exclusive_until = fake.now + 90 * SECOND;
	again(false);
	CHECK(fake.now >= fake.exclusive_until);
	CHECK_HAS(fake.log, "write 16384 at 0xf0000: ");
}

static void test_waits_in_vain(void)
{
	begin();
	fake.exclusive_until = fake.now + 3600 * SECOND;
	again(true);
	CHECK_INT(fake.now / SECOND, 151);
	CHECK(!strstr(fake.log, "write "));
	CHECK_TEXT(saved.error.text, "/dev/nvme0n1: not restored: still in use after 150 s, by a write in flight or another program, so 16384 bytes at offset 983040 hold test data now or later");
}

/* The name may be another drive's by then. */
static void test_other_drive(void)
{
	begin();
	fake_file("/sys/dev/block/259:1/wwid", "nvme.other\n");
	strcpy(saved.identity, "nvme.first");
	again(true);
	CHECK(!strstr(fake.log, "write "));
	CHECK_TEXT(saved.error.text, "/dev/nvme0n1: now names another drive, so 16384 bytes at offset 983040 of the first are not restored");
	fake_file("/sys/dev/block/259:1/wwid", "nvme.first\n");
	again(false);
	CHECK_HAS(fake.log, "write 16384 at 0xf0000: ");
}

static void test_gone(void)
{
	begin();
	fake_file_error("/dev/nvme0n1", ENOENT);
	again(true);
	CHECK_TEXT(saved.error.text, "/dev/nvme0n1: cannot open it to restore 16384 bytes at offset 983040: No such file or directory");
}

static void test_flushed(void)
{
	const char *write;

	begin();
	again(false);
	write = strstr(fake.log, "write 16384");
	CHECK(write && strstr(write, "fsync"));
	begin();
	fake.errors[FAKE_FSYNC] = EIO;
	again(true);
	CHECK_TEXT(saved.error.text, "/dev/nvme0n1: cannot restore 16384 bytes at offset 983040: cannot flush the drive: Input/output error");
}

static void test_fails(void)
{
	begin();
	saved.bytes[SIZE - 1] ^= 1;
	again(true);
	CHECK_TEXT(saved.error.text, "/dev/nvme0n1: cannot restore 16384 bytes at offset 983040: Input/output error");
	begin();
	saved.bytes[0] ^= 1;
	fake.errors[FAKE_PWRITE] = EROFS;
	again(true);
	CHECK_HAS(saved.error.text, "983040: Read-only file system");
	/* What was never overwritten, as on a zoned drive, is no loss. */
	begin();
	fake.errors[FAKE_PWRITE] = EIO;
	again(false);
}

/* The file that the remedy names, which is removed again. */
static void kept(const char *folder)
{
	unsigned char bytes[SIZE + 1];
	char wanted[1024], file[512];
	struct stat st;
	FILE *f;

	snprintf(file, sizeof(file), "%s/dmabuf-check-nvme0n1-%d.saved", folder,
		 (int)getpid());
	snprintf(wanted, sizeof(wanted), "they are kept: once the drive is idle, run dd if='%s' of=/dev/nvme0n1 bs=16384 seek=60 conv=notrunc,fsync",
		 file);
	CHECK_TEXT(result.remedy, wanted);
	CHECK_TEXT(result.reason, "the reason");
	CHECK_INT(result.state, CHECK_NO);
	CHECK_INT(stat(file, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	f = fopen(file, "r");
	CHECK_INT(fread(bytes, 1, sizeof(bytes), f), SIZE);
	CHECK(!memcmp(bytes, saved.bytes, SIZE));
	fclose(f);
	unlink(file);
}

static void test_kept(void)
{
	char first[] = "/tmp/dmabuf-XXXXXX", second[] = "/tmp/dmabuf-XXXXXX";
	char before[512], name[512];
	FILE *f;

	begin();
	CHECK(getcwd(before, sizeof(before)) && mkdtemp(first) &&
	      mkdtemp(second) && !chdir(first));
	setenv("TMPDIR", second, 1);
	dmabuf_error_set(&saved.error, -EIO, "the reason");
	check_restore_keep(&saved, &result);
	kept(first);
	/* A file of that name is not touched: the other folder. */
	snprintf(name, sizeof(name), "dmabuf-check-nvme0n1-%d.saved",
		 (int)getpid());
	f = fopen(name, "w");
	fclose(f);
	check_restore_keep(&saved, &result);
	kept(second);
	setenv("TMPDIR", "/nowhere", 1);
	check_restore_keep(&saved, &result);
	CHECK_TEXT(result.remedy, "restore them from a copy of your own: no file could be made in the current folder or in /nowhere to keep them");
	unlink(name);
	CHECK_INT(chdir(before), 0);
	rmdir(first);
	rmdir(second);
	unsetenv("TMPDIR");
}

static const struct check checks[] = {
	{ "blocks are saved", test_save },
	{ "restoring waits for a write in flight", test_waits },
	{ "a drive that stays in use is dirty", test_waits_in_vain },
	{ "another drive of that name is not written to", test_other_drive },
	{ "a drive that is gone", test_gone },
	{ "what is restored is flushed", test_flushed },
	{ "restoring fails", test_fails },
	{ "what is not restored is kept in a file", test_kept },
};

CHECK_MAIN("check-restore", checks)
