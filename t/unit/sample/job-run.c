/* SPDX-License-Identifier: GPL-2.0-only */
/* A job from its memory to its registration, on the scripted system. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake-register.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake-system.h"
#include "job-run.h"

struct job_run job_run;

static struct dmabuf_job *const job = &job_run.job;
static struct dmabuf_error *const err = &job_run.err;

void job_run_begin(enum dmabuf_path path, const char *source)
{
	fake_reset();
	fake_file("/dev/udmabuf", NULL);
	fake_file("/dev/dma_heap/system", NULL);
	fake_file("/dev/nvme0n1", NULL);
	fake_registry.interface = FAKE_B_V5;
	fake_registry.dmabuf_size = 4 * UNIT;
	fake_kernel.answer = fake_drive;
	memset(err, 0, sizeof(*err));
	memset(job, 0, sizeof(*job));
	job->settings.path = path;
	job->settings.chunk_max = 4 * UNIT;
	job->settings.direct_io = true;
	job->settings.warmup = true;
	job->settings.ring.depth = UNITS;
	job->traits = dmabuf_path_traits(path);
	CHECK_INT(dmabuf_source_parse(&job->settings.source, source, err), 0);
}

int job_run_alloc(void)
{
	struct dmabuf_layout layout = { .unit = UNIT, .units = UNITS };

	return dmabuf_job_alloc(job, &layout, err);
}

int job_run_open_files(unsigned int nr)
{
	int ret = dmabuf_job_expect_files(job, nr, err);

	while (!ret && nr--) {
		int fd = open("/dev/nvme0n1", O_RDWR | O_DIRECT);

		if (fd < 0)
			return dmabuf_error_set(err, -errno, "fio's own; x");
		ret = dmabuf_job_add_file(job, "/dev/nvme0n1", fd, err);
	}
	return ret ? ret : dmabuf_job_register_files(job, err);
}

/* As fio calls the hooks. */
int job_run_start(unsigned int nr_files)
{
	int ret = job_run_alloc();

	if (!ret)
		ret = dmabuf_job_begin_fill(job, err);
	if (!ret)
		ret = dmabuf_job_setup_ring(job, err);
	if (!ret)
		ret = job_run_open_files(nr_files);
	if (!ret)
		ret = dmabuf_job_end_fill(job, err);
	return ret ? ret : dmabuf_job_register(job, err);
}

void job_run_end(void)
{
	dmabuf_job_free(job);
	dmabuf_job_close(job);
	CHECK_INT(fake_left(), 0);
}

void job_run_slice_is(uint32_t unit, unsigned int file, uint64_t addr,
		      unsigned int slot)
{
	struct io_uring_sqe sqe = { 0 };

	dmabuf_job_slice(job, &sqe, job->buffer.base + unit * UNIT, file);
	CHECK_INT(sqe.addr, addr);
	CHECK_INT(sqe.buf_index, slot);
}
