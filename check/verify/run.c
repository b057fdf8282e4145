/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The blocks of a run of --verify. Reads are compared with an ordinary read of
 * the same block, writes are looked at with one. Whatever the data goes to is
 * filled with its complement before, so that no byte can pass that did not
 * arrive.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

int check_run_failed(const struct check_run *run, const char *what, int error,
		     struct dmabuf_error *err)
{
	return dmabuf_error_set(err, error, "%s: %s %s: %s; see the kernel log",
				run->verify->drive, what, run->verify->source,
				strerror(-error));
}

/* xorshift64, seeded from the kernel */
static uint64_t next_random(struct check_run *run)
{
	run->random ^= run->random << 13;
	run->random ^= run->random >> 7;
	run->random ^= run->random << 17;
	return run->random;
}

static char *slice(const struct check_run *run, unsigned int i)
{
	return run->job.buffer.base + (size_t)i * run->size;
}

static unsigned char *of_unit(const struct check_run *run, unsigned char *area,
			      unsigned int i)
{
	return area + (size_t)i * run->size;
}

/* Ordinary I/O of one block, without the dma-buf. 0 or -errno. */
static int ordinary(const struct check_run *run, unsigned int i,
		    unsigned char *data, bool write)
{
	int fd = run->job.files[0].fd;
	ssize_t done = write ? pwrite(fd, data, run->size, run->at[i]) :
			       pread(fd, data, run->size, run->at[i]);

	return done == run->size ? 0 : done < 0 ? -errno : -EIO;
}

/* The CPU copies @data into the slice of a unit. */
static int fill(struct check_run *run, unsigned int i,
		const unsigned char *data)
{
	int ret = dmabuf_job_prep(&run->job, i, slice(run, i), true);

	if (ret)
		return ret;
	memcpy(slice(run, i), data, run->size);
	return dmabuf_job_queue(&run->job, i, slice(run, i), run->size, true);
}

/* The CPU copies the slice of a unit to run->actual. */
static int fetch(struct check_run *run, unsigned int i)
{
	int ret = dmabuf_job_complete(&run->job, i, slice(run, i), run->size,
				      false);

	if (ret)
		return ret;
	memcpy(run->actual, slice(run, i), run->size);
	return dmabuf_job_queue(&run->job, i, slice(run, i), run->size, false);
}

/* A place on the drive that no other unit uses now. */
static void choose_place(struct check_run *run, unsigned int i)
{
	unsigned int other;

	do {
		run->at[i] = next_random(run) % run->places * run->size;
		for (other = 0; other < run->nr; other++)
			if (other != i && run->at[other] == run->at[i])
				break;
	} while (other < run->nr);
}

static void new_data(struct check_run *run, unsigned char *data)
{
	unsigned int at;

	for (at = 0; at < run->size; at += sizeof(uint64_t)) {
		uint64_t word = next_random(run);

		memcpy(data + at, &word, sizeof(word));
	}
}

/* Knows what has to arrive, and poisons the place where it has to. */
static int prepare(struct check_run *run, unsigned int i,
		   struct dmabuf_error *err)
{
	unsigned char *expected = of_unit(run, run->expected, i);
	unsigned char *earlier = of_unit(run, run->earlier, i);
	unsigned char *poison = of_unit(run, run->poison, i);
	int ret = 0;

	memcpy(earlier, expected, run->size);
	if (check_run_reads(run)) {
		choose_place(run, i);
		ret = ordinary(run, i, expected, false);
	} else {
		new_data(run, expected);
	}
	if (ret)
		return check_run_failed(run, "an ordinary read, to compare with", ret,
			      err);
	if (run->used[i] && !memcmp(expected, earlier, run->size))
		run->verify->found.repeated++;
	dmabuf_compare_poison(poison, expected, run->size);
	if (!check_run_reads(run))
		ret = ordinary(run, i, poison, true);
	if (ret)
		return check_run_failed(run, "an ordinary write before that from", ret,
			      err);
	ret = fill(run, i, check_run_reads(run) ? poison : expected);
	return ret ? check_run_failed(run, "the CPU cannot fill the buffer from", ret,
			    err) : 0;
}

int check_run_start(struct check_run *run, unsigned int i,
		    struct dmabuf_error *err)
{
	struct dmabuf_unit *unit = &run->job.queue.units[i];
	int ret = prepare(run, i, err);

	if (ret)
		return ret;
	unit->sqe.opcode = check_run_reads(run) ? IORING_OP_READ_FIXED :
					IORING_OP_WRITE_FIXED;
	unit->sqe.flags = IOSQE_FIXED_FILE;
	unit->sqe.fd = 0;
	unit->sqe.off = run->at[i];
	unit->sqe.len = run->size;
	dmabuf_job_slice(&run->job, &unit->sqe, slice(run, i), 0);
	dmabuf_queue_start(&run->job.queue, unit);
	return 0;
}

/* Counts the block in run->actual. */
static int judge(struct check_run *run, unsigned int i)
{
	struct check_verified *found = &run->verify->found;
	struct dmabuf_block block = {
		.actual = run->actual,
		.expected = of_unit(run, run->expected, i),
		.before = of_unit(run, run->poison, i),
		.earlier = run->used[i] ? of_unit(run, run->earlier, i) : NULL,
		.others = run->expected,
		.others_size = 2UL * run->nr * run->size,
		.size = run->size,
	};
	enum dmabuf_arrival arrival = dmabuf_compare(&block);
	uint64_t first = run->at[i] + dmabuf_compare_first(&block);

	run->used[i] = true;
	/* Somebody else may have written it between the two reads. */
	if (arrival != DMABUF_ARRIVED && check_run_reads(run)) {
		int ret = ordinary(run, i, run->actual, false);

		if (ret)
			return ret;
		if (memcmp(run->actual, block.expected, run->size)) {
			found->changed++;
			return 0;
		}
	}
	if (arrival != DMABUF_ARRIVED && !check_verified_wrong(found))
		found->first_wrong = first;
	found->arrivals[arrival]++;
	return 0;
}

int check_run_finish(struct check_run *run, unsigned int i,
		     struct dmabuf_error *err)
{
	int result = run->job.queue.units[i].result, ret;

	if (result >= 0 && result != (int)run->size)
		result = -EIO;
	if (result < 0)
		return check_run_failed(run, check_run_reads(run) ? "cannot read into" :
						"cannot write from", result,
			      err);
	ret = check_run_reads(run) ? fetch(run, i) :
			   ordinary(run, i, run->actual, false);
	if (!ret)
		ret = judge(run, i);
	return ret ? check_run_failed(run, "cannot look at what was transferred with",
			    ret, err) : 0;
}
