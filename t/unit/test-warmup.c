/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first read of each registration: which slots, what is compared, that
 * the memory is as before whatever comes of it, and what the user is told.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "fake.h"
#include "warmup.h"

#define CHUNK	(64 << 10)
#define CHUNKS	3
#define FILES	2

static struct dmabuf_job job;
static struct dmabuf_file files[FILES];
static struct dmabuf_error err;
static unsigned int reads, slots_read;
static int script[64];		/* results before the drive answers */
static unsigned int script_length, spoiled;

static int drive(const struct io_uring_sqe *sqe)
{
	unsigned int i = reads++;
	int ret;

	if (i < script_length)
		return script[i];
	slots_read |= 1 << sqe->buf_index;
	ret = fake_drive(sqe);
	/* Completes with success, and the data is not there. */
	if (ret > 0 && spoiled) {
		char *to = fake_map_of(fake_registry.slot[sqe->buf_index]
				       .dmabuf_fd);

		to[sqe->addr + sqe->len - 1] ^= 1;
		spoiled--;
	}
	return ret;
}

static void begin(void)
{
	static char names[FILES][16] = { "/dev/nvme0n1", "/dev/nvme1n1" };
	struct dmabuf_pair pairs[CHUNKS * FILES];
	struct dmabuf_interface iface = { DMABUF_FAMILY_B, 2, "B" };
	struct dmabuf_plan plan = {
		.first = CHUNK,
		.span = CHUNK,
		.total = CHUNK * CHUNKS,
		.chunks = CHUNKS,
	};
	static uint64_t bias[CHUNKS];
	int fds[FILES];
	unsigned int i, failed;

	fake_reset();
	fake_file("/dev/dma_heap/system", NULL);
	memset(&job, 0, sizeof(job));
	memset(&err, 0, sizeof(err));
	reads = 0;
	slots_read = 0;
	script_length = 0;
	spoiled = 0;
	job.traits = dmabuf_path_traits(DMABUF_PATH_DIRECT);
	job.bias = bias;
	job.files = files;
	job.nr_files = FILES;
	CHECK_INT(dmabuf_source_parse(&job.settings.source, "heap", &err), 0);
	CHECK_INT(dmabuf_buffer_alloc(&job.buffer, &job.settings.source,
				      &plan, false, &err), 0);
	fake_ring_make(&job.ring, 4, 0);
	CHECK_INT(dmabuf_queue_init(&job.queue, &job.ring, 4), 0);
	for (i = 0; i < FILES; i++) {
		files[i].name = names[i];
		files[i].fd = fake_fd(names[i]);
		fds[i] = files[i].fd;
	}
	CHECK_INT(io_uring_register_files(&job.ring, fds, FILES), 0);
	for (i = 0; i < CHUNKS * FILES; i++) {
		pairs[i].dmabuf_fd = job.buffer.chunks[i % CHUNKS].fd;
		pairs[i].target_fd = fds[i / CHUNKS];
	}
	fake_registry.interface = FAKE_B_V5;
	fake_registry.dmabuf_size = CHUNK;
	fake_kernel.answer = drive;
	CHECK_INT(dmabuf_register_dmabufs(&job.ring, &iface, pairs,
					  CHUNKS * FILES, &failed), 0);
	job.slots_per_file = CHUNKS;
	for (i = 0; i < CHUNKS; i++)
		bias[i] = -(uint64_t)(uintptr_t)job.buffer.chunks[i].map;
	for (i = 0; i < CHUNK * CHUNKS; i++)
		job.buffer.base[i] = i * 7;
	fake.log[0] = '\0';
}

static void end(void)
{
	unsigned int i, changed = 0;

	for (i = 0; i < CHUNK * CHUNKS; i++)
		changed += job.buffer.base[i] != (char)(i * 7);
	CHECK_INT(changed, 0);
	for (i = 0; i < FILES; i++)
		close(files[i].fd);
	dmabuf_queue_free(&job.queue);
	fake_ring_destroy(&job.ring);
	dmabuf_buffer_free(&job.buffer);
	CHECK_INT(fake_left(), 0);
}

static void answers(unsigned int nr, const int *list)
{
	memcpy(script, list, nr * sizeof(*list));
	script_length = nr;
}

static void test_every_registration(void)
{
	begin();
	fake.tick = 10;
	CHECK_INT(dmabuf_warmup(&job, &err), 0);
	CHECK_INT(reads, CHUNKS * FILES);
	CHECK_INT(slots_read, 0x3f);
	CHECK_INT(job.times.warmups, CHUNKS * FILES);
	CHECK_INT(job.times.first_map_ns, CHUNKS * FILES * 10);
	CHECK_INT(job.times.first_map_max_ns, 10);
	CHECK_INT(job.queue.in_flight, 0);
	CHECK_INT(job.queue.unsent, 0);
	end();
}

/* The CPU looks, writes, looks, and puts back. */
static void test_cpu_access(void)
{
	begin();
	job.nr_files = 1;
	job.buffer.plan.chunks = 1;
	CHECK_INT(dmabuf_warmup(&job, &err), 0);
	job.buffer.plan.chunks = CHUNKS;
	CHECK_TEXT(fake.log, "start read 1001\nend read 1001\n"
		   "start write 1001\nend write 1001\n"
		   "start read 1001\nend read 1001\n"
		   "start write 1001\nend write 1001\n");
	end();
}

static void test_block_sizes(void)
{
	static const int sizes[] = { 512, 4096, 16384, 0 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		begin();
		fake.block_size = sizes[i];
		CHECK_INT(dmabuf_warmup(&job, &err), 0);
		CHECK_INT(job.queue.units[0].want, sizes[i] ? : 4096);
		end();
	}
}

/* The job starts with units and figures as if there had been none. */
static void test_leaves_no_trace(void)
{
	struct dmabuf_unit *unit;
	uint8_t opcode;

	begin();
	unit = &job.queue.units[0];
	opcode = unit->sqe.opcode;
	CHECK_INT(dmabuf_warmup(&job, &err), 0);
	CHECK_INT(job.queue.stats.ios[IORING_OP_READ_FIXED], 0);
	CHECK_INT(job.queue.stats.bytes[IORING_OP_READ_FIXED], 0);
	/* A unit that never read a block must not look as if it had. */
	CHECK_INT(unit->sqe.opcode, opcode);
	CHECK(unit->sqe.user_data == (uintptr_t)unit);
	end();

	/* Memory that is replaced in mid-run: the figures so far stay. */
	begin();
	job.queue.stats.ios[IORING_OP_READ_FIXED] = 1000;
	job.queue.stats.bytes[IORING_OP_READ_FIXED] = 4096000;
	job.queue.stats.reissued = 3;
	CHECK_INT(dmabuf_warmup(&job, &err), 0);
	CHECK_INT(job.queue.stats.ios[IORING_OP_READ_FIXED], 1000);
	CHECK_INT(job.queue.stats.bytes[IORING_OP_READ_FIXED], 4096000);
	CHECK_INT(job.queue.stats.reissued, 3);
	end();
}

static void test_eagain(void)
{
	begin();
	answers(3, (int[]){ -EAGAIN, -EAGAIN, -EAGAIN });
	CHECK_INT(dmabuf_warmup(&job, &err), 0);
	CHECK_INT(reads, CHUNKS * FILES + 3);
	CHECK_INT(job.times.warmups, CHUNKS * FILES);
	CHECK_INT(job.queue.stats.reissued, 0);
	end();
}

static void test_short_read(void)
{
	begin();
	/* 100 of 512 bytes, the rest by the drive: never the right data. */
	answers(1, (int[]){ 100 });
	CHECK_INT(dmabuf_warmup(&job, &err), 0);
	CHECK_INT(reads, CHUNKS * FILES + 2);
	end();
}

#define READ	"/dev/nvme0n1: the first read into memory from heap:system failed: "
#define MAP	"/dev/nvme0n1: the dma-buf from heap:system cannot be mapped for this drive: "
#define PIECES	"; every piece of it must be a multiple of 4 KiB, try another dmabuf_source"

static void test_errors(void)
{
	static const struct {
		int answer, code;
		const char *line;
	} vectors[] = {
		{ -EINVAL, -EINVAL, MAP "Invalid argument" PIECES },
		{ -EFAULT, -EFAULT, MAP "Bad address" PIECES },
		{ -EIO, -EIO, READ "Input/output error; see the kernel log" },
		{ -EBADF, -EBADF,
		  READ "Bad file descriptor; see the kernel log" },
		{ -EOPNOTSUPP, -EOPNOTSUPP,
		  READ "Operation not supported; see the kernel log" },
		{ 0, -EIO, READ "Input/output error; see the kernel log" },
	};
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		begin();
		answers(1, &vectors[i].answer);
		CHECK_INT(dmabuf_warmup(&job, &err), vectors[i].code);
		CHECK_ERROR(&err, vectors[i].code, vectors[i].line);
		CHECK_INT(reads, 1);
		CHECK_INT(job.times.warmups, 0);
		end();
	}
	/* The second chunk of the second file. */
	begin();
	fake_registry.slot[4].target_fd = -1;
	CHECK_INT(dmabuf_warmup(&job, &err), -EBADF);
	CHECK_HAS(err.text, "/dev/nvme1n1: the first read into memory ");
	CHECK_INT(job.times.warmups, 4);
	end();
}

static void test_no_poll_queues(void)
{
	begin();
	job.settings.ring.iopoll = true;
	answers(1, (int[]){ -EOPNOTSUPP });
	CHECK_INT(dmabuf_warmup(&job, &err), -EOPNOTSUPP);
	CHECK_ERROR(&err, -EOPNOTSUPP, "/dev/nvme0n1: hipri needs a drive with poll queues; load nvme with poll_queues=N, or leave hipri out");
	end();
}

static void test_nothing_but_eagain(void)
{
	unsigned int i;

	begin();
	script_length = 64;
	for (i = 0; i < 64; i++)
		script[i] = -EAGAIN;
	fake_kernel.enter_ns = 1000000000;
	CHECK_INT(dmabuf_warmup(&job, &err), -ETIME);
	CHECK_ERROR(&err, -ETIME, "/dev/nvme0n1: the kernel answered the first read into memory from heap:system with nothing but EAGAIN for 10 s; see the kernel log");
	end();
}

static void test_data_does_not_arrive(void)
{
	begin();
	spoiled = 100;
	CHECK_INT(dmabuf_warmup(&job, &err), -EIO);
	CHECK_ERROR(&err, -EIO, "/dev/nvme0n1: the drive reported success but its data did not arrive in the dma-buf from heap:system; peer-to-peer does not work here, try iommu=pt or another slot, or dmabuf_path=staged");
	CHECK_INT(reads, 3);
	end();

	/* Success is reported and nothing is written at all. */
	begin();
	answers(3, (int[]){ 512, 512, 512 });
	CHECK_INT(dmabuf_warmup(&job, &err), -EIO);
	CHECK_HAS(err.text, "its data did not arrive");
	end();

	/* Another job wrote the block in between: the next try agrees. */
	begin();
	spoiled = 2;
	CHECK_INT(dmabuf_warmup(&job, &err), 0);
	CHECK_INT(reads, CHUNKS * FILES + 2);
	CHECK_INT(job.times.warmups, CHUNKS * FILES);
	end();
}

static void test_ordinary_read_fails(void)
{
	begin();
	fake.errors[FAKE_PREAD] = ENODEV;
	CHECK_INT(dmabuf_warmup(&job, &err), -ENODEV);
	CHECK_HAS(err.text, "/dev/nvme0n1: ");
	CHECK_HAS(err.text, "No such device; ");
	CHECK_INT(reads, 0);
	end();
}

/* In particular: no memory, and io_uring_enter refused. */
static void test_every_call_can_fail(void)
{
	unsigned int at = 0, failures = 0;
	int ret;

	do {
		begin();
		fake.calls = 0;
		fake.fail_at = ++at;
		fake.fail_errno = ENOMEM;
		ret = dmabuf_warmup(&job, &err);
		CHECK_INT(ret, ret ? err.code : 0);
		CHECK(!ret || strchr(err.text, ';'));
		failures += ret != 0;
		end();
	} while (fake.calls >= at);
	CHECK(failures >= 4 * CHUNKS * FILES);
}

static const struct check checks[] = {
	{ "every registration", test_every_registration },
	{ "CPU access", test_cpu_access },
	{ "block sizes", test_block_sizes },
	{ "leaves no trace", test_leaves_no_trace },
	{ "EAGAIN", test_eagain },
	{ "a short read", test_short_read },
	{ "errors", test_errors },
	{ "no poll queues", test_no_poll_queues },
	{ "nothing but EAGAIN", test_nothing_but_eagain },
	{ "data does not arrive", test_data_does_not_arrive },
	{ "the ordinary read fails", test_ordinary_read_fails },
	{ "every call can fail", test_every_call_can_fail },
};

CHECK_MAIN("warm-up", checks)
