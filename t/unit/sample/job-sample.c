/* SPDX-License-Identifier: GPL-2.0-only */
/* The jobs whose reports the tests compare word by word. */
#include <errno.h>
#include <string.h>

#include "t/unit/check.h"
#include "job-sample.h"

static void begin(struct job_sample *s, enum dmabuf_path path,
		  const char *source)
{
	struct dmabuf_error err;

	memset(s, 0, sizeof(*s));
	CHECK_INT(dmabuf_source_parse(&s->job.settings.source, source, &err),
		  0);
	CHECK_INT(dmabuf_source_open(&s->job.source, &s->job.settings.source,
				     &err), 0);
	s->job.settings.path = path;
	s->job.traits = dmabuf_path_traits(path);
	s->job.settings.warmup = true;
	s->job.files = s->files;
	s->report.name = "randread";
	s->report.number = 1;
	s->report.fio_version = "fio-3.33";
	s->report.version = "0.1.0";
	s->report.job = &s->job;
	strcpy(s->job.host.release, "7.2.0-v5");
	strcpy(s->job.host.cmdline, "console=ttyS0 intel_iommu=on");
	strcpy(s->job.host.cpu, "QEMU TCG CPU");
}

static void add_drive(struct job_sample *s, char *name, const char *disk,
		      const char *iommu)
{
	struct dmabuf_file *file = &s->files[s->job.open_files++];

	file->name = name;
	file->target.kind = DMABUF_TARGET_NVME;
	strcpy(file->target.disk, disk);
	strcpy(file->target.model, "QEMU NVMe Ctrl");
	strcpy(file->target.firmware, "8.2.2");
	strcpy(file->target.iommu, iommu);
	s->job.nr_files = s->job.open_files;
}

void job_sample_direct(struct job_sample *s)
{
	static char name[] = "/dev/nvme0n1";
	struct dmabuf_queue_stats *stats = &s->job.queue.stats;
	struct dmabuf_job_stats *job_stats = &s->job.stats;

	begin(s, DMABUF_PATH_DIRECT, "heap");
	add_drive(s, name, "nvme0n1", "DMA-FQ");
	s->job.interface.family = DMABUF_FAMILY_B;
	s->job.interface.type = 2;
	s->job.interface.name = "B (v5 or later)";
	s->job.chunks = 1;
	s->job.bytes = 128 << 10;
	job_stats->registrations = 1;
	job_stats->register_ns = 87654;
	job_stats->warmups = 1;
	job_stats->first_map_ns = 1234567;
	job_stats->first_map_max_ns = 1234567;
	stats->ios[IORING_OP_READ_FIXED] = 4096;
	stats->bytes[IORING_OP_READ_FIXED] = 16 << 20;
	stats->ios[IORING_OP_FSYNC] = 3;
}

void job_sample_staged(struct job_sample *s)
{
	static char drive[] = "/dev/nvme0n1p2", file[] = "/mnt/data file";
	struct dmabuf_queue_stats *stats = &s->job.queue.stats;
	struct dmabuf_job_stats *job_stats = &s->job.stats;

	begin(s, DMABUF_PATH_STAGED, "udmabuf:2M");
	add_drive(s, drive, "nvme0n1", "identity");
	s->files[s->job.open_files++].name = file;
	s->report.number = 12;
	s->job.settings.sync = DMABUF_SYNC_ALWAYS;
	s->job.settings.place = DMABUF_PLACE_TAIL;
	s->job.source.shadowed = true;
	strcpy(s->job.source.detail, "a detail");
	s->job.chunks = 3;
	s->job.bytes = (3 << 20) + 512;
	job_stats->registrations = 3;
	job_stats->register_ns = 1500000;
	job_stats->sync_calls = 42;
	job_stats->copied_bytes = 5000;
	job_stats->shadow_bytes = 7000;
	stats->ios[IORING_OP_READ_FIXED] = 1;
	stats->bytes[IORING_OP_READ_FIXED] = 1000;
	stats->ios[IORING_OP_WRITE_FIXED] = 2;
	stats->bytes[IORING_OP_WRITE_FIXED] = 4000;
	stats->reissued = 7;
	stats->continued = 2;
	stats->errors[EIO] = 3;
	stats->errors[ENOSPC] = 1;
	stats->errors[0] = 5;
}

void job_sample_host(struct job_sample *s)
{
	begin(s, DMABUF_PATH_HOST, "memory");
	s->job.settings.sync = DMABUF_SYNC_NEVER;
	s->job.host = (struct dmabuf_host) { 0 };
}
