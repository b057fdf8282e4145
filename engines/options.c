/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The option table. A released option is never renamed. Options of fio's
 * io_uring engine keep their names, so that its jobs run after changing only
 * ioengine=. The manual page lists the same options; a test compares the two.
 */
#include "options.h"

#include "job.h"
#include "path.h"

static int pin_poll_thread(void *data, unsigned long long *cpu)
{
	struct dmabuf_options *o = data;

	o->sqthread_poll_cpu = *cpu;
	o->sqthread_poll_pinned = 1;
	return 0;
}

#define OPTION(option_name, long_name, option_type)	\
	.name = option_name,				\
	.lname = long_name,				\
	.type = option_type,				\
	.category = FIO_OPT_C_ENGINE,			\
	.group = FIO_OPT_G_IOURING

/* Options of fio's io_uring engine, of any version, that make no sense here. */
#define FOREIGN(option_name)				\
	{						\
		OPTION(option_name, "Not supported", FIO_OPT_UNSUPPORTED), \
		.help = "Refused: this engine reads and writes blocks and registers their memory; use io_uring or io_uring_cmd for NVMe or SCSI commands, metadata and protection information.", \
	}

#define AT(member)	.off1 = offsetof(struct dmabuf_options, member)

struct fio_option dmabuf_options[] = {
	{
		OPTION("dmabuf_source", "Source of the memory",
		       FIO_OPT_STR_STORE),
		AT(source),
		.help = "Take the memory from heap[:NAME], udmabuf[:2M|:1G], drm[:NODE], vfio:BDF, cuda[:GPU], hip[:GPU], fd:PATH, memory[:2M|:1G] or p2pmem:BDF. Default: heap:system for paths direct and staged, udmabuf for pinned, memory for host.",
	},
	{
		OPTION("dmabuf_path", "Path of the data", FIO_OPT_STR),
		AT(path),
		.def = "direct",
		.help = "Select how data moves between the drive and the memory.",
		.posval = {
			{ .ival = "direct",
			  .oval = DMABUF_PATH_DIRECT,
			  .help = "Register the dma-buf with io_uring for the drive." },
			{ .ival = "pinned",
			  .oval = DMABUF_PATH_PINNED,
			  .help = "Register the memory behind a udmabuf as ordinary buffers." },
			{ .ival = "staged",
			  .oval = DMABUF_PATH_STAGED,
			  .help = "Use ordinary host buffers, and copy into or out of the dma-buf." },
			{ .ival = "host",
			  .oval = DMABUF_PATH_HOST,
			  .help = "Use ordinary host buffers and no dma-buf." },
		},
	},
	{
		OPTION("dmabuf_chunk", "Largest single dma-buf",
		       FIO_OPT_STR_VAL),
		AT(chunk),
		.minval = 4096,
		.help = "Limit the size of a single dma-buf, in bytes. A job that needs more memory gets several. Default: 1 GiB, or the source's limit if that is lower.",
	},
	{
		OPTION("dmabuf_size", "Size of the memory", FIO_OPT_STR_VAL),
		AT(size),
		.help = "Set the total size of the memory, in bytes. Default: iodepth times the largest bs.",
	},
	{
		OPTION("dmabuf_place", "Place of the slices", FIO_OPT_STR),
		AT(place),
		.def = "packed",
		.help = "Select where in the memory of dmabuf_size the I/O slices lie.",
		.posval = {
			{ .ival = "packed",
			  .oval = DMABUF_PLACE_PACKED,
			  .help = "One after another, from the start." },
			{ .ival = "spread",
			  .oval = DMABUF_PLACE_SPREAD,
			  .help = "At equal distances over all the memory." },
			{ .ival = "tail",
			  .oval = DMABUF_PLACE_TAIL,
			  .help = "One after another, up to the end." },
			{ .ival = "random",
			  .oval = DMABUF_PLACE_RANDOM,
			  .help = "At random positions; randseed, randrepeat, allrandrepeat apply." },
		},
	},
	{
		OPTION("dmabuf_warmup", "Warm-up read", FIO_OPT_BOOL),
		AT(warmup),
		.def = "1",
		.help = "Read one block through each registration before the job starts, which creates the DMA mapping, and compare it with an ordinary read (path direct and source p2pmem).",
	},
	{
		OPTION("dmabuf_sync", "CPU access brackets", FIO_OPT_STR),
		AT(sync),
		.def = "auto",
		.help = "Select when DMA_BUF_IOCTL_SYNC brackets CPU access to a dma-buf.",
		.posval = {
			{ .ival = "auto",
			  .oval = DMABUF_SYNC_AUTO,
			  .help = "Whenever the CPU touches the data: verify, refilled or scrambled writes, staged copies." },
			{ .ival = "always",
			  .oval = DMABUF_SYNC_ALWAYS,
			  .help = "Around every I/O." },
			{ .ival = "never",
			  .oval = DMABUF_SYNC_NEVER,
			  .help = "Not at all." },
		},
	},
	{
		OPTION("dmabuf_report", "Report file", FIO_OPT_STR_STORE),
		AT(report),
		.help = "Write the results and the environment to this file as JSON. With several jobs each inserts its job number before the suffix.",
	},
	{
		OPTION("hipri", "Polled completions", FIO_OPT_STR_SET),
		AT(hipri),
		.help = "Poll for completions instead of waiting for interrupts. Kernels with v5 or later of the dma-buf series refuse this on path direct.",
	},
	{
		OPTION("sqthread_poll", "Submission by a kernel thread",
		       FIO_OPT_STR_SET),
		AT(sqthread_poll),
		.help = "Submit through a kernel thread that polls the submission queue.",
	},
	{
		OPTION("sqthread_poll_cpu", "CPU of that thread", FIO_OPT_INT),
		.cb = pin_poll_thread,
		.help = "Pin the thread of sqthread_poll to this CPU.",
	},
	{
		OPTION("force_async", "Force asynchronous issue",
		       FIO_OPT_INT),
		AT(force_async),
		.help = "Hand one in N I/Os to a kernel worker (IOSQE_ASYNC).",
	},
	{
		OPTION("cmdprio_percentage", "Part of the I/Os with priority",
		       FIO_OPT_INT),
		.off1 = offsetof(struct dmabuf_options,
				 cmdprio_options.percentage[DDIR_READ]),
		.off2 = offsetof(struct dmabuf_options,
				 cmdprio_options.percentage[DDIR_WRITE]),
		.minval = 0,
		.maxval = 100,
		.help = "Issue this percentage of the I/Os with another priority.",
	},
	{
		OPTION("cmdprio_class", "Priority class of that part",
		       FIO_OPT_INT),
		.off1 = offsetof(struct dmabuf_options,
				 cmdprio_options.class[DDIR_READ]),
		.off2 = offsetof(struct dmabuf_options,
				 cmdprio_options.class[DDIR_WRITE]),
		.minval = IOPRIO_MIN_PRIO_CLASS + 1,
		.maxval = IOPRIO_MAX_PRIO_CLASS,
		.interval = 1,
		.help = "Set the priority class of the I/Os selected by cmdprio_percentage or cmdprio_bssplit.",
	},
	{
		OPTION("cmdprio", "Priority level of that part", FIO_OPT_INT),
		.off1 = offsetof(struct dmabuf_options,
				 cmdprio_options.level[DDIR_READ]),
		.off2 = offsetof(struct dmabuf_options,
				 cmdprio_options.level[DDIR_WRITE]),
		.minval = IOPRIO_MIN_PRIO,
		.maxval = IOPRIO_MAX_PRIO,
		.interval = 1,
		.help = "Set the priority level of the I/Os selected by cmdprio_percentage or cmdprio_bssplit.",
	},
	DMABUF_OPTION_CMDPRIO_HINT(struct dmabuf_options)
	{
		OPTION("cmdprio_bssplit", "Priority by block size",
		       FIO_OPT_STR_STORE),
		AT(cmdprio_options.bssplit_str),
		.help = "Issue given percentages of the I/Os of given block sizes with another priority.",
	},
	{
		OPTION("fixedbufs", "Registered buffers", FIO_OPT_STR_SET),
		AT(fixedbufs),
		.help = "Accepted for compatibility with the io_uring engine; buffers are always registered.",
	},
	{
		OPTION("registerfiles", "Registered files", FIO_OPT_STR_SET),
		AT(registerfiles),
		.help = "Accepted for compatibility with the io_uring engine; files are always registered.",
	},
	{
		OPTION("nonvectored", "Non-vectored I/O", FIO_OPT_INT),
		AT(nonvectored),
		.help = "Accepted for compatibility with the io_uring engine; I/O is always non-vectored.",
	},
	{
		OPTION("uncached", "Uncached buffered I/O", FIO_OPT_INT),
		AT(uncached),
		.help = "Only 0 is accepted; uncached buffered I/O is not supported.",
	},
	{
		OPTION("nowait", "No waiting in the kernel", FIO_OPT_BOOL),
		AT(nowait),
		.help = "Only 0 is accepted: the first I/O through a dma-buf has to wait for its mapping.",
	},
	FOREIGN("apptag"),
	FOREIGN("apptag_mask"),
	FOREIGN("cdb_len"),
	FOREIGN("cmd_type"),
	FOREIGN("deac"),
	FOREIGN("md_per_io_size"),
	FOREIGN("pi_act"),
	FOREIGN("pi_chk"),
	FOREIGN("read_mode"),
	FOREIGN("readfua"),
	FOREIGN("verify_bytchk"),
	FOREIGN("verify_mode"),
	FOREIGN("write_mode"),
	FOREIGN("writefua"),
	{ .name = NULL },
};
