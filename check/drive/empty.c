/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refuses to write to a drive unless it is certainly empty. Partition tables
 * and the labels of file systems, RAID, LVM, LUKS and ZFS are in the first or
 * the last MiB, so one non-zero byte there is enough to refuse.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "check/sysfs.h"
#include "empty.h"

#define PIECE	65536

/* Returns -EEXIST for the first non-zero byte, with its offset in *at. */
static int all_zero(int fd, uint64_t from, uint64_t size, uint64_t *at)
{
	unsigned char *piece = aligned_alloc(4096, PIECE);
	uint64_t done;
	int ret = 0, i;

	if (!piece)
		return -ENOMEM;
	for (done = 0; !ret && done < size; done += PIECE) {
		ssize_t n = pread(fd, piece, PIECE, from + done);

		if (n != PIECE)
			ret = n < 0 ? -errno : -EIO;
		for (i = 0; !ret && i < PIECE; i++)
			if (piece[i]) {
				*at = from + done + i;
				ret = -EEXIST;
			}
	}
	free(piece);
	return ret;
}

/* The name of the first partition, or else of the first holder. */
static bool find_user(const char *dir, char *user, size_t size)
{
	char path[CHECK_PATH], word[16];
	struct dirent *entry;
	DIR *d = opendir(dir);

	user[0] = '\0';
	while (d && !user[0] && (entry = readdir(d)))
		if (entry->d_name[0] != '.' &&
		    check_read(word, sizeof(word), "%.3000s/%s/partition", dir,
			       entry->d_name))
			snprintf(user, size, "%.60s", entry->d_name);
	if (d)
		closedir(d);

	if (user[0] || !check_path(path, "%.3000s/holders", dir))
		return user[0];
	d = opendir(path);
	while (d && !user[0] && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			snprintf(user, size, "%.60s", entry->d_name);
	if (d)
		closedir(d);
	return user[0];
}

static void look_at_data(struct check_result *result, const char *name,
			 int fd, uint64_t size)
{
	uint64_t at = 0;
	int ret = all_zero(fd, 0, CHECK_EDGE, &at);

	if (!ret)
		ret = all_zero(fd, size - CHECK_EDGE, CHECK_EDGE, &at);
	if (ret == -EEXIST)
		check_say(result, CHECK_NO,
			  "%s: not written to: not empty, byte %llu is not zero; use an empty drive, or add --force if its data may be lost",
			  name, (unsigned long long)at);
	else if (ret)
		check_say(result, CHECK_NO,
			  "%s: not written to: cannot read it: %s; see the kernel log",
			  name, strerror(-ret));
	else
		check_ok(result);
}

void check_empty(struct check_result *result, const char *name, int fd,
		 uint64_t size, const char *sys, dev_t rdev, bool force)
{
	char dir[CHECK_PATH], user[64], word[16];

	if (size < 2 * CHECK_EDGE) {
		check_say(result, CHECK_NO,
			  "%s: not written to: smaller than 2 MiB; use a larger drive",
			  name);
		return;
	}
	if (!check_path(dir, "%s/dev/block/%u:%u", sys, major(rdev),
			minor(rdev)))
		return;
	if (check_read(word, sizeof(word), "%.3000s/partition", dir)) {
		check_say(result, CHECK_NO,
			  "%s: not written to: a partition; use a whole drive",
			  name);
		return;
	}
	if (force) {
		check_ok(result);
		return;
	}
	if (find_user(dir, user, sizeof(user))) {
		check_say(result, CHECK_NO,
			  "%s: not written to: not empty, %s is on it; use an empty drive, or add --force if its data may be lost",
			  name, user);
		return;
	}
	look_at_data(result, name, fd, size);
}
