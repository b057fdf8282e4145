/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A drive that reports success proves nothing, and losses may need load: so
 * each unit is prepared, transferred and compared while the others are in
 * flight.
 */
#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check/drive/direct.h"
#include "check/drive/empty.h"
#include "check/drive/write.h"
#include "check/subprocess.h"
#include "clock.h"
#include "run.h"

#define READ_BLOCK	65536
#define SMALLEST_BLOCK	4096
#define OPEN_SECONDS	5

const char *check_direction_name(enum check_direction direction)
{
	return direction == CHECK_READS ? "read" : "write";
}

uint64_t check_verified_wrong(const struct check_verified *verified)
{
	uint64_t wrong = 0;
	unsigned int i;

	for (i = DMABUF_ARRIVED + 1; i < DMABUF_NR_ARRIVALS; i++)
		wrong += verified->arrivals[i];
	return wrong;
}

uint64_t check_verified_blocks(const struct check_verified *verified)
{
	return verified->arrivals[DMABUF_ARRIVED] +
	       check_verified_wrong(verified);
}

static bool over(const struct check_run *run)
{
	return check_interrupted() || dmabuf_clock() >= run->verify->end;
}

/* Keeps all units in flight until the time is over. */
static int keep_busy(struct check_run *run, struct dmabuf_error *err)
{
	struct dmabuf_queue *queue = &run->job.queue;
	unsigned int i;
	int ret = 0, n, j;

	for (i = 0; !ret && i < run->nr; i++)
		ret = check_run_start(run, i, err);
	while (!ret && queue->in_flight) {
		n = dmabuf_queue_submit(queue);
		if (!n)
			n = dmabuf_queue_reap(queue, 1, run->nr);
		if (n < 0)
			return check_run_failed(run, "io_uring fails with", n, err);
		for (j = 0; !ret && j < n; j++) {
			i = queue->completed[j] - queue->units;
			ret = check_run_finish(run, i, err);
			if (!ret && !over(run))
				ret = check_run_start(run, i, err);
		}
	}
	return ret;
}

/* 64 KiB blocks, or smaller ones where drive or source are small. */
static int lay_out_reads(struct check_run *run, uint64_t bytes,
			 unsigned int smallest, struct dmabuf_error *err)
{
	uint64_t limit = run->verify->source_limit ? : UINT64_MAX;

	run->size = READ_BLOCK;
	run->nr = CHECK_IN_FLIGHT;
	while (run->size > smallest && (bytes / run->size < 2 * run->nr ||
					limit / run->size < run->nr))
		run->size /= 2;
	if (limit / run->size < run->nr)
		run->nr = limit / run->size;
	run->places = bytes / run->size;
	if (run->nr && run->places >= 2 * run->nr)
		return 0;
	return dmabuf_error_set(err, -EINVAL,
		"%s: too small to compare many blocks of it with %s; use a larger drive or another source",
		run->verify->drive, run->verify->source);
}

static int lay_out(struct check_run *run, int fd, struct dmabuf_error *err)
{
	unsigned int smallest = SMALLEST_BLOCK, i;
	int block = 0;
	uint64_t bytes = 0;

	if (ioctl(fd, BLKGETSIZE64, &bytes) || ioctl(fd, BLKSSZGET, &block))
		return check_run_failed(run, "cannot ask for its size, to verify", -errno,
			      err);
	if (block > (int)smallest)
		smallest = block;
	if (check_run_reads(run))
		return lay_out_reads(run, bytes, smallest, err);
	run->size = smallest;
	run->nr = CHECK_SAVED_MAX / smallest;
	for (i = 0; i < run->nr; i++)
		run->at[i] = CHECK_WRITE_AT + i * run->size;
	return run->nr ? 0 : check_run_failed(run, "blocks too large to verify", -EINVAL,
				    err);
}

static int alloc_blocks(struct check_run *run, struct dmabuf_error *err)
{
	size_t area = (size_t)run->nr * run->size;
	void *memory;
	int ret = 0;

	if (posix_memalign(&memory, 4096, 3 * area + run->size))
		return dmabuf_error_no_memory(err, "--verify",
					      "free some memory");
	memset(memory, 0, 3 * area + run->size);
	run->expected = memory;
	run->earlier = run->expected + area;
	run->poison = run->earlier + area;
	run->actual = run->poison + area;
	run->random = run->verify->seed;
	if (!run->random)
		ret = check_fill_random((unsigned char *)&run->random,
					sizeof(run->random));
	/* 0 would stay 0. */
	run->random |= 1;
	return ret ? check_run_failed(run, "no random data to verify", ret,
				      err) : 0;
}

/* The blocks are saved before, and restored with no write in flight. */
static int write_safely(struct check_run *run, struct dmabuf_error *err)
{
	struct check_verify *verify = run->verify;
	int fd = run->job.files[0].fd;
	int ret = check_save(&verify->saved, verify->drive, fd, CHECK_WRITE_AT,
			     run->nr * run->size, verify->force, err);

	if (ret)
		return ret;
	verify->saved.dirty = true;
	ret = keep_busy(run, err);
	dmabuf_job_end_access(&run->job);
	dmabuf_queue_finish(&run->job.queue);
	/* Else the parent does it, once the drive is no longer in use. */
	if (!run->job.queue.in_flight)
		check_restore(&verify->saved, fd);
	return ret;
}

static int build_and_run(struct check_run *run, struct dmabuf_error *err)
{
	struct check_verify *verify = run->verify;
	struct dmabuf_layout layout = { .units = 0 };
	bool read = check_run_reads(run);
	int fd = check_drive_open(verify->drive, !read, OPEN_SECONDS, err);
	int ret;

	if (fd < 0)
		return fd;
	ret = lay_out(run, fd, err);
	if (!ret)
		ret = alloc_blocks(run, err);
	if (ret) {
		close(fd);
		return ret;
	}
	layout.unit = run->size;
	layout.units = run->nr;
	ret = check_direct_build(&run->job, verify->drive, verify->source, fd,
				 &layout, err);
	if (!ret)
		ret = dmabuf_job_register(&run->job, err);
	if (ret)
		return ret;
	verify->found.block_bytes = run->size;
	verify->found.in_flight = run->nr;
	verify->end = dmabuf_clock() + verify->seconds * 1000000000ULL;
	return read ? keep_busy(run, err) : write_safely(run, err);
}

/* The verdict in words. */
static void say(struct check_verify *verify)
{
	struct check_verified *found = &verify->found;
	uint64_t wrong = check_verified_wrong(found);

	if (wrong)
		check_say(&found->result, CHECK_NO,
			  "%s: %llu of %llu blocks %s %s are wrong although the drive reported success, the first at byte %llu of the drive; do not use the two together, or try iommu=pt, another PCI slot or dmabuf_path=staged",
			  verify->drive, (unsigned long long)wrong,
			  (unsigned long long)check_verified_blocks(found),
			  verify->direction == CHECK_READS ? "read into" :
							     "written from",
			  verify->source,
			  (unsigned long long)found->first_wrong);
	else if (!check_verified_blocks(found))
		check_say(&found->result, CHECK_UNKNOWN,
			  "%s: no block could be compared with %s, another program keeps writing to the drive; stop it",
			  verify->drive, verify->source);
	else
		check_ok(&found->result);
}

void check_verify_run(struct check_verify *verify)
{
	struct check_run run = { .verify = verify };
	struct dmabuf_error err;

	if (build_and_run(&run, &err))
		check_failed(&verify->found.result, &err);
	else
		say(verify);
	dmabuf_job_free(&run.job);
	dmabuf_job_close(&run.job);
	free(run.expected);
}
