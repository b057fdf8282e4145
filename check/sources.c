/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tries a source of memory with the functions that a job uses, so that what
 * works here works in a job: allocate, write and read back with the CPU.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check/drive/pci-topology.h"
#include "job.h"
#include "sources.h"
#include "subprocess.h"

#define SECONDS		30

#define HEAP_DIR	"/dev/dma_heap"

int check_source_parse(struct check_source *source, const char *text,
		       struct dmabuf_error *err)
{
	size_t length = strcspn(text, ":");
	struct dmabuf_source_option parsed;
	unsigned int i;
	int ret;

	memset(source, 0, sizeof(*source));
	snprintf(source->name, sizeof(source->name), "%s", text);
	ret = dmabuf_source_parse(&parsed, text, err);
	if (!ret) {
		snprintf(source->name, sizeof(source->name), "%s",
			 parsed.name);
		source->kind = parsed.kind->name;
		source->exports = parsed.kind->exports;
		return 0;
	}
	for (i = 0; dmabuf_source_kind(i); i++) {
		const struct dmabuf_source_kind *kind = dmabuf_source_kind(i);

		if (strlen(kind->name) != length ||
		    strncmp(kind->name, text, length))
			continue;
		source->kind = kind->name;
		source->exports = kind->exports;
		check_failed(&source->result, err);
		/* -EINVAL: wrong argument; else this build lacks the kind. */
		if (ret != -EINVAL)
			source->present = CHECK_NO;
	}
	return ret;
}

/* Notes which step failed, by @error (-errno). */
static void note_failed_step(struct check_source *source, int error)
{
	switch (-error) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
	case EOPNOTSUPP:
		source->present = CHECK_NO;
		return;
	case EACCES:
	case EPERM:
		source->present = CHECK_OK;
		source->permitted = CHECK_NO;
		return;
	}
	source->present = CHECK_OK;
	source->permitted = CHECK_OK;
	source->allocated = CHECK_NO;
}

static unsigned char byte(unsigned int i)
{
	return i * 167 + (i >> 8) + 13;
}

/* The CPU must read back what it wrote. */
static int write_and_read(struct dmabuf_job *job, struct dmabuf_error *err)
{
	char *base = job->buffer.base;
	unsigned int i;
	int ret;

	ret = dmabuf_job_begin_fill(job, err);
	if (ret)
		return ret;
	for (i = 0; i < CHECK_UNIT; i++)
		base[i] = byte(i);
	ret = dmabuf_job_end_fill(job, err);
	if (ret)
		return ret;
	/* Bytes left in the shadow must not pass for those of the buffer. */
	if (job->source.shadowed)
		memset(base, 0, CHECK_UNIT);
	ret = dmabuf_job_complete(job, 0, base, CHECK_UNIT, false);
	if (ret)
		return dmabuf_error_set(err, ret,
			"dmabuf_source=%s: the CPU cannot read the buffer: %s; see the kernel log",
			job->source.name, strerror(-ret));
	for (i = 0; i < CHECK_UNIT; i++)
		if ((unsigned char)base[i] != byte(i))
			return dmabuf_error_set(err, -EIO,
				"dmabuf_source=%s: byte %u differs from what the CPU wrote; see the kernel log",
				job->source.name, i);
	return 0;
}

static void note_source(struct check_source *source,
			const struct dmabuf_source *from)
{
	struct dmabuf_error ignored;

	snprintf(source->name, sizeof(source->name), "%s", from->name);
	snprintf(source->detail, sizeof(source->detail), "%s", from->detail);
	source->granule = from->granule;
	source->mapped = !from->shadowed;
	if (dmabuf_source_limit(from, &source->largest, &ignored))
		source->largest = 0;
}

void check_source_try(struct check_source *source)
{
	struct dmabuf_layout layout = { .unit = CHECK_UNIT, .units = 1 };
	struct dmabuf_job job = { .settings.cpu_writes = true };
	struct dmabuf_error err;
	int ret;

	job.settings.cpu_reads = true;
	job.settings.path = source->exports ? DMABUF_PATH_DIRECT :
					      DMABUF_PATH_HOST;
	job.traits = dmabuf_path_traits(job.settings.path);
	ret = dmabuf_source_parse(&job.settings.source, source->name, &err);
	if (!ret)
		ret = dmabuf_job_alloc(&job, &layout, &err);
	if (ret) {
		note_failed_step(source, ret);
		check_failed(&source->result, &err);
		return;
	}
	source->present = CHECK_OK;
	source->permitted = CHECK_OK;
	source->allocated = CHECK_OK;
	note_source(source, &job.source);
	ret = write_and_read(&job, &err);
	source->read_back = ret ? CHECK_NO : CHECK_OK;
	if (ret)
		check_failed(&source->result, &err);
	else
		check_ok(&source->result);
	dmabuf_job_free(&job);
}

static void try_shared(void *shared)
{
	check_source_try(shared);
}

void check_source_try_subprocess(struct check_source *source)
{
	struct check_source *shared = check_shared_alloc(sizeof(*shared));
	int ret;

	if (!shared) {
		check_say(&source->result, CHECK_UNKNOWN,
			  "not tried: out of memory");
		return;
	}
	*shared = *source;
	ret = check_subprocess(try_shared, shared, SECONDS);
	*source = *shared;
	check_shared_free(shared, sizeof(*shared));
	if (ret == -ETIME)
		check_say(&source->result, CHECK_NO,
			  "%s: timed out after %d s; see the kernel log",
			  source->name, SECONDS);
	else if (ret > 0)
		check_say(&source->result, CHECK_NO,
			  "%s: crashed (%s); see the kernel log",
			  source->name, strsignal(ret));
	else if (ret)
		check_say(&source->result, CHECK_UNKNOWN, "not tried: %s",
			  strerror(-ret));
}

bool check_source_device(const struct check_source *source,
			 char bdf[DMABUF_PCI_ADDRESS], const char *sys)
{
	const char *node = strchr(source->name, '/');
	char path[sizeof(source->name)];
	struct stat st;

	if (dmabuf_pci_find(source->name, bdf) ||
	    dmabuf_pci_find(source->detail, bdf))
		return true;
	if (!node)
		return false;
	/* drm:/dev/dri/card0,vram */
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(node, ","), node);
	if (stat(path, &st) || !S_ISCHR(st.st_mode))
		return false;
	check_pci_of_node(bdf, sys, st.st_mode, st.st_rdev);
	return bdf[0];
}

static int is_heap(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "system");
}

unsigned int check_source_names(char names[][160], unsigned int max)
{
	struct dirent **heaps = NULL;
	unsigned int nr = 0, i;
	int nr_heaps, j;

	nr_heaps = scandir(HEAP_DIR, &heaps, is_heap, alphasort);
	for (i = 0; dmabuf_source_kind(i) && nr < max; i++) {
		const char *kind = dmabuf_source_kind(i)->name;

		snprintf(names[nr++], 160, "%s", kind);
		if (strcmp(kind, "heap"))
			continue;
		for (j = 0; j < nr_heaps && nr < max; j++)
			snprintf(names[nr++], 160, "heap:%.127s",
				 heaps[j]->d_name);
	}
	for (j = 0; j < nr_heaps; j++)
		free(heaps[j]);
	free(heaps);
	return nr;
}
