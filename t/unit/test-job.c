/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a job without fio: what is asked of the kernel and in which
 * order, where slices point, and that a failure of any single call leaves
 * nothing behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "check.h"
#include "fake.h"
#include "job.h"

#define UNIT	(128 << 10)
#define UNITS	12

static struct dmabuf_job job;
static struct dmabuf_error err;

static void begin(enum dmabuf_path path, const char *source)
{
	fake_reset();
	fake_file("/dev/udmabuf", NULL);
	fake_file("/dev/dma_heap/system", NULL);
	fake_file("/dev/nvme0n1", NULL);
	fake_registry.interface = FAKE_B_V5;
	fake_registry.dmabuf_size = 4 * UNIT;
	fake_kernel.answer = fake_drive;
	memset(&err, 0, sizeof(err));
	memset(&job, 0, sizeof(job));
	job.settings.path = path;
	job.settings.chunk_max = 4 * UNIT;
	job.settings.direct_io = true;
	job.settings.warmup = true;
	job.settings.ring.depth = UNITS;
	job.traits = dmabuf_path_traits(path);
	CHECK_INT(dmabuf_source_parse(&job.settings.source, source, &err), 0);
}

static int alloc(void)
{
	struct dmabuf_layout layout = { .unit = UNIT, .units = UNITS };

	return dmabuf_job_alloc(&job, &layout, &err);
}

static int open_files(unsigned int nr)
{
	int ret = dmabuf_job_expect_files(&job, nr, &err);

	while (!ret && nr--) {
		int fd = open("/dev/nvme0n1", O_RDWR | O_DIRECT);

		if (fd < 0)
			return dmabuf_error_set(&err, -errno, "fio's own; x");
		ret = dmabuf_job_add_file(&job, "/dev/nvme0n1", fd, &err);
	}
	return ret ? ret : dmabuf_job_register_files(&job, &err);
}

/* As fio calls the hooks. */
static int start(unsigned int nr_files)
{
	int ret = alloc();

	if (!ret)
		ret = dmabuf_job_begin_fill(&job, &err);
	if (!ret)
		ret = dmabuf_job_setup_ring(&job, &err);
	if (!ret)
		ret = open_files(nr_files);
	if (!ret)
		ret = dmabuf_job_end_fill(&job, &err);
	return ret ? ret : dmabuf_job_register(&job, &err);
}

static void end(void)
{
	dmabuf_job_free(&job);
	dmabuf_job_close(&job);
	CHECK_INT(fake_left(), 0);
}

static void slice_is(uint32_t unit, unsigned int file, uint64_t addr,
		     unsigned int slot)
{
	struct io_uring_sqe sqe = { 0 };

	dmabuf_job_slice(&job, &sqe, job.buffer.base + unit * UNIT, file);
	CHECK_INT(sqe.addr, addr);
	CHECK_INT(sqe.buf_index, slot);
}

static void test_direct(void)
{
	unsigned int i, file;

	begin(DMABUF_PATH_DIRECT, "heap");
	if (!CHECK_INT(start(2), 0)) {
		CHECK_TEXT(err.text, "");
		return;
	}
	CHECK_INT(job.chunks, 3);
	CHECK_INT(job.bytes, UNIT * UNITS);
	CHECK_INT(job.times.registrations, 6);
	CHECK_INT(job.times.warmups, 6);
	CHECK_TEXT(job.interface.name, "B (v5 or later)");
	CHECK_INT(fake_registry.slots, 6);
	CHECK_HAS(fake.log, "table 6\nupdate 0+6\n");
	/* One registration for each file and chunk; offsets into the chunk. */
	for (file = 0; file < 2; file++)
		for (i = 0; i < UNITS; i++) {
			unsigned int slot = i / 4 + 3 * file;

			slice_is(i, file, i % 4 * UNIT, slot);
			CHECK_INT(fake_registry.slot[slot].dmabuf_fd,
				  job.buffer.chunks[i / 4].fd);
			CHECK_INT(fake_registry.slot[slot].target_fd,
				  job.files[file].fd);
		}
	end();
}

static void test_one_chunk(void)
{
	unsigned int i;

	begin(DMABUF_PATH_DIRECT, "udmabuf");
	job.settings.chunk_max = 0;
	fake_registry.dmabuf_size = UNIT * UNITS;
	if (!CHECK_INT(start(1), 0))
		return;
	CHECK_INT(job.chunks, 1);
	for (i = 0; i < UNITS; i++)
		slice_is(i, 0, i * UNIT, 0);
	end();
}

/* Ordinary buffers: one per chunk, for all files. */
static void ordinary(enum dmabuf_path path, const char *source)
{
	unsigned int i, file;
	const char *base;

	begin(path, source);
	if (!CHECK_INT(start(2), 0)) {
		CHECK_TEXT(err.text, "");
		return;
	}
	CHECK_HAS(fake.log, "buffers 3, first of 524288 bytes\n");
	CHECK_INT(job.times.registrations, 3);
	CHECK_INT(job.times.warmups, 0);
	CHECK_INT(fake_kernel.enters, 0);
	CHECK_INT(fake_registry.calls, 0);
	base = path == DMABUF_PATH_STAGED ? job.bounce.base : job.buffer.base;
	for (file = 0; file < 2; file++)
		for (i = 0; i < UNITS; i++)
			slice_is(i, file, (uintptr_t)base + i * UNIT, i / 4);
	end();
}

static void test_other_paths(void)
{
	ordinary(DMABUF_PATH_HOST, "memory");
	ordinary(DMABUF_PATH_PINNED, "udmabuf");
	ordinary(DMABUF_PATH_STAGED, "heap");
	ordinary(DMABUF_PATH_STAGED, "udmabuf");
}

static void no_fill(enum dmabuf_path path, const char *source,
		    enum dmabuf_sync sync)
{
	begin(path, source);
	job.settings.sync = sync;
	CHECK_INT(alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(&job, &err), 0);
	CHECK(!job.filling);
	CHECK_INT(dmabuf_job_end_fill(&job, &err), 0);
	CHECK(!strstr(fake.log, "write"));
	CHECK_INT(job.times.sync_calls, 0);
	end();
}

/* fio fills its buffers between alloc and the first I/O. */
static void test_fill(void)
{
	static const char start3[] =
		"start write 1001\nstart write 1003\nstart write 1005\n";
	static const char end3[] =
		"end write 1001\nend write 1003\nend write 1005\n";
	const char *at;

	begin(DMABUF_PATH_STAGED, "heap");
	CHECK_INT(alloc(), 0);
	CHECK(!job.filling);
	CHECK(!strstr(fake.log, "write"));
	CHECK_INT(dmabuf_job_begin_fill(&job, &err), 0);
	at = strstr(fake.log, start3);
	CHECK(at && !strcmp(at, start3));
	CHECK(job.filling);
	CHECK_INT(job.times.sync_calls, 3);
	fake.log[0] = '\0';
	CHECK_INT(dmabuf_job_end_fill(&job, &err), 0);
	CHECK_TEXT(fake.log, end3);
	CHECK_INT(dmabuf_job_end_fill(&job, &err), 0);
	CHECK_TEXT(fake.log, end3);
	CHECK_INT(job.times.sync_calls, 6);
	end();

	/* Left open, it ends with the memory. */
	begin(DMABUF_PATH_DIRECT, "heap");
	CHECK_INT(alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(&job, &err), 0);
	fake.log[0] = '\0';
	dmabuf_job_free(&job);
	CHECK(!strncmp(fake.log, end3, strlen(end3)));
	end();

	/* Not wanted; past the dma-buf; without one. */
	no_fill(DMABUF_PATH_DIRECT, "heap", DMABUF_SYNC_NEVER);
	no_fill(DMABUF_PATH_STAGED, "heap", DMABUF_SYNC_NEVER);
	no_fill(DMABUF_PATH_PINNED, "udmabuf", DMABUF_SYNC_ALWAYS);
	no_fill(DMABUF_PATH_HOST, "memory", DMABUF_SYNC_ALWAYS);
}

static void test_chunk_sizes(void)
{
	static const struct {
		enum dmabuf_path path;
		const char *source;
	} jobs[] = {
		{ DMABUF_PATH_DIRECT, "heap" },
		{ DMABUF_PATH_DIRECT, "udmabuf" },
		{ DMABUF_PATH_HOST, "memory" },
	};
	struct dmabuf_layout layout = { .unit = 512 << 20, .units = 3 };
	unsigned int i;

	/* Not said: the largest that every kernel takes. */
	for (i = 0; i < 3; i++) {
		begin(jobs[i].path, jobs[i].source);
		job.settings.chunk_max = 0;
		CHECK_INT(dmabuf_job_alloc(&job, &layout, &err), 0);
		CHECK_INT(job.chunks, 2);
		CHECK_INT(job.buffer.chunks[0].size, 1 << 30);
		CHECK_INT(job.buffer.chunks[1].size, 512 << 20);
		end();
	}
	/* Or what the source can do, */
	begin(DMABUF_PATH_DIRECT, "udmabuf");
	fake_file("/sys/module/udmabuf/parameters/size_limit_mb", "512\n");
	job.settings.chunk_max = 0;
	CHECK_INT(dmabuf_job_alloc(&job, &layout, &err), 0);
	CHECK_INT(job.chunks, 3);
	end();
	/* or what was said. */
	begin(DMABUF_PATH_DIRECT, "heap");
	job.settings.chunk_max = 2ULL << 30;
	CHECK_INT(dmabuf_job_alloc(&job, &layout, &err), 0);
	CHECK_INT(job.chunks, 1);
	end();
}

/* Half of it would starve the machine: not one chunk is allocated. */
static void test_more_than_fits(void)
{
	struct dmabuf_layout layout = { .unit = 32 << 20, .units = 1024 };

	begin(DMABUF_PATH_DIRECT, "heap");
	job.settings.chunk_max = 0;
	fake_file("/proc/meminfo", "MemAvailable: 16777216 kB\n");
	CHECK_INT(dmabuf_job_alloc(&job, &layout, &err), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=heap:system: 32 GiB needed, 16 GiB of memory available; lower iodepth, bs or numjobs");
	CHECK_TEXT(fake.log, "");
	CHECK_INT(job.chunks, 0);
	CHECK(!job.buffer.base && !job.slots && !job.open);
	end();

	/* The staged path's own buffers are memory as well. */
	begin(DMABUF_PATH_STAGED, "heap:reserved");
	fake_file("/dev/dma_heap/reserved", NULL);
	fake_file("/proc/meminfo", "MemAvailable: 1024 kB\n");
	CHECK_INT(alloc(), -ENOMEM);
	CHECK_ERROR(&err, -ENOMEM, "dmabuf_source=memory: 1536 KiB needed, 1 MiB of memory available; lower iodepth, bs or numjobs");
	CHECK(!job.buffer.base && !job.slots && !job.open);
	end();
}

/*
 * Slices all over three chunks: fio's addresses follow one another, offsets in
 * the dma-bufs do not.
 */
static void test_placed(void)
{
	unsigned int i;

	begin(DMABUF_PATH_DIRECT, "heap");
	job.settings.place = DMABUF_PLACE_SPREAD;
	job.settings.size = 24 * UNIT;
	job.settings.chunk_max = 8 * UNIT;
	fake_registry.dmabuf_size = 8 * UNIT;
	if (!CHECK_INT(start(2), 0)) {
		CHECK_TEXT(err.text, "");
		return;
	}
	CHECK_INT(job.chunks, 3);
	CHECK_INT(job.bytes, 24 * UNIT);
	CHECK_INT(job.times.registrations, 6);
	CHECK_INT(job.times.warmups, 6);
	/* 24 slots for 12 units: every other one. */
	for (i = 0; i < UNITS; i++) {
		slice_is(i, 0, 2 * i % 8 * UNIT, i / 4);
		slice_is(i, 1, 2 * i % 8 * UNIT, i / 4 + 3);
	}
	end();

	/* All in the last chunk: the others are not warmed up. */
	begin(DMABUF_PATH_DIRECT, "heap");
	job.settings.place = DMABUF_PLACE_TAIL;
	job.settings.size = 48 * UNIT;
	job.settings.chunk_max = 16 * UNIT;
	fake_registry.dmabuf_size = 16 * UNIT;
	CHECK_INT(start(1), 0);
	CHECK_INT(job.times.registrations, 3);
	CHECK_INT(job.times.warmups, 1);
	for (i = 0; i < UNITS; i++)
		slice_is(i, 0, (i + 4) * UNIT, 2);
	end();

	/* Ordinary buffers are the addresses themselves. */
	begin(DMABUF_PATH_PINNED, "udmabuf");
	job.settings.place = DMABUF_PLACE_RANDOM;
	job.settings.size = 48 * UNIT;
	CHECK_INT(start(1), 0);
	CHECK_INT(job.times.registrations, UNITS);
	for (i = 0; i < UNITS; i++)
		slice_is(i, 0, (uintptr_t)job.buffer.base + i * UNIT, i);
	end();

	begin(DMABUF_PATH_HOST, "memory");
	job.settings.size = 48 * UNIT;
	CHECK_INT(alloc(), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "dmabuf_path=host: without a dma-buf there is nothing to place slices in; leave dmabuf_place and dmabuf_size out");
	end();
}

/* As a replayed log does: other memory, the same ring and files. */
static void test_memory_is_replaced(void)
{
	begin(DMABUF_PATH_DIRECT, "heap");
	if (!CHECK_INT(start(1), 0))
		return;
	dmabuf_job_free(&job);
	CHECK_HAS(fake.log, "unregister buffers\n");
	CHECK(!job.registered && !job.buffer.base);
	CHECK_INT(alloc(), 0);
	CHECK_INT(dmabuf_job_register(&job, &err), 0);
	/* Which reads into it, so fio's access begins after that. */
	CHECK_INT(dmabuf_job_begin_fill(&job, &err), 0);
	CHECK(job.filling);
	CHECK_INT(fake_registry.slots, 3);
	CHECK_INT(fake_registry.slot[2].dmabuf_fd, job.buffer.chunks[2].fd);
	slice_is(11, 0, 3 * UNIT, 2);
	end();
	/* Harmless a second time. */
	dmabuf_job_free(&job);
	dmabuf_job_close(&job);
	CHECK_INT(fake_left(), 0);
}

static void test_too_many_slots(void)
{
	struct dmabuf_layout layout = { .unit = 4096, .units = 1024 };

	begin(DMABUF_PATH_DIRECT, "heap");
	job.settings.chunk_max = 4096;
	CHECK_INT(dmabuf_job_alloc(&job, &layout, &err), 0);
	CHECK_INT(job.chunks, 1024);
	CHECK_INT(dmabuf_job_setup_ring(&job, &err), 0);
	CHECK_INT(open_files(17), 0);
	CHECK_INT(dmabuf_job_register(&job, &err), -EINVAL);
	CHECK_ERROR(&err, -EINVAL, "io_uring: 1024 buffers for 17 files are more than its 16384 slots; raise dmabuf_chunk, or lower iodepth or nrfiles");
	end();
}

static void test_refused_registration(void)
{
	begin(DMABUF_PATH_DIRECT, "heap");
	fake_registry.refused_slot = 4;
	fake_registry.refused_errno = EINVAL;
	fake.disk = "/sys/devices/pci0000:00/0000:00:05.0/virtio1/block/vda";
	CHECK_INT(start(2), -EINVAL);
	CHECK_HAS(err.text, "/dev/nvme0n1: not an NVMe drive, and the driver of vda takes no dma-bufs; ");
	/* The half-filled table does not stay either. */
	CHECK_INT(fake_registry.slots, 0);
	CHECK(!job.registered);
	end();
}

static void test_sync_refused(void)
{
	begin(DMABUF_PATH_DIRECT, "heap");
	fake.errors[FAKE_SYNC] = ENOTTY;
	CHECK_INT(alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(&job, &err), -ENOTTY);
	CHECK_ERROR(&err, -ENOTTY, "dmabuf_source=heap:system: DMA_BUF_IOCTL_SYNC: Inappropriate ioctl for device; dmabuf_sync=never leaves it out");
	end();

	begin(DMABUF_PATH_DIRECT, "heap");
	CHECK_INT(alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(&job, &err), 0);
	fake.errors[FAKE_SYNC] = EIO;
	CHECK_INT(dmabuf_job_end_fill(&job, &err), -EIO);
	CHECK_ERROR(&err, -EIO, "dmabuf_source=heap:system: DMA_BUF_IOCTL_SYNC: Input/output error; dmabuf_sync=never leaves it out");
	CHECK(!job.filling);
	end();
}

/* One of three chunks is refused: what began ends, and nothing else. */
static void test_fill_refused(void)
{
	begin(DMABUF_PATH_DIRECT, "heap");
	CHECK_INT(alloc(), 0);
	fake.log[0] = '\0';
	fake.calls = 0;
	fake.fail_at = 2;
	fake.fail_errno = EIO;
	CHECK_INT(dmabuf_job_begin_fill(&job, &err), -EIO);
	dmabuf_job_free(&job);
	CHECK(!strncmp(fake.log, "start write 1001\nstart write 1003 refused\nend write 1001\nclose ", 63));
	end();

	begin(DMABUF_PATH_DIRECT, "heap");
	CHECK_INT(alloc(), 0);
	CHECK_INT(dmabuf_job_begin_fill(&job, &err), 0);
	fake.log[0] = '\0';
	fake.calls = 0;
	fake.fail_at = 1;
	fake.fail_errno = EIO;
	CHECK_INT(dmabuf_job_end_fill(&job, &err), -EIO);
	CHECK_TEXT(fake.log, "end write 1001 refused\nend write 1003\nend write 1005\n");
	CHECK_INT(dmabuf_job_end_fill(&job, &err), 0);
	end();
}

/* The n-th call fails, for every n there is, on every path. */
static void test_every_call_can_fail(void)
{
	static const struct {
		enum dmabuf_path path;
		const char *source;
	} jobs[] = {
		{ DMABUF_PATH_DIRECT, "heap" },
		{ DMABUF_PATH_DIRECT, "udmabuf" },
		{ DMABUF_PATH_PINNED, "udmabuf" },
		{ DMABUF_PATH_STAGED, "heap" },
		{ DMABUF_PATH_HOST, "memory" },
	};
	static const int errors[] = { ENOMEM, EIO, EMFILE };
	unsigned int j, e, at, failures = 0;
	int ret;

	for (j = 0; j < sizeof(jobs) / sizeof(jobs[0]); j++)
		for (e = 0; e < 3; e++)
			for (at = 1; ; at++) {
				begin(jobs[j].path, jobs[j].source);
				fake.fail_at = at;
				fake.fail_errno = errors[e];
				ret = start(2);
				if (ret) {
					failures++;
					CHECK_INT(err.code, ret);
					CHECK(strchr(err.text, ';') ||
					      strchr(err.text, '?'));
				}
				end();
				if (fake.calls < at)
					break;
			}
	CHECK_INT(ret, 0);
	/* Each job makes dozens of calls, and most of them matter. */
	CHECK(failures > 200);
}

static void test_times(void)
{
	begin(DMABUF_PATH_HOST, "memory");
	fake.tick = 1000;
	CHECK_INT(start(1), 0);
	CHECK_INT(job.times.register_ns, 1000);
	end();
	begin(DMABUF_PATH_DIRECT, "heap");
	fake.tick = 1000;
	CHECK_INT(start(1), 0);
	CHECK_INT(job.times.register_ns, 1000);
	CHECK_INT(job.times.first_map_ns, 3000);
	CHECK_INT(job.times.first_map_max_ns, 1000);
	end();
}

static const struct check checks[] = {
	{ "direct", test_direct },
	{ "direct, one chunk", test_one_chunk },
	{ "other paths", test_other_paths },
	{ "the first fill", test_fill },
	{ "sizes of chunks", test_chunk_sizes },
	{ "slices placed", test_placed },
	{ "more than fits", test_more_than_fits },
	{ "memory is replaced", test_memory_is_replaced },
	{ "too many slots", test_too_many_slots },
	{ "a refused registration", test_refused_registration },
	{ "DMA_BUF_IOCTL_SYNC refused", test_sync_refused },
	{ "the fill refused", test_fill_refused },
	{ "every call can fail", test_every_call_can_fail },
	{ "times", test_times },
};

CHECK_MAIN("job", checks)
