/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of a job: which ones a path can use, what they mean for the queue,
 * and that the job closes each of them, even after a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake.h"
#include "job.h"

static struct dmabuf_job job;
static struct dmabuf_error err;

static void begin(enum dmabuf_path path, const char *source)
{
	fake_reset();
	fake_file("/dev/nvme0n1", NULL);
	memset(&err, 0, sizeof(err));
	memset(&job, 0, sizeof(job));
	job.settings.path = path;
	job.settings.direct_io = true;
	job.settings.ring.depth = 4;
	job.traits = dmabuf_path_traits(path);
	CHECK_INT(dmabuf_source_parse(&job.settings.source, source, &err), 0);
}

static void end(void)
{
	dmabuf_job_close(&job);
	CHECK_INT(fake_left(), 0);
}

static void add_file(mode_t mode, bool direct_io, int flags, int code,
		     const char *line)
{
	int fd;

	CHECK_INT(dmabuf_job_expect_files(&job, 1, &err), 0);
	fake.mode = mode;
	fake.file_flags = flags;
	job.settings.direct_io = direct_io;
	fd = open("/dev/nvme0n1", O_RDWR);
	CHECK_INT(dmabuf_job_add_file(&job, "/dev/nvme0n1", fd, &err), code);
	if (code)
		CHECK_ERROR(&err, code, line);
	end();
}

static void test_files(void)
{
	begin(DMABUF_PATH_DIRECT, "heap");
	add_file(S_IFBLK, true, O_DIRECT, 0, NULL);
	begin(DMABUF_PATH_DIRECT, "heap");
	add_file(S_IFBLK, true, 0, 0, NULL);	/* as fio does for trims */
	CHECK_INT(fake.file_flags, O_DIRECT);
	begin(DMABUF_PATH_DIRECT, "heap");
	add_file(S_IFBLK, false, 0, -EINVAL, "/dev/nvme0n1: opened without O_DIRECT, which dmabuf_path=direct needs; set direct=1");
	begin(DMABUF_PATH_DIRECT, "heap");
	add_file(S_IFREG, true, O_DIRECT, -ENOTBLK, "/dev/nvme0n1: not a block device, but dmabuf_path=direct needs an NVMe drive; use /dev/nvmeXnY, or dmabuf_path=staged or host");
	begin(DMABUF_PATH_STAGED, "heap");
	add_file(S_IFREG, false, 0, 0, NULL);
	begin(DMABUF_PATH_HOST, "memory");
	add_file(S_IFBLK, false, 0, 0, NULL);
	begin(DMABUF_PATH_HOST, "memory");
	fake.errors[FAKE_FSTAT] = ENODEV;
	add_file(S_IFBLK, false, 0, -ENODEV, "/dev/nvme0n1: cannot stat: No such device; check that it still exists");
}

static int open_two(mode_t first, mode_t second)
{
	int ret = dmabuf_job_expect_files(&job, 2, &err);

	fake.mode = first;
	if (!ret)
		ret = dmabuf_job_add_file(&job, "/dev/nvme0n1",
				open("/dev/nvme0n1", O_RDWR), &err);
	fake.mode = second;
	if (!ret)
		ret = dmabuf_job_add_file(&job, "/dev/nvme0n1",
				open("/dev/nvme0n1", O_RDWR), &err);
	return ret;
}

/* A read of 0 bytes is the end of a file, but of no block device. */
static void test_endless(void)
{
	static const mode_t modes[][2] = {
		{ S_IFBLK, S_IFBLK }, { S_IFBLK, S_IFREG },
		{ S_IFREG, S_IFBLK }, { S_IFREG, S_IFREG },
	};
	unsigned int i;

	for (i = 0; i < 4; i++) {
		begin(DMABUF_PATH_HOST, "memory");
		CHECK_INT(dmabuf_job_setup_ring(&job, &err), 0);
		CHECK_INT(open_two(modes[i][0], modes[i][1]), 0);
		CHECK_INT(dmabuf_job_register_files(&job, &err), 0);
		CHECK_INT(job.queue.endless, i == 0);
		end();
	}
}

/* Files that fio opens and closes: checked at the start, registered later. */
static void test_reopens(void)
{
	begin(DMABUF_PATH_HOST, "memory");
	job.settings.reopens = true;
	CHECK_INT(dmabuf_job_setup_ring(&job, &err), 0);
	CHECK_INT(open_two(S_IFREG, S_IFREG), 0);
	CHECK_INT(dmabuf_job_register_files(&job, &err), 0);
	CHECK_INT(fake_registry.files[0], -1);
	CHECK_INT(fake_registry.files[1], -1);
	CHECK_INT(dmabuf_job_update_file(&job, 1, 42, &err), 0);
	CHECK_INT(fake_registry.files[0], -1);
	CHECK_INT(fake_registry.files[1], 42);
	CHECK_INT(dmabuf_job_update_file(&job, 1, -1, &err), 0);
	CHECK_INT(fake_registry.files[1], -1);
	fake.errors[FAKE_REGISTER_FILES] = ENOMEM;
	CHECK_INT(dmabuf_job_update_file(&job, 1, 42, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "/dev/nvme0n1: io_uring cannot register the file: Cannot allocate memory; raise openfiles to nrfiles, or see the kernel log");
	end();
}

static void block(uint64_t io, int size, mode_t mode, bool direct_io, int code)
{
	begin(DMABUF_PATH_HOST, "memory");
	job.settings.min_io = io;
	fake.block_size = size;
	add_file(mode, direct_io, 0, code, "/dev/nvme0n1: I/Os of 512 bytes are no multiple of the logical block of this drive, 4 KiB; set bs (and bssplit, bsrange) to multiples of it");
}

static void test_logical_blocks(void)
{
	block(512, 4096, S_IFBLK, true, -EINVAL);
	block(512, 512, S_IFBLK, true, 0);
	block(8192, 4096, S_IFBLK, true, 0);
	/* Through the page cache; a file; no reads and writes; unknown. */
	block(512, 4096, S_IFBLK, false, 0);
	block(512, 4096, S_IFREG, true, 0);
	block(0, 4096, S_IFBLK, true, 0);
	block(512, 0, S_IFBLK, true, 0);
}

static void test_files_refused(void)
{
	begin(DMABUF_PATH_HOST, "memory");
	CHECK_INT(dmabuf_job_setup_ring(&job, &err), 0);
	CHECK_INT(open_two(S_IFREG, S_IFREG), 0);
	fake.errors[FAKE_REGISTER_FILES] = EMFILE;
	CHECK_INT(dmabuf_job_register_files(&job, &err), -EMFILE);
	CHECK_ERROR(&err, -EMFILE, "io_uring: cannot register 2 files: Too many open files; lower nrfiles, or raise the limit with ulimit -n");
	end();
}

static const struct check checks[] = {
	{ "files", test_files },
	{ "endless targets", test_endless },
	{ "files that fio reopens", test_reopens },
	{ "logical blocks", test_logical_blocks },
	{ "files refused", test_files_refused },
};

CHECK_MAIN("job, files", checks)
