/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What several kinds of sources need and may run out of: huge pages, RAM and
 * file descriptors.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "line.h"
#include "source.h"

int dmabuf_source_parse_page_size(struct dmabuf_source_option *option,
				  struct dmabuf_error *err)
{
	option->ordinary_pages = !option->arg[0];
	if (option->ordinary_pages)
		return 0;
	if (!strcasecmp(option->arg, "2M"))
		option->granule = 2ULL << 20;
	else if (!strcasecmp(option->arg, "1G"))
		option->granule = 1ULL << 30;
	else
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: no such page size; use %s, %s:2M or %s:1G",
			option->name, option->kind->name, option->kind->name,
			option->kind->name);
	return 0;
}

int dmabuf_source_check_ram(const struct dmabuf_source *source, uint64_t bytes,
			    struct dmabuf_error *err)
{
	unsigned long long kib = 0;
	char line[128], need[32], have[32];
	FILE *f = fopen("/proc/meminfo", "r");
	bool known = false;

	if (!f)
		return 0;
	while (!known && fgets(line, sizeof(line), f))
		known = sscanf(line, "MemAvailable: %llu kB", &kib) == 1;
	fclose(f);
	if (!known || bytes <= kib << 10)
		return 0;
	return dmabuf_error_set(err, -ENOMEM,
		"dmabuf_source=%s: %s needed, %s of memory available; lower iodepth, bs or numjobs",
		source->name, dmabuf_size_text(bytes, need),
		dmabuf_size_text(kib << 10, have));
}

int dmabuf_source_no_memory(const struct dmabuf_source *source,
			    struct dmabuf_error *err)
{
	char object[sizeof("dmabuf_source=") + sizeof(source->name)];

	snprintf(object, sizeof(object), "dmabuf_source=%s", source->name);
	return dmabuf_error_no_memory(err, object,
				      "lower iodepth, bs or numjobs");
}

int dmabuf_source_fd_limit(const struct dmabuf_source *source, int error,
			   struct dmabuf_error *err)
{
	return dmabuf_error_set(err, -error,
		"dmabuf_source=%s: %s: each dma-buf takes one or two; raise the limit with ulimit -n, or raise dmabuf_chunk",
		source->name, strerror(error));
}

unsigned int dmabuf_source_huge_flags(const struct dmabuf_source *source)
{
	return (unsigned int)__builtin_ctzll(source->granule) <<
		DMABUF_HUGE_SHIFT;
}

int dmabuf_source_no_huge_pages(const struct dmabuf_source *source,
				uint64_t bytes, struct dmabuf_error *err)
{
	unsigned long long kib = source->granule >> 10;
	char path[96], size[32], free_text[32] = "an unknown number";
	uint64_t available;

	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/hugepages/hugepages-%llukB", kib);
	if (access(path, F_OK))
		return dmabuf_error_set(err, -ENOMEM,
			"dmabuf_source=%s: this machine has no huge pages of %s; use another page size",
			source->name, dmabuf_size_text(source->granule, size));

	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/hugepages/hugepages-%llukB/free_hugepages",
		 kib);
	if (!dmabuf_line_number(path, &available))
		snprintf(free_text, sizeof(free_text), "%llu",
			 (unsigned long long)available);
	return dmabuf_error_set(err, -ENOMEM,
		"dmabuf_source=%s: %llu huge pages of %s needed, %s free; reserve them in /sys/kernel/mm/hugepages/hugepages-%llukB/nr_hugepages",
		source->name,
		(unsigned long long)((bytes + source->granule - 1) /
				     source->granule),
		dmabuf_size_text(source->granule, size), free_text, kib);
}
