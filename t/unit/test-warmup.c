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
static unsigned int script_length;
/* So many reads find other data than the ordinary read did, from a byte on. */
static unsigned int spoiled, spoiled_from;
/* These bytes of a read never come, although it says so. */
static unsigned int lost_from, lost_bytes;
static unsigned int piecemeal;	/* reads of so many bytes at once */

static int drive(const struct io_uring_sqe *sqe)
{
	struct io_uring_sqe part = *sqe;
	unsigned int n = reads++, i;
	char before[16384], *to;
	int ret;

	if (n < script_length)
		return script[n];
	slots_read |= 1 << sqe->buf_index;
	if (piecemeal && part.len > piecemeal)
		part.len = piecemeal;
	to = (char *)fake_map_of(fake_registry.slot[sqe->buf_index].dmabuf_fd) +
		sqe->addr;
	memcpy(before, to, part.len);
	ret = fake_drive(&part);
	if (ret > 0 && spoiled) {
		for (i = spoiled_from; i < part.len; i++)
			to[i] ^= 1 + i % 100;
		spoiled--;
	}
	if (ret > 0)
		memcpy(to + lost_from, before + lost_from, lost_bytes);
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
	spoiled_from = 0;
	lost_from = 0;
	lost_bytes = 0;
	piecemeal = 0;
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

static bool memory_is_as_before(void)
{
	unsigned int i;

	for (i = 0; i < CHUNK * CHUNKS; i++)
		if (job.buffer.base[i] != (char)(i * 7))
			return false;
	return true;
}

static void clean(void)
{
	unsigned int i;

	for (i = 0; i < FILES; i++)
		close(files[i].fd);
	dmabuf_queue_free(&job.queue);
	fake_ring_destroy(&job.ring);
	dmabuf_buffer_free(&job.buffer);
	CHECK_INT(fake_left(), 0);
}

static void end(void)
{
	CHECK(memory_is_as_before());
	/* The job's first I/O finds its unit and the figures as new. */
	CHECK_INT(job.queue.units[0].sqe.opcode, 0);
	CHECK_INT(job.queue.stats.ios[IORING_OP_NOP], 0);
	CHECK_INT(job.queue.in_flight, 0);
	CHECK_INT(job.queue.unsent, 0);
	CHECK(!job.queue.gave_up);
	clean();
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

static bool stats_are(const struct dmabuf_queue_stats *stats)
{
	return !memcmp(&job.queue.stats, stats, sizeof(*stats));
}

/* The job starts with units and figures as if there had been none. */
static void leaves_no_trace(const struct dmabuf_queue_stats *stats, int code)
{
	struct dmabuf_unit *unit = &job.queue.units[0];

	job.queue.stats = *stats;
	CHECK_INT(dmabuf_warmup(&job, &err), code);
	CHECK(stats_are(stats));
	/* A unit that never read a block must not look as if it had. */
	CHECK_INT(unit->sqe.opcode, 0);
	CHECK(unit->sqe.user_data == (uintptr_t)unit);
	end();
}

static void test_leaves_no_trace(void)
{
	/* The second: of memory that is replaced in mid-run. */
	static const struct dmabuf_queue_stats stats[2] = { { .reissued = 0 }, {
		.ios = { [IORING_OP_READ_FIXED] = 1000 },
		.bytes = { [IORING_OP_READ_FIXED] = 4096000 },
		.reissued = 3,
		.continued = 2,
		.errors = { [EIO] = 1 },
	} };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		begin();
		leaves_no_trace(&stats[i], 0);
		begin();
		answers(2, (int[]){ -EAGAIN, -EIO });
		leaves_no_trace(&stats[i], -EIO);
		begin();
		lost_bytes = 512;
		leaves_no_trace(&stats[i], -EIO);
	}
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

/* In pieces of whole blocks, which are put together. */
static void test_short_reads(void)
{
	begin();
	fake.block_size = 4096;
	piecemeal = 1024;
	CHECK_INT(dmabuf_warmup(&job, &err), 0);
	CHECK_INT(reads, 4 * CHUNKS * FILES);
	CHECK_INT(job.times.warmups, CHUNKS * FILES);
	CHECK_INT(job.queue.stats.continued, 0);
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
		/* Nothing, or less than a block */
		{ 0, -EIO, READ "Input/output error; see the kernel log" },
		{ 100, -EIO, READ "Input/output error; see the kernel log" },
		{ 1024, -EIO, READ "Input/output error; see the kernel log" },
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
	/* Taken away. */
	begin();
	job.queue.endless = true;
	answers(1, (int[]){ 0 });
	CHECK_INT(dmabuf_warmup(&job, &err), -ENODEV);
	CHECK_ERROR(&err, -ENODEV, READ "No such device; see the kernel log");
	end();
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

#define LOST	"/dev/nvme0n1: the drive reported success but its data did not arrive in the dma-buf from heap:system; peer-to-peer does not work here, try iommu=pt or another slot, or dmabuf_path=staged"
#define NEVER	"/dev/nvme0n1: its first block read through the dma-buf from heap:system never equals an ordinary read; either another job keeps writing it (start that one later, or set dmabuf_warmup=0) or the data is damaged on its way"

/* Success is reported, and all of the slice or a part is as it was. */
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
		begin();
		fake.block_size = 4096;
		lost_from = lost[i].from;
		lost_bytes = lost[i].bytes;
		CHECK_INT(dmabuf_warmup(&job, &err), -EIO);
		CHECK_ERROR(&err, -EIO, LOST);
		CHECK_INT(reads, 1);
		CHECK_INT(job.times.warmups, 0);
		end();
	}
	/* The memory held the very data, which is no reason to believe it. */
	begin();
	for (i = 0; i < 512; i++)
		job.buffer.base[i] = fake_byte(i);
	lost_bytes = 512;
	CHECK_INT(dmabuf_warmup(&job, &err), -EIO);
	CHECK_ERROR(&err, -EIO, LOST);
	for (i = 0; i < 512; i++) {
		CHECK(job.buffer.base[i] == (char)fake_byte(i));
		job.buffer.base[i] = i * 7;
	}
	end();
}

/* Another job writes the block in between: the next try may agree. */
static void test_block_changes(void)
{
	static const unsigned int tries[] = { 1, 2, 17, 99 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		begin();
		spoiled = tries[i];
		CHECK_INT(dmabuf_warmup(&job, &err), 0);
		CHECK_INT(reads, CHUNKS * FILES + tries[i]);
		CHECK_INT(job.times.warmups, CHUNKS * FILES);
		CHECK_INT(job.queue.stats.ios[IORING_OP_READ_FIXED], 0);
		end();
	}
	/* Only the first of them made the mapping. */
	begin();
	job.nr_files = 1;
	job.buffer.plan.chunks = 1;
	spoiled = 5;
	fake_kernel.enter_ns = 1000;
	fake_kernel.lazy = true;
	CHECK_INT(dmabuf_warmup(&job, &err), 0);
	CHECK_INT(job.times.first_map_ns, 2000);
	CHECK_INT(job.times.first_map_max_ns, 2000);
	job.buffer.plan.chunks = CHUNKS;
	end();
}

/* However little differs: what is not the same has not arrived as it was. */
static void test_never_the_same(void)
{
	static const unsigned int from[] = { 0, 1, 256, 511 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		begin();
		spoiled = 100;
		spoiled_from = from[i];
		CHECK_INT(dmabuf_warmup(&job, &err), -EIO);
		CHECK_ERROR(&err, -EIO, NEVER);
		CHECK_INT(reads, 100);
		CHECK_INT(job.times.warmups, 1);
		end();
	}
	/* A few bytes that do not come can be seen as well. */
	begin();
	lost_from = 500;
	lost_bytes = 1;
	CHECK_INT(dmabuf_warmup(&job, &err), -EIO);
	CHECK_ERROR(&err, -EIO, NEVER);
	CHECK_INT(reads, 100);
	end();
}

static void test_without_sync(void)
{
	begin();
	job.settings.sync = DMABUF_SYNC_NEVER;
	/* It would fail, if it were called. */
	fake.errors[FAKE_SYNC] = EIO;
	CHECK_INT(dmabuf_warmup(&job, &err), 0);
	CHECK_INT(reads, CHUNKS * FILES);
	CHECK_TEXT(fake.log, "");
	CHECK_INT(job.times.sync_calls, 0);
	end();

	begin();
	job.settings.sync = DMABUF_SYNC_NEVER;
	lost_bytes = 512;
	CHECK_INT(dmabuf_warmup(&job, &err), -EIO);
	CHECK_ERROR(&err, -EIO, LOST);
	end();
}

#define SYNC	"dmabuf_source=heap:system: DMA_BUF_IOCTL_SYNC: Input/output error; dmabuf_sync=never leaves it out"

/*
 * Each call of one warm-up is refused in turn. Only where access for putting
 * the memory back is refused may it stay as it is, and that is an error too.
 */
static void test_sync_refused(void)
{
	unsigned int at;

	/* No memory, pread and io_uring_enter lie between the calls. */
	static const unsigned int call[] = { 2, 3, 5, 6, 8, 9, 10, 11 };

	for (at = 0; at < 8; at++) {
		begin();
		job.nr_files = 1;
		job.buffer.plan.chunks = 1;
		fake.calls = 0;
		fake.fail_at = call[at];
		fake.fail_errno = EIO;
		CHECK_INT(dmabuf_warmup(&job, &err), -EIO);
		CHECK_ERROR(&err, -EIO, SYNC);
		CHECK_HAS(fake.log, " refused\n");
		CHECK_INT(reads, at >= 4);
		CHECK_INT(memory_is_as_before(), at != 6);
		CHECK_INT(job.queue.units[0].sqe.opcode, 0);
		CHECK_INT(job.queue.stats.ios[IORING_OP_READ_FIXED], 0);
		job.buffer.plan.chunks = CHUNKS;
		clean();
	}

	/* What went wrong first is what is said. */
	begin();
	lost_bytes = 512;
	fake.calls = 0;
	fake.fail_at = 11;
	fake.fail_errno = EIO;
	CHECK_INT(dmabuf_warmup(&job, &err), -EIO);
	CHECK_ERROR(&err, -EIO, LOST);
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
	unsigned int at = 0, failures = 0, changed = 0;
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
		/* No access for putting it back: see above. */
		if (!memory_is_as_before()) {
			CHECK_HAS(err.text, ": DMA_BUF_IOCTL_SYNC: ");
			CHECK(ret);
			changed++;
		}
		clean();
	} while (fake.calls >= at);
	CHECK_INT(changed, CHUNKS * FILES);
	CHECK(failures >= 4 * CHUNKS * FILES);
}

static const struct check checks[] = {
	{ "every registration", test_every_registration },
	{ "CPU access", test_cpu_access },
	{ "block sizes", test_block_sizes },
	{ "leaves no trace", test_leaves_no_trace },
	{ "EAGAIN", test_eagain },
	{ "short reads", test_short_reads },
	{ "errors", test_errors },
	{ "no poll queues", test_no_poll_queues },
	{ "nothing but EAGAIN", test_nothing_but_eagain },
	{ "data does not arrive", test_data_does_not_arrive },
	{ "a block that changes", test_block_changes },
	{ "never the same", test_never_the_same },
	{ "without DMA_BUF_IOCTL_SYNC", test_without_sync },
	{ "DMA_BUF_IOCTL_SYNC refused", test_sync_refused },
	{ "the ordinary read fails", test_ordinary_read_fails },
	{ "every call can fail", test_every_call_can_fail },
};

CHECK_MAIN("warm-up", checks)
