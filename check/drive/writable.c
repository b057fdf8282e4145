/* SPDX-License-Identifier: GPL-2.0-only */
/* Opens a drive exclusively and checks that it is empty, in a subprocess. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check/subprocess.h"
#include "empty.h"
#include "writable.h"

#define SECONDS		30

struct look {
	char name[PATH_MAX];
	bool force;
	struct check_result result;
};

static void look(void *shared)
{
	struct look *l = shared;
	uint64_t size = 0;
	struct stat st;
	/* O_EXCL fails while the drive is mounted or otherwise in use. */
	int fd = open(l->name, O_RDWR | O_EXCL | O_DIRECT | O_CLOEXEC);

	if (fd < 0 && errno == EBUSY)
		check_say(&l->result, CHECK_NO,
			  "%s: not written to: in use (mounted, swap, RAID or similar); use another drive",
			  l->name);
	else if (fd < 0)
		check_say(&l->result, CHECK_NO,
			  "%s: not written to: %s; run as root", l->name,
			  strerror(errno));
	else if (fstat(fd, &st) || ioctl(fd, BLKGETSIZE64, &size))
		check_say(&l->result, CHECK_NO,
			  "%s: not written to: %s; use a block device",
			  l->name, strerror(errno));
	else
		check_empty(&l->result, l->name, fd, size, "/sys", st.st_rdev,
			    l->force);
	if (fd >= 0)
		close(fd);
}

void check_writable_try(struct check_result *result, const char *name,
			bool force)
{
	struct look *l = check_shared_alloc(sizeof(*l));
	int ret;

	if (!l) {
		check_say(result, CHECK_NO,
			  "%s: not written to: out of memory", name);
		return;
	}
	snprintf(l->name, sizeof(l->name), "%s", name);
	l->force = force;
	ret = check_subprocess(look, l, SECONDS);
	*result = l->result;
	check_shared_free(l, sizeof(*l));
	if (ret || result->state == CHECK_UNKNOWN)
		check_say(result, CHECK_NO,
			  "%s: not written to: checking that it is empty failed; see the kernel log",
			  name);
}
