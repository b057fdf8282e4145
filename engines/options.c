/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The option table. An option, once released, is never renamed. Options of
 * fio's io_uring engine keep their names, so that a job runs after changing
 * only ioengine=. The manual page has the same list; a test compares them.
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

#define AT(member)	.off1 = offsetof(struct dmabuf_options, member)

struct fio_option dmabuf_options[] = {
	{
		OPTION("dmabuf_source", "Source of the memory",
		       FIO_OPT_STR_STORE),
		AT(source),
		.help = "Where the memory comes from: heap[:NAME], udmabuf[:2M|:1G] or memory[:2M|:1G]; by default heap:system for paths direct and staged, udmabuf for pinned, memory for host.",
	},
	{
		OPTION("dmabuf_path", "Path of the data", FIO_OPT_STR),
		AT(path),
		.def = "direct",
		.help = "How data goes between the drive and the memory.",
		.posval = {
			{ .ival = "direct",
			  .oval = DMABUF_PATH_DIRECT,
			  .help = "The dma-buf is registered for the drive." },
			{ .ival = "pinned",
			  .oval = DMABUF_PATH_PINNED,
			  .help = "The memory behind a udmabuf is registered as ordinary buffers." },
			{ .ival = "staged",
			  .oval = DMABUF_PATH_STAGED,
			  .help = "Ordinary host buffers, and a CPU copy into or out of the dma-buf." },
			{ .ival = "host",
			  .oval = DMABUF_PATH_HOST,
			  .help = "Ordinary host buffers without a dma-buf." },
		},
	},
	{
		OPTION("dmabuf_chunk", "Largest single dma-buf",
		       FIO_OPT_STR_VAL),
		AT(chunk),
		.minval = 4096,
		.help = "The largest single dma-buf in bytes; a job that needs more gets several. By default the largest that works: 1 GiB, or the limit of udmabuf.",
	},
	{
		OPTION("dmabuf_size", "Size of the memory", FIO_OPT_STR_VAL),
		AT(size),
		.help = "How much memory the job takes, in bytes; by default what its I/O units need, iodepth times the largest bs.",
	},
	{
		OPTION("dmabuf_place", "Place of the slices", FIO_OPT_STR),
		AT(place),
		.def = "packed",
		.help = "Where in the memory of dmabuf_size the slices of the I/O units lie.",
		.posval = {
			{ .ival = "packed",
			  .oval = DMABUF_PLACE_PACKED,
			  .help = "One after another, from the start." },
			{ .ival = "spread",
			  .oval = DMABUF_PLACE_SPREAD,
			  .help = "At equal distances over all of it." },
			{ .ival = "tail",
			  .oval = DMABUF_PLACE_TAIL,
			  .help = "One after another, up to the end." },
			{ .ival = "random",
			  .oval = DMABUF_PLACE_RANDOM,
			  .help = "At random places; randseed and randrepeat apply." },
		},
	},
	{
		OPTION("dmabuf_warmup", "Warm-up read", FIO_OPT_BOOL),
		AT(warmup),
		.def = "1",
		.help = "Read one block through each registration before measuring, which makes the DMA mapping, and compare it with an ordinary read (path direct).",
	},
	{
		OPTION("dmabuf_sync", "CPU access brackets", FIO_OPT_STR),
		AT(sync),
		.def = "auto",
		.help = "When CPU access to a dma-buf is put between DMA_BUF_IOCTL_SYNC calls.",
		.posval = {
			{ .ival = "auto",
			  .oval = DMABUF_SYNC_AUTO,
			  .help = "Where the CPU touches the data: verify, refilled or scrambled writes, staged copies." },
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
		.help = "Write what the end-of-job line says, and the environment, to this file as JSON; in a run of several jobs each puts its job number before the suffix.",
	},
	{
		OPTION("hipri", "Polled completions", FIO_OPT_STR_SET),
		AT(hipri),
		.help = "Poll for completions instead of waiting for interrupts; kernels with version 5 or later of the dma-buf series refuse it on path direct.",
	},
	{
		OPTION("sqthread_poll", "Submission by a kernel thread",
		       FIO_OPT_STR_SET),
		AT(sqthread_poll),
		.help = "Let a kernel thread pick up submissions.",
	},
	{
		OPTION("sqthread_poll_cpu", "CPU of that thread", FIO_OPT_INT),
		.cb = pin_poll_thread,
		.help = "Run the thread of sqthread_poll on this CPU.",
	},
	{
		OPTION("force_async", "Force asynchronous issue",
		       FIO_OPT_INT),
		AT(force_async),
		.help = "Hand every Nth I/O to a kernel worker at once (IOSQE_ASYNC).",
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
		.help = "Give this percentage of the I/Os another priority.",
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
		.help = "The priority class of the I/Os chosen by cmdprio_percentage or cmdprio_bssplit.",
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
		.help = "The priority level of the I/Os chosen by cmdprio_percentage or cmdprio_bssplit.",
	},
	DMABUF_OPTION_CMDPRIO_HINT(struct dmabuf_options)
	{
		OPTION("cmdprio_bssplit", "Priority by block size",
		       FIO_OPT_STR_STORE),
		AT(cmdprio_options.bssplit_str),
		.help = "Give percentages of the I/Os of given block sizes another priority.",
	},
	{
		OPTION("fixedbufs", "Registered buffers", FIO_OPT_STR_SET),
		AT(fixedbufs),
		.help = "Accepted for jobs of the io_uring engine; buffers are always registered.",
	},
	{
		OPTION("registerfiles", "Registered files", FIO_OPT_STR_SET),
		AT(registerfiles),
		.help = "Accepted for jobs of the io_uring engine; files are always registered.",
	},
	{
		OPTION("nonvectored", "Non-vectored I/O", FIO_OPT_INT),
		AT(nonvectored),
		.help = "Accepted for jobs of the io_uring engine; I/O is always non-vectored.",
	},
	{
		OPTION("uncached", "Uncached buffered I/O", FIO_OPT_INT),
		AT(uncached),
		.help = "Only 0 is accepted: registered buffers are for direct I/O.",
	},
	{
		OPTION("nowait", "No waiting in the kernel", FIO_OPT_BOOL),
		AT(nowait),
		.help = "Only 0 is accepted: the first I/O through a dma-buf has to wait for its mapping.",
	},
	{ .name = NULL },
};
