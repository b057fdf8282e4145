/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The data of the warm-up read: data that arrives or does not, a block that
 * somebody else writes, and the CPU access around the copies.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-ring.h"
#include "t/unit/fake/fake.h"
#include "t/unit/sample/warmup-sample.h"

static struct warmup_sample *const s = &warmup_sample;
static struct dmabuf_job *const job = &warmup_sample.job;
static struct dmabuf_error *const err = &warmup_sample.err;

#define LOST	"/dev/nvme0n1: the drive reported success, but the data did not arrive in the dma-buf from heap:system, so peer-to-peer DMA does not work here; try iommu=pt, another PCI slot or dmabuf_path=staged"
#define NEVER	"/dev/nvme0n1: the first block read through the dma-buf from heap:system never equals an ordinary read, so another job keeps writing it or data is corrupted on the way; start that job later, or set dmabuf_warmup=0"

/* The drive reports success, but (part of) the slice is unchanged. */
static void test_data_does_not_arrive(void)
{
	static const struct {
		unsigned int from, bytes;
	} lost[] = {
		{ 0, 4096 }, { 0, 16 }, { 16, 16 }, { 2048, 16 }, { 4080, 16 },
		{ 1, 31 }, { 512, 512 }, { 0, 4095 }, { 1, 4095 },
	};
	size_t i;

	for (i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		warmup_sample_begin();
		fake.block_size = 4096;
		s->lost_from = lost[i].from;
		s->lost_bytes = lost[i].bytes;
		CHECK_INT(dmabuf_warmup(job, err), -EIO);
		CHECK_ERROR(err, -EIO, LOST);
		CHECK_INT(s->reads, 1);
		CHECK_INT(job->stats.warmups, 0);
		warmup_sample_end();
	}
	/* The memory held the same data before: that must not pass. */
	warmup_sample_begin();
	for (i = 0; i < 512; i++)
		job->buffer.base[i] = fake_byte(i);
	s->lost_bytes = 512;
	CHECK_INT(dmabuf_warmup(job, err), -EIO);
	CHECK_ERROR(err, -EIO, LOST);
	for (i = 0; i < 512; i++) {
		CHECK(job->buffer.base[i] == (char)fake_byte(i));
		job->buffer.base[i] = i * 7;
	}
	warmup_sample_end();
}

/* Another job writes the block in between: the next try may be equal. */
static void test_block_changes(void)
{
	static const unsigned int tries[] = { 1, 2, 17, 99 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		warmup_sample_begin();
		s->spoiled = tries[i];
		CHECK_INT(dmabuf_warmup(job, err), 0);
		CHECK_INT(s->reads, CHUNKS * FILES + tries[i]);
		CHECK_INT(job->stats.warmups, CHUNKS * FILES);
		CHECK_INT(job->queue.stats.ios[IORING_OP_READ_FIXED], 0);
		warmup_sample_end();
	}
	/* Only the first read set up the mapping. */
	warmup_sample_begin();
	warmup_sample_single();
	s->spoiled = 5;
	fake_kernel.enter_ns = 1000;
	fake_kernel.lazy = true;
	CHECK_INT(dmabuf_warmup(job, err), 0);
	CHECK_INT(job->stats.first_map_ns, 2000);
	CHECK_INT(job->stats.first_map_max_ns, 2000);
	warmup_sample_end();
}

/* Even a small difference is an error. */
static void test_never_the_same(void)
{
	static const unsigned int from[] = { 0, 1, 256, 511 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		warmup_sample_begin();
		s->spoiled = 100;
		s->spoiled_from = from[i];
		CHECK_INT(dmabuf_warmup(job, err), -EIO);
		CHECK_ERROR(err, -EIO, NEVER);
		CHECK_INT(s->reads, 100);
		CHECK_INT(job->stats.warmups, 1);
		warmup_sample_end();
	}
	/* Even a few missing bytes are noticed. */
	warmup_sample_begin();
	s->lost_from = 500;
	s->lost_bytes = 1;
	CHECK_INT(dmabuf_warmup(job, err), -EIO);
	CHECK_ERROR(err, -EIO, NEVER);
	CHECK_INT(s->reads, 100);
	warmup_sample_end();
}

static void test_without_sync(void)
{
	warmup_sample_begin();
	job->settings.sync = DMABUF_SYNC_NEVER;
	/* DMA_BUF_IOCTL_SYNC would fail if it were called. */
	fake.errors[FAKE_SYNC] = EIO;
	CHECK_INT(dmabuf_warmup(job, err), 0);
	CHECK_INT(s->reads, CHUNKS * FILES);
	CHECK_TEXT(fake.log, "");
	CHECK_INT(job->stats.sync_calls, 0);
	warmup_sample_end();

	warmup_sample_begin();
	job->settings.sync = DMABUF_SYNC_NEVER;
	s->lost_bytes = 512;
	CHECK_INT(dmabuf_warmup(job, err), -EIO);
	CHECK_ERROR(err, -EIO, LOST);
	warmup_sample_end();
}

#define SYNC	"dmabuf_source=heap:system: DMA_BUF_IOCTL_SYNC failed: Input/output error; set dmabuf_sync=never to skip these calls"

/*
 * Each call of one warm-up fails in turn. Only if access for restoring the
 * memory fails may the memory stay changed, and that is an error too.
 */
static void test_sync_refused(void)
{
	/* Allocations, pread and io_uring_enter are between them. */
	static const unsigned int call[] = { 3, 4, 6, 7, 9, 10, 11, 12 };
	unsigned int at;

	for (at = 0; at < 8; at++) {
		warmup_sample_begin();
		warmup_sample_single();
		fake.calls = 0;
		fake.fail_at = call[at];
		fake.fail_errno = EIO;
		CHECK_INT(dmabuf_warmup(job, err), -EIO);
		CHECK_ERROR(err, -EIO, SYNC);
		CHECK_HAS(fake.log, " refused\n");
		CHECK_INT(s->reads, at >= 4);
		CHECK_INT(warmup_sample_memory_is_as_before(), at != 6);
		CHECK_INT(job->queue.units[0].sqe.opcode, 0);
		CHECK_INT(job->queue.stats.ios[IORING_OP_READ_FIXED], 0);
		warmup_sample_free();
	}

	/* The first error is reported. */
	warmup_sample_begin();
	s->lost_bytes = 512;
	fake.calls = 0;
	fake.fail_at = 12;
	fake.fail_errno = EIO;
	CHECK_INT(dmabuf_warmup(job, err), -EIO);
	CHECK_ERROR(err, -EIO, LOST);
	warmup_sample_end();
}

static const struct check checks[] = {
	{ "data does not arrive", test_data_does_not_arrive },
	{ "a block that changes", test_block_changes },
	{ "never the same", test_never_the_same },
	{ "without DMA_BUF_IOCTL_SYNC", test_without_sync },
	{ "DMA_BUF_IOCTL_SYNC refused", test_sync_refused },
};

CHECK_MAIN("warm-up, data", checks)
