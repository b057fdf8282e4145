/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ioengine=dmabuf: fio's hooks before the first and after the last I/O; those
 * in between are in io.c. They translate between fio's structures and a job
 * (job.h). When each hook is called, and by whom, is described in
 * doc/design.md.
 */
#include <stdio_ext.h>

#include "engine.h"

#include "report.h"

static struct ioengine_ops ioengine;

static int usage_error(struct thread_data *td, const char *text)
{
	struct dmabuf_error err;

	dmabuf_error_set(&err, -EINVAL, "%s", text);
	return engine_error(td, &err, "dmabuf init");
}

static int check_options(struct thread_data *td)
{
	const struct dmabuf_options *o = td->eo;

	if (td->io_ops != &ioengine)
		return usage_error(td, "ioengine=dmabuf: this plugin was built for another fio; rebuild it with --with-fio=DIR for this fio");
	if (o->uncached)
		return usage_error(td, "uncached=1: registered buffers are for direct I/O; remove the option");
	if (o->nowait)
		return usage_error(td, "nowait=1: the first I/O to a dma-buf has to wait for its DMA mapping; remove the option");
	if (td->o.io_submit_mode == IO_MODE_OFFLOAD)
		return usage_error(td, "io_submit_mode=offload: the offload threads have no registered buffers; use io_submit_mode=inline");
	if (fio_option_is_set(&td->o, mem_type))
		return usage_error(td, "mem=, iomem=: dmabuf_source= provides the memory; remove the option");
	if (o->hipri && !td->o.odirect)
		return usage_error(td, "hipri: only direct I/O can be polled; set direct=1");
	return 0;
}

static bool fewer_open_files(struct thread_data *td)
{
	return fio_option_is_set(&td->o, open_files) &&
	       td->o.open_files < td->o.nr_files;
}

/* Of the reads and writes, or 0. */
static uint64_t smallest_io(const struct thread_data *td)
{
	uint64_t smallest = 0;

	if (td_read(td))
		smallest = td->o.min_bs[DDIR_READ];
	if (td_write(td) && (!smallest ||
			     td->o.min_bs[DDIR_WRITE] < smallest))
		smallest = td->o.min_bs[DDIR_WRITE];
	return smallest;
}

static int read_settings(struct thread_data *td, struct engine *e,
			 struct dmabuf_error *err)
{
	const struct dmabuf_options *o = td->eo;
	struct dmabuf_settings *s = &e->job.settings;
	const struct dmabuf_path_traits *traits = dmabuf_path_traits(o->path);
	int ret;

	e->job.traits = traits;
	s->path = o->path;
	s->sync = o->sync;
	s->warmup = o->warmup;
	s->chunk_max = o->chunk;
	s->size = o->size;
	s->place = o->place;
	s->seed = td->rand_seeds[FIO_RAND_BLOCK_OFF];
	s->direct_io = td->o.odirect;
	s->min_io = td->o.read_iolog_file ? 0 : smallest_io(td);
	s->cpu_reads = td->o.verify != VERIFY_NONE;
	/* fio moves the header of a block to its start before it verifies. */
	s->cpu_swaps = s->cpu_reads && td->o.verify_offset;
	/* fio also sets these flags in jobs that only read. */
	s->cpu_refills = td_write(td) &&
		(td->flags & (TD_F_REFILL_BUFFERS | TD_F_COMPRESS));
	s->cpu_writes = s->cpu_reads || s->cpu_refills ||
		(td_write(td) && (td->flags & TD_F_SCRAMBLE_BUFFERS));
	s->ring.depth = td->o.iodepth;
	s->ring.iopoll = o->hipri;
	s->ring.sqpoll = o->sqthread_poll;
	s->ring.sqpoll_pinned = o->sqthread_poll_pinned;
	s->ring.sqpoll_cpu = o->sqthread_poll_cpu;

	ret = dmabuf_source_parse(&s->source,
				  o->source ? : traits->default_source, err);
	if (!ret)
		ret = dmabuf_path_check(o->path, &s->source, err);
	if (ret)
		return ret;
	/* These need drives, which fio neither reopens nor unlinks. */
	if (o->path == DMABUF_PATH_DIRECT || s->source.kind->unregistered)
		return fewer_open_files(td) ? dmabuf_error_set(err, -EINVAL,
			"openfiles=: smaller than nrfiles, but dmabuf_path=%s with dmabuf_source=%s needs all drives open from the start; remove the option",
			traits->name, s->source.name) : 0;
	s->reopens = td->o.unlink_each_loop || fewer_open_files(td);
	return 0;
}

/* dmabuf_report=, with the number of the job before the suffix if needed. */
static char *report_path(struct thread_data *td)
{
	const struct dmabuf_options *o = td->eo;
	const char *slash, *dot;
	char *path;

	if (thread_number == 1)
		return strdup(o->report);

	slash = strrchr(o->report, '/');
	dot = strrchr(o->report, '.');
	if (!dot || (slash && dot < slash))
		dot = o->report + strlen(o->report);
	if (asprintf(&path, "%.*s.%u%s", (int)(dot - o->report), o->report,
		     td->thread_number, dot) < 0)
		return NULL;
	return path;
}

static int engine_init(struct thread_data *td)
{
	const struct dmabuf_options *o = td->eo;
	struct dmabuf_error err;
	struct engine *e;

	if (check_options(td))
		return 1;
	e = calloc(1, sizeof(*e));
	if (!e)
		goto no_memory;
	td->io_ops_data = e;
	if (read_settings(td, e, &err))
		return engine_error(td, &err, "dmabuf init");
	if (dmabuf_ring_check_depth(td->o.iodepth, &err))
		return engine_error(td, &err, "dmabuf init");
	if (fio_cmdprio_init(td, &e->cmdprio,
			     &((struct dmabuf_options *)o)->cmdprio_options))
		return usage_error(td, "cmdprio_percentage, cmdprio_bssplit: fio rejects these values; set only one of the two, cmdprio_bssplit as BLOCKSIZE/PERCENT:...");
	if (o->report)
		e->report_path = report_path(td);
	if (o->report && !e->report_path)
		goto no_memory;
	dmabuf_host_read(&e->job.host);
	/* With either option fio's io_uring engine does not sleep. */
	e->waits_when_full = !o->sqthread_poll &&
			     td->o.iodepth_batch_complete_min;
	return 0;

no_memory:
	dmabuf_error_no_memory(&err, "numjobs", "run fewer jobs");
	return engine_error(td, &err, "dmabuf init");
}

static int cannot_open(const struct thread_data *td, const struct fio_file *f,
		       struct dmabuf_error *err)
{
	int error = td->error ? : EIO;

	return dmabuf_error_set(err, -error, "%s: cannot open: %s; %s",
				f->file_name, strerror(error),
				dmabuf_error_is_fd_limit(error) ?
				"raise the limit with ulimit -n" :
				"check its name and the permissions");
}

/* Files only: the memory may be replaced while the job runs. */
static int open_and_register(struct thread_data *td, struct dmabuf_error *err)
{
	struct engine *e = td->io_ops_data;
	struct fio_file *f;
	unsigned int i;
	int ret;

	ret = dmabuf_job_expect_files(&e->job, td->o.nr_files, err);
	for_each_file(td, f, i) {
		if (ret)
			return ret;
		if (generic_open_file(td, f))
			return cannot_open(td, f, err);
		ret = dmabuf_job_add_file(&e->job, f->file_name, f->fd, err);
		/* fio opens it again when the I/O starts. */
		f->fd = -1;
	}
	return ret ? ret : dmabuf_job_register_files(&e->job, err);
}

static int register_memory(struct thread_data *td, struct dmabuf_error *err)
{
	const struct dmabuf_options *o = td->eo;
	struct engine *e = td->io_ops_data;
	int ret = dmabuf_job_register(&e->job, err);

	e->touches = dmabuf_job_touches(&e->job);
	e->varies = e->touches || o->force_async ||
		    e->cmdprio.mode != CMDPRIO_MODE_NONE;
	return ret;
}

static int start(struct thread_data *td)
{
	struct engine *e = td->io_ops_data;
	struct dmabuf_error err;
	int ret;

	/* The error has been printed. */
	if (e->broken)
		return 1;
	ret = open_and_register(td, &err);
	e->ready = !ret;
	/* fio has filled the buffers by now. */
	if (!ret && e->job.buffer.base)
		ret = dmabuf_job_end_fill(&e->job, &err);
	if (!ret && e->job.buffer.base)
		ret = register_memory(td, &err);
	if (!ret && e->job.buffer.base)
		ret = engine_open_refills(td, e, &err);
	e->started = !ret;
	return ret ? engine_break(td, e, &err, "dmabuf start") : 0;
}

/* Each io_u keeps its unit for the whole job. */
static void bind_units(struct thread_data *td)
{
	struct engine *e = td->io_ops_data;
	struct io_u *io_u;
	unsigned int i;

	io_u_qiter(&td->io_u_all, io_u, i)
		e->job.queue.units[io_u->index].user = io_u;
}

static int engine_post_init(struct thread_data *td)
{
	struct engine *e = td->io_ops_data;
	struct dmabuf_error err;

	/* fio 3.33 continues after a failed iomem_alloc. */
	if (e->broken)
		return 1;
	if (dmabuf_job_setup_ring(&e->job, &err))
		return engine_error(td, &err, "dmabuf ring");
	bind_units(td);
	e->job.queue.spins = !e->waits_when_full;
	/* Without create_serialize fio creates the files after this hook. */
	return td->o.create_serialize ? start(td) : 0;
}

static int engine_iomem_alloc(struct thread_data *td, size_t total)
{
	struct engine *e = td->io_ops_data;
	struct dmabuf_layout layout = {
		.lead = td->o.mem_align,
		.unit = dmabuf_unit_size(td),
		.units = td->o.iodepth,
	};
	struct dmabuf_error err;
	int ret;

	ret = dmabuf_job_alloc(&e->job, &layout, &err);
	/* A replay replaces the memory in the middle of the job. */
	if (!ret && e->ready)
		ret = register_memory(td, &err);
	if (!ret)
		ret = dmabuf_job_begin_fill(&e->job, &err);
	/* fio may continue anyway. */
	if (ret)
		return engine_break(td, e, &err, "dmabuf iomem_alloc");
	td->orig_buffer = e->job.buffer.base;
	return 0;
}

static void engine_iomem_free(struct thread_data *td)
{
	struct engine *e = td->io_ops_data;

	if (e)
		dmabuf_job_free(&e->job);
	td->orig_buffer = NULL;
}

/* fio creates the files and reads their sizes: no I/O of the job yet. */
static bool is_setting_up(const struct thread_data *td)
{
	return td->runstate < TD_RAMP || td->runstate == TD_SETTING_UP;
}

/* openfiles= or unlink_each_loop=: the file goes into its slot. */
static int reopen(struct thread_data *td, struct fio_file *f)
{
	struct engine *e = td->io_ops_data;
	struct dmabuf_error err;
	int ret;

	if (generic_open_file(td, f)) {
		cannot_open(td, f, &err);
		return engine_error(td, &err, "dmabuf open_file");
	}
	ret = dmabuf_job_update_file(&e->job, f->fileno, f->fd, &err);
	if (!ret)
		return 0;
	if (generic_close_file(td, f))
		f->fd = -1;
	return engine_error(td, &err, "dmabuf open_file");
}

static int engine_open_file(struct thread_data *td, struct fio_file *f)
{
	struct engine *e = td->io_ops_data;
	struct dmabuf_error err;

	if (!e || !e->job.ring_ready || (!e->ready && is_setting_up(td)))
		return generic_open_file(td, f);
	if (!e->ready && start(td)) {
		/* Otherwise fio would keep picking random files forever. */
		td->o.open_files = 0;
		fio_mark_td_terminate(td);
		return 1;
	}
	if (f->fileno >= (int)e->job.open_files) {
		dmabuf_error_set(&err, -EINVAL,
			"%s: added in the middle of a replay, but files are registered at its start; set read_iolog_chunked=0",
			f->file_name);
		return engine_error(td, &err, "dmabuf open_file");
	}
	if (e->job.settings.reopens)
		return reopen(td, f);
	f->fd = e->job.files[f->fileno].fd;
	return 0;
}

static int engine_close_file(struct thread_data *td, struct fio_file *f)
{
	struct engine *e = td->io_ops_data;
	struct dmabuf_error ignored;

	if (!e || !e->ready)
		return generic_close_file(td, f);
	if (e->job.settings.reopens) {
		/*
		 * The kernel refuses it from a thread of verify_async; then the
		 * file stays in its slot until the next one takes it.
		 */
		dmabuf_job_update_file(&e->job, f->fileno, -1, &ignored);
		return generic_close_file(td, f);
	}
	f->fd = -1;
	return 0;
}

static void print_report(struct thread_data *td, struct engine *e)
{
	struct dmabuf_report report = {
		.name = td->o.name,
		.number = td->thread_number,
		.fio_version = fio_version_string,
		.version = PACKAGE_VERSION,
		.job = &e->job,
	};
	struct dmabuf_error err;
	char line[2048];

	/* JSON and terse output must stay parseable. */
	if (output_format & FIO_OUTPUT_NORMAL) {
		dmabuf_report_line(&report, line, sizeof(line));
		/*
		 * A job's process ends with _exit(), so the line has to be
		 * flushed, but not the output that fio had buffered before it
		 * forked.
		 */
		if (!td->o.use_thread)
			__fpurge(f_out);
		log_info("%s\n", line);
		log_info_flush();
	}
	if (e->report_path &&
	    dmabuf_report_write(&report, e->report_path, &err))
		engine_error(td, &err, "dmabuf report");
}

static void engine_cleanup(struct thread_data *td)
{
	struct engine *e = td->io_ops_data;

	if (!e)
		return;
	if (e->started)
		print_report(td, e);
	/* continue_on_error may have forgiven it. */
	if (e->broken)
		td_verror(td, e->broken, "dmabuf");
	dmabuf_job_close(&e->job);
	fio_cmdprio_cleanup(&e->cmdprio);
	free(e->report_path);
	free(e);
	td->io_ops_data = NULL;
}

static struct ioengine_ops ioengine = {
	.name			= "dmabuf",
	.version		= FIO_IOOPS_VERSION,
	.flags			= FIO_NO_OFFLOAD | FIO_ASYNCIO_SYNC_TRIM |
				  FIO_ASYNCIO_SETS_ISSUE_TIME |
				  DMABUF_FLAG_SYNCFS,
	.init			= engine_init,
	.post_init		= engine_post_init,
	.iomem_alloc		= engine_iomem_alloc,
	.iomem_free		= engine_iomem_free,
	.open_file		= engine_open_file,
	.close_file		= engine_close_file,
	.get_file_size		= generic_get_file_size,
	.prep			= engine_prep,
	.queue			= engine_queue,
	.commit			= engine_commit,
	.getevents		= engine_getevents,
	.event			= engine_event,
	.cleanup		= engine_cleanup,
	.options		= dmabuf_options,
	.option_struct_size	= sizeof(struct dmabuf_options),
};

static const char misfit[] =
	"dmabuf: this plugin was built for %s and the running fio is %s; rebuild it with --with-fio=DIR for this fio\n";

/*
 * fio's structures change without notice from one version to the next, so the
 * plugin refuses any version but that of its headers.
 */
static bool fits(void)
{
	return !strcmp(fio_version_string, FIO_DMABUF_FIO_VERSION);
}

/* fio calls this after loading the plugin; NULL makes it exit with status 1. */
__attribute__((visibility("default")))
void get_ioengine(struct ioengine_ops **ops);

void get_ioengine(struct ioengine_ops **ops)
{
	*ops = &ioengine;
	if (fits())
		return;
	log_err(misfit, FIO_DMABUF_FIO_VERSION, fio_version_string);
	*ops = NULL;
}

/*
 * With LD_PRELOAD nobody calls get_ioengine(), so the engine registers itself
 * before main(), when fio has not set up f_out yet. f_out is set when fio loads
 * the plugin itself.
 */
static void __attribute__((constructor)) register_preloaded(void)
{
	if (f_out)
		return;
	if (fits())
		register_ioengine(&ioengine);
	else
		fprintf(stderr, misfit, FIO_DMABUF_FIO_VERSION,
			fio_version_string);
}
