/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that the CPU cannot map: fio sees host memory instead. Tests when it
 * is copied in which direction, on paths direct and staged, and a device that
 * disappears.
 */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "t/unit/fake/fake-system.h"
#include "t/unit/fake/fake.h"
#include "job.h"
#include "t/unit/sample/shadow-source.h"

#define UNIT	(64 << 10)
#define UNITS	4

static struct dmabuf_job job;
static struct dmabuf_error err;

static int begin(enum dmabuf_path path, enum dmabuf_sync sync, bool writes,
		 bool reads)
{
	struct dmabuf_layout layout = { .unit = UNIT, .units = UNITS };
	int ret;

	fake_reset();
	memset(&job, 0, sizeof(job));
	job.settings.path = path;
	job.settings.sync = sync;
	job.settings.chunk_max = 2 * UNIT;
	job.settings.cpu_writes = writes;
	job.settings.cpu_reads = reads;
	job.traits = dmabuf_path_traits(path);
	shadow_source_begin(&job.settings.source);
	ret = dmabuf_job_alloc(&job, &layout, &err);
	if (!ret)
		ret = dmabuf_job_begin_fill(&job, &err);
	return ret;
}

static void end(void)
{
	dmabuf_job_free(&job);
	CHECK_INT(fake_left(), 0);
	CHECK_HAS(fake.log, "close device\n");
}

static unsigned char *unit(unsigned int index)
{
	return (unsigned char *)job.buffer.base + index * UNIT;
}

static bool is_filled(const unsigned char *memory, unsigned char byte)
{
	return memory[0] == byte && !memcmp(memory, memory + 1, UNIT - 1);
}

static void test_fill(void)
{
	CHECK_INT(begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, false, false), 0);
	CHECK(!dmabuf_job_touches(&job));
	CHECK_TEXT(job.source.detail, "an array");
	memset(job.buffer.base, 0x11, UNITS * UNIT);
	fake.log[0] = '\0';
	CHECK_INT(dmabuf_job_end_fill(&job, &err), 0);
	/* Each chunk whole and once, without DMA_BUF_IOCTL_SYNC. */
	CHECK_TEXT(fake.log, "write chunk 0 offset 0 size 131072\n"
		   "write chunk 131072 offset 0 size 131072\n");
	CHECK(is_filled(shadow_device.memory + 3 * UNIT, 0x11));
	CHECK_INT(job.stats.shadow_bytes, UNITS * UNIT);
	CHECK_INT(job.stats.sync_calls, 0);
	CHECK_INT(dmabuf_job_end_fill(&job, &err), 0);
	CHECK_INT(job.stats.shadow_bytes, UNITS * UNIT);
	end();
}

/* A job that ends before its first I/O copies nothing. */
static void test_not_filled(void)
{
	CHECK_INT(begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, true, true), 0);
	fake.log[0] = '\0';
	end();
	CHECK(!strstr(fake.log, "write"));
}

/* The copies of an I/O, for what fio does and each dmabuf_sync=. */
static void test_direct(void)
{
	static const struct {
		enum dmabuf_sync sync;
		bool writes, reads;
		const char *write, *read;
	} vectors[] = {
		{ DMABUF_SYNC_AUTO, false, false, "", "" },
		{ DMABUF_SYNC_AUTO, true, false,
		  "write chunk 131072 offset 65536 size 4096\n", "" },
		{ DMABUF_SYNC_AUTO, false, true,
		  "", "read chunk 0 offset 65536 size 65536\n" },
		/* dmabuf_sync=never does not skip copies. */
		{ DMABUF_SYNC_NEVER, true, true,
		  "write chunk 131072 offset 65536 size 4096\n",
		  "read chunk 0 offset 65536 size 65536\n" },
		{ DMABUF_SYNC_ALWAYS, false, false,
		  "write chunk 131072 offset 65536 size 4096\n",
		  "read chunk 0 offset 65536 size 65536\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		CHECK_INT(begin(DMABUF_PATH_DIRECT, vectors[i].sync,
				vectors[i].writes, vectors[i].reads), 0);
		CHECK_INT(dmabuf_job_touches(&job), vectors[i].write[0] ||
			  vectors[i].read[0]);
		CHECK_INT(dmabuf_job_end_fill(&job, &err), 0);
		fake.log[0] = '\0';
		CHECK_INT(dmabuf_job_prep(&job, 3, unit(3), true), 0);
		memset(unit(3), 0x22, 4096);
		CHECK_INT(dmabuf_job_queue(&job, 3, unit(3), 4096, true), 0);
		CHECK_TEXT(fake.log, vectors[i].write);
		CHECK_INT(shadow_device.memory[3 * UNIT],
			  vectors[i].write[0] ? 0x22 : 0);
		CHECK_INT(dmabuf_job_complete(&job, 3, unit(3), 4096, true),
			  0);
		CHECK_TEXT(fake.log, vectors[i].write);

		fake.log[0] = '\0';
		CHECK_INT(dmabuf_job_queue(&job, 1, unit(1), UNIT, false), 0);
		memset(shadow_device.memory + UNIT, 0x33, UNIT);
		CHECK_INT(dmabuf_job_complete(&job, 1, unit(1), UNIT, false),
			  0);
		CHECK_TEXT(fake.log, vectors[i].read);
		CHECK_INT(is_filled(unit(1), 0x33), vectors[i].read[0] != 0);
		end();
	}
}

/* From the bounce buffer to the device and, if fio looks, to the shadow. */
static void test_staged(void)
{
	char *bounce;

	CHECK_INT(begin(DMABUF_PATH_STAGED, DMABUF_SYNC_AUTO, true, true), 0);
	CHECK_INT(dmabuf_job_end_fill(&job, &err), 0);
	bounce = job.bounce.base;
	fake.log[0] = '\0';
	memset(unit(2), 0x44, UNIT);
	CHECK_INT(dmabuf_job_queue(&job, 2, unit(2), UNIT, true), 0);
	CHECK_TEXT(fake.log, "write chunk 131072 offset 0 size 65536\n"
		   "read chunk 131072 offset 0 size 65536\n");
	CHECK(is_filled(shadow_device.memory + 2 * UNIT, 0x44));
	CHECK(is_filled((unsigned char *)bounce + 2 * UNIT, 0x44));

	fake.log[0] = '\0';
	memset(bounce, 0x55, UNIT);
	CHECK_INT(dmabuf_job_complete(&job, 0, unit(0), UNIT, false), 0);
	CHECK_TEXT(fake.log, "write chunk 0 offset 0 size 65536\n"
		   "read chunk 0 offset 0 size 65536\n");
	CHECK(is_filled(shadow_device.memory, 0x55));
	CHECK(is_filled(unit(0), 0x55));
	CHECK_INT(job.stats.copied_bytes, 2 * UNIT);
	CHECK_INT(job.stats.shadow_bytes, (UNITS + 2) * UNIT);
	CHECK_INT(job.stats.sync_calls, 0);
	end();
}

#define LOST	"dmabuf_source=shadow: the CPU cannot copy to or from this memory: No such device; check the kernel log for a device that was removed or reset"

static void test_device_is_lost(void)
{
	CHECK_INT(begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, true, true), 0);
	shadow_device.copy_error = -ENODEV;
	CHECK_INT(dmabuf_job_end_fill(&job, &err), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, LOST);
	CHECK_INT(dmabuf_job_queue(&job, 0, unit(0), UNIT, true), -ENODEV);
	CHECK_INT(job.copy_error, -ENODEV);
	shadow_device.copy_error = -EIO;
	CHECK_INT(dmabuf_job_complete(&job, 0, unit(0), UNIT, false), -EIO);
	/* The first error is kept. */
	CHECK_INT(job.copy_error, -ENODEV);
	end();
}

static void test_not_there(void)
{
	struct dmabuf_layout layout = { .unit = UNIT, .units = UNITS };

	CHECK_INT(begin(DMABUF_PATH_DIRECT, DMABUF_SYNC_AUTO, true, true), 0);
	end();
	fake.log[0] = '\0';
	shadow_device.open_error = -ENXIO;
	CHECK_INT(dmabuf_job_alloc(&job, &layout, &err), -ENXIO);
	CHECK_ERROR(&err, -ENXIO, "shadow: not there; look for it");
	CHECK_TEXT(fake.log, "");
	CHECK_INT(fake_left(), 0);
}

/* Whichever allocation fails, the device is closed again. */
static void test_every_call_can_fail(void)
{
	struct dmabuf_layout layout = { .unit = UNIT, .units = UNITS };
	unsigned int at;
	int ret = -1;

	for (at = 1; ret; at++) {
		fake_reset();
		memset(&job, 0, sizeof(job));
		job.settings.path = DMABUF_PATH_STAGED;
		job.traits = dmabuf_path_traits(DMABUF_PATH_STAGED);
		shadow_source_begin(&job.settings.source);
		fake.fail_at = at;
		fake.fail_errno = ENOMEM;
		ret = dmabuf_job_alloc(&job, &layout, &err);
		dmabuf_job_free(&job);
		if (!CHECK_INT(fake_left(), 0))
			return;
		CHECK_HAS(fake.log, "close device\n");
	}
	CHECK(at > 6);
}

static const struct check checks[] = {
	{ "fill", test_fill },
	{ "not filled", test_not_filled },
	{ "direct", test_direct },
	{ "staged", test_staged },
	{ "a device that is lost", test_device_is_lost },
	{ "a device that is not there", test_not_there },
	{ "every call can fail", test_every_call_can_fail },
};

CHECK_MAIN("job-shadow", checks)
