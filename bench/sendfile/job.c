/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each thread opens the file and the sink, and sends one block after the other.
 * The data stays in the page cache: the drive transfers it there, and
 * sendfile() passes on references to the pages.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "job.h"
#include "order.h"

/* Shared by all threads. */
struct job {
	const struct sendfile_options *options;
	uint64_t size, seed;
	pthread_barrier_t start;
	atomic_bool failed;
};

struct worker {
	struct job *job;
	pthread_t thread;
	int file, sink;
	struct order order;
	struct rusage before, after;
	uint64_t begun, measured, ended, bytes;
	struct latency latency;
	struct dmabuf_error err;
};

static int open_file(const struct sendfile_options *o,
		     struct dmabuf_error *err)
{
	int fd = open(o->filename, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	return dmabuf_error_set(err, -errno,
		"%s: %s; give a readable drive or file", o->filename,
		strerror(errno));
}

static int file_size(const struct sendfile_options *o, int fd, uint64_t *size,
		     struct dmabuf_error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return dmabuf_error_set(err, -errno,
			"%s: %s; give another drive or file", o->filename,
			strerror(errno));
	if (S_ISREG(st.st_mode)) {
		*size = st.st_size;
		return 0;
	}
	if (S_ISBLK(st.st_mode) && !ioctl(fd, BLKGETSIZE64, size))
		return 0;
	return dmabuf_error_set(err, -EINVAL,
		"%s: neither a file nor a block device; give one of these",
		o->filename);
}

/* The bytes to read; as in fio a partial block at the end is left out. */
static int job_size(struct job *job, int fd, struct dmabuf_error *err)
{
	const struct sendfile_options *o = job->options;
	uint64_t size;
	int ret = file_size(o, fd, &size, err);

	if (ret)
		return ret;
	if (o->offset > size || (o->size && o->size > size - o->offset))
		return dmabuf_error_set(err, -EINVAL,
			"%s: only %" PRIu64 " bytes long; give a smaller size or offset",
			o->filename, size);
	job->size = o->size ? o->size : size - o->offset;
	if (job->size < o->bs)
		return dmabuf_error_set(err, -EINVAL,
			"%s: smaller than one block of %" PRIu64 " bytes; give a smaller bs",
			o->filename, o->bs);
	return 0;
}

/* Like fio: drops the part of the file that is read, or all of a drive. */
static int drop_cache(const struct job *job, int fd, struct dmabuf_error *err)
{
	const struct sendfile_options *o = job->options;
	struct stat st;
	int ret;

	ret = fstat(fd, &st) ? errno :
		S_ISBLK(st.st_mode) ? (ioctl(fd, BLKFLSBUF) ? errno : 0) :
		posix_fadvise(fd, o->offset, job->size, POSIX_FADV_DONTNEED);
	if (!ret)
		return 0;
	return dmabuf_error_set(err, -ret,
		"%s: cannot drop its page cache: %s; run as root, or measure cached reads with invalidate=0",
		o->filename, strerror(ret));
}

static int prepare(struct job *job, struct dmabuf_error *err)
{
	const struct sendfile_options *o = job->options;
	int ret, fd = open_file(o, err);

	if (fd < 0)
		return fd;
	ret = job_size(job, fd, err);
	if (!ret && o->invalidate)
		ret = drop_cache(job, fd, err);
	close(fd);
	job->seed = o->seed;
	if (!ret && !o->same_order &&
	    getrandom(&job->seed, sizeof(job->seed), 0) != sizeof(job->seed))
		ret = dmabuf_error_set(err, -EIO,
			"randrepeat=0: no random numbers; give randrepeat=1");
	return ret;
}

/* Sends one block; a sink may accept it in parts. */
static int send_block(struct worker *worker, uint64_t at)
{
	const struct sendfile_options *o = worker->job->options;
	off_t offset = at;
	size_t left = o->bs;

	while (left) {
		ssize_t sent = sendfile(worker->sink, worker->file, &offset,
					left);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return dmabuf_error_set(&worker->err, -errno,
				"%s: sendfile at byte %jd to %s: %s; %s",
				o->filename, (intmax_t)offset, o->sink,
				strerror(errno), errno == EINVAL ?
				"one of them does not support sendfile, use another" :
				"see the kernel log");
		if (!sent)
			return dmabuf_error_set(&worker->err, -EIO,
				"%s: ends before byte %jd: truncated while it was read; leave the file alone",
				o->filename, (intmax_t)offset);
		left -= sent;
	}
	return 0;
}

static void begin_measuring(struct worker *worker, uint64_t now)
{
	worker->measured = now;
	getrusage(RUSAGE_THREAD, &worker->before);
}

/* Runs until runtime is over or, without time_based, everything is read. */
static int send_blocks(struct worker *worker)
{
	const struct sendfile_options *o = worker->job->options;
	uint64_t ramp = o->ramp_ms * 1000000, run = o->runtime_ms * 1000000;
	uint64_t now = dmabuf_clock(), then;
	int ret;

	worker->begun = worker->ended = now;
	while (!atomic_load(&worker->job->failed)) {
		if (!worker->measured && now - worker->begun >= ramp)
			begin_measuring(worker, now);
		if (run && worker->measured && now - worker->measured >= run)
			break;
		if (order_done(&worker->order)) {
			if (!o->time_based)
				break;
			order_again(&worker->order);
		}
		then = now;
		ret = send_block(worker, o->offset +
				 order_next(&worker->order) * o->bs);
		if (ret)
			return ret;
		now = dmabuf_clock();
		worker->ended = now;
		if (!worker->measured)
			continue;
		latency_add(&worker->latency, now - then);
		worker->bytes += o->bs;
	}
	getrusage(RUSAGE_THREAD, &worker->after);
	return 0;
}

static int open_both(struct worker *worker)
{
	const struct sendfile_options *o = worker->job->options;

	worker->file = open_file(o, &worker->err);
	if (worker->file < 0)
		return worker->file;
	/* Like fio's fadvise_hint=1: random reads must not read ahead. */
	posix_fadvise(worker->file, 0, 0, o->random ? POSIX_FADV_RANDOM :
						      POSIX_FADV_SEQUENTIAL);
	worker->sink = open(o->sink, O_WRONLY | O_CLOEXEC);
	if (worker->sink >= 0)
		return 0;
	return dmabuf_error_set(&worker->err, -errno,
		"%s: %s; give a writable sink", o->sink,
		strerror(errno));
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct job *job = worker->job;

	if (open_both(worker))
		atomic_store(&job->failed, true);
	pthread_barrier_wait(&job->start);
	if (!atomic_load(&job->failed) && send_blocks(worker))
		atomic_store(&job->failed, true);
	if (worker->sink >= 0)
		close(worker->sink);
	if (worker->file >= 0)
		close(worker->file);
	return NULL;
}

static uint64_t microseconds(struct timeval after, struct timeval before)
{
	return (after.tv_sec - before.tv_sec) * 1000000LL +
		after.tv_usec - before.tv_usec;
}

static void add_result(struct job_result *result, const struct worker *worker)
{
	const struct rusage *after = &worker->after;
	const struct rusage *before = &worker->before;
	uint64_t run = worker->ended - worker->measured;

	if (worker->ended - worker->begun > result->elapsed_ns)
		result->elapsed_ns = worker->ended - worker->begun;
	if (!worker->measured)
		return;
	latency_merge(&result->latency, &worker->latency);
	result->bytes += worker->bytes;
	result->run_ns += run;
	if (run > result->wall_ns)
		result->wall_ns = run;
	result->user_us += microseconds(after->ru_utime, before->ru_utime);
	result->system_us += microseconds(after->ru_stime, before->ru_stime);
	result->switches += after->ru_nvcsw - before->ru_nvcsw +
		after->ru_nivcsw - before->ru_nivcsw;
	result->major_faults += after->ru_majflt - before->ru_majflt;
	result->minor_faults += after->ru_minflt - before->ru_minflt;
}

static int run_workers(struct job *job, struct worker *workers,
		       struct dmabuf_error *err)
{
	const struct sendfile_options *o = job->options;
	uint64_t blocks = job->size / o->bs;
	unsigned int i;

	for (i = 0; i < o->numjobs; i++) {
		struct worker *worker = &workers[i];

		worker->job = job;
		worker->file = worker->sink = -1;
		order_begin(&worker->order, blocks, job->seed + i, o->random,
			    o->repeats);
		if (pthread_create(&worker->thread, NULL, work, worker))
			return dmabuf_error_set(err, -EAGAIN,
				"numjobs=%u: cannot create thread %u; give fewer",
				o->numjobs, i + 1);
	}
	for (i = 0; i < o->numjobs; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}

static int gather(const struct sendfile_options *o,
		  const struct worker *workers, struct job_result *result,
		  struct dmabuf_error *err)
{
	unsigned int i;

	for (i = 0; i < o->numjobs; i++) {
		if (workers[i].err.code) {
			*err = workers[i].err;
			return err->code;
		}
		add_result(result, &workers[i]);
	}
	if (result->latency.count)
		return 0;
	return dmabuf_error_set(err, -ETIME,
		"%s: everything was read within ramp_time; give a shorter ramp_time, or time_based=1",
		o->filename);
}

int job_run(const struct sendfile_options *o, struct job_result *result,
	    struct dmabuf_error *err)
{
	struct job job = { .options = o };
	struct worker *workers;
	int ret = prepare(&job, err);

	if (ret)
		return ret;
	workers = calloc(o->numjobs, sizeof(*workers));
	if (!workers)
		return dmabuf_error_set(err, -ENOMEM,
					"out of memory; give a smaller numjobs");
	pthread_barrier_init(&job.start, NULL, o->numjobs);
	/* On failure waiting threads use the memory until the program ends. */
	ret = run_workers(&job, workers, err);
	if (ret)
		return ret;
	memset(result, 0, sizeof(*result));
	ret = gather(o, workers, result, err);
	pthread_barrier_destroy(&job.start);
	free(workers);
	return ret;
}
