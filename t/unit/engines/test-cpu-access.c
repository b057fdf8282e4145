/* SPDX-License-Identifier: GPL-2.0-only */
/* DMA_BUF_IOCTL_SYNC: its flags, and which errors are retried. */
#include <errno.h>
#include <unistd.h>

#include "t/unit/check.h"
#include "cpu-access.h"
#include "t/unit/fake/fake.h"

static void test_flags(void)
{
	int fd = fake_fd("dma-buf");

	CHECK_INT(dmabuf_access_begin(fd, DMABUF_ACCESS_READ), 0);
	CHECK_INT(dmabuf_access_end(fd, DMABUF_ACCESS_READ), 0);
	CHECK_INT(dmabuf_access_begin(fd, DMABUF_ACCESS_WRITE), 0);
	CHECK_INT(dmabuf_access_end(fd, DMABUF_ACCESS_WRITE), 0);
	CHECK_INT(dmabuf_access_begin(fd, DMABUF_ACCESS_BOTH), 0);
	CHECK_INT(dmabuf_access_end(fd, DMABUF_ACCESS_BOTH), 0);
	CHECK_TEXT(fake.log, "start read 1000\nend read 1000\n"
		   "start write 1000\nend write 1000\n"
		   "start both 1000\nend both 1000\n");
	CHECK_INT(DMABUF_ACCESS_READ, 1);
	CHECK_INT(DMABUF_ACCESS_WRITE, 2);
	close(fd);
}

static void test_tried_again(void)
{
	static const int errors[] = { EINTR, EAGAIN };
	int fd = fake_fd("dma-buf"), i;

	for (i = 0; i < 2; i++) {
		fake.log[0] = '\0';
		fake.calls = 0;
		fake.fail_at = 1;
		fake.fail_errno = errors[i];
		CHECK_INT(dmabuf_access_begin(fd, DMABUF_ACCESS_READ), 0);
		CHECK_INT(fake.calls, 2);
		CHECK_TEXT(fake.log,
			   "start read 1000 refused\nstart read 1000\n");
	}
	close(fd);
}

static void test_refused(void)
{
	static const int errors[] = { ENOTTY, EBADF, EINVAL, EIO, ENODEV };
	int fd = fake_fd("dma-buf"), i;

	for (i = 0; i < 5; i++) {
		fake.calls = 0;
		fake.errors[FAKE_SYNC] = errors[i];
		CHECK_INT(dmabuf_access_begin(fd, DMABUF_ACCESS_WRITE),
			  -errors[i]);
		CHECK_INT(dmabuf_access_end(fd, DMABUF_ACCESS_WRITE),
			  -errors[i]);
		CHECK_INT(fake.calls, 2);
	}
	close(fd);
}

static const struct check checks[] = {
	{ "flags", test_flags },
	{ "what is tried again", test_tried_again },
	{ "what is refused", test_refused },
};

CHECK_MAIN("cpu-access", checks)
