/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the sources cuda and hip share: loading the vendor's library, naming
 * the GPU in dmabuf_source=KIND[:GPU], and one error for each failure.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gpu.h"
#include "pci.h"

/* A GPU's number has at most this many digits. */
#define DIGITS_MAX	3

static bool is_number(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len && len <= DIGITS_MAX && !text[len];
}

int dmabuf_gpu_parse(struct dmabuf_source_option *option,
		     struct dmabuf_error *err)
{
	const char *kind = option->kind->name;

	if (!option->arg[0])
		strcpy(option->arg, "0");
	if (!is_number(option->arg) &&
	    dmabuf_pci_address(option->arg, option->arg))
		return dmabuf_error_set(err, -EINVAL,
			"dmabuf_source=%s: not a GPU; give its number or its PCI address, as in %s:0 or %s:0000:81:00.0",
			option->name, kind, kind);
	snprintf(option->name, sizeof(option->name), "%s:%s", kind,
		 option->arg);
	return 0;
}

int dmabuf_gpu_number(const struct dmabuf_source_option *option)
{
	return is_number(option->arg) ? atoi(option->arg) : -1;
}

/*
 * The error shows the reason for one name only: for a library that exists but
 * cannot be loaded, otherwise for the last one. When the loader finds no
 * library, its text begins with the name.
 */
static bool is_not_found(const char *why, const char *name)
{
	return !strncmp(why, name, strlen(name));
}

static void *load_first(const struct dmabuf_gpu_library *library,
			const char **name, char *tried, char *why,
			size_t size)
{
	bool broken = false;
	size_t i, used = 0;

	for (i = 0; library->names[i] && used < size; i++) {
		void *handle;
		const char *text;

		*name = library->names[i];
		/*
		 * Never unloaded: both vendors leave threads and exit handlers
		 * behind that run in the library.
		 */
		handle = dlopen(*name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
		if (handle)
			return handle;
		text = dlerror();
		if (text && !broken) {
			broken = !is_not_found(text, *name);
			snprintf(why, size, "%s", text);
		}
		used += snprintf(tried + used, size - used, "%s%s",
				 i ? " or " : "", *name);
	}
	return NULL;
}

int dmabuf_gpu_load(const struct dmabuf_source *source,
		    const struct dmabuf_gpu_library *library, void *table,
		    void **handle, struct dmabuf_error *err)
{
	const struct dmabuf_gpu_symbol *symbol;
	char tried[256] = "", why[256] = "";
	const char *name;

	*handle = load_first(library, &name, tried, why, sizeof(tried));
	if (!*handle)
		return dmabuf_error_set(err, -ENOENT,
			"dmabuf_source=%s: cannot load %s (%s); install %s",
			source->name, tried, why, library->package);
	for (symbol = library->symbols; symbol->name; symbol++) {
		void *address = dlsym(*handle, symbol->name);

		if (!address && !symbol->optional) {
			dlclose(*handle);
			return dmabuf_error_set(err, -ENOSYS,
				"dmabuf_source=%s: %s has no %s; update to %s or later",
				source->name, name, symbol->name,
				library->version);
		}
		memcpy((char *)table + symbol->offset, &address,
		       sizeof(address));
	}
	return 0;
}

int dmabuf_gpu_not_found(const struct dmabuf_source *source,
			 const struct dmabuf_gpu_library *library, int count,
			 struct dmabuf_error *err)
{
	return dmabuf_error_set(err, -ENODEV,
		"dmabuf_source=%s: no such GPU, the driver has %d; choose one that %s lists, and check the driver and %s",
		source->name, count, library->lister, library->filter);
}

int dmabuf_gpu_failed(const struct dmabuf_source *source,
		      const struct dmabuf_gpu_library *library,
		      const char *call, const char *why,
		      struct dmabuf_error *err)
{
	return dmabuf_error_set(err, -EIO,
		"dmabuf_source=%s: %s failed: %s; check %s and the kernel log",
		source->name, call, why, library->lister);
}

int dmabuf_gpu_no_export(const struct dmabuf_source *source,
			 const struct dmabuf_gpu_library *library,
			 struct dmabuf_error *err)
{
	return dmabuf_error_set(err, -EOPNOTSUPP,
		"dmabuf_source=%s: the driver of this GPU exports no dma-bufs; use %s",
		source->name, library->exporter);
}

int dmabuf_gpu_no_memory(const struct dmabuf_source *source, uint64_t bytes,
			 uint64_t available, struct dmabuf_error *err)
{
	char need[32], have[32];

	return dmabuf_error_set(err, -ENOMEM,
		"dmabuf_source=%s: %s of GPU memory needed, %s free; lower iodepth, bs or numjobs",
		source->name, dmabuf_size_text(bytes, need),
		dmabuf_size_text(available, have));
}

/*
 * The vendors have no error for the limit on open files, so opening a file
 * shows whether it is the reason.
 */
int dmabuf_gpu_export_failed(const struct dmabuf_source *source,
			     const struct dmabuf_gpu_library *library,
			     uint64_t bytes, const char *why,
			     struct dmabuf_error *err)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char size[32];

	if (fd < 0 && dmabuf_error_is_fd_limit(errno))
		return dmabuf_source_fd_limit(source, errno, err);
	if (fd >= 0)
		close(fd);
	return dmabuf_error_set(err, -EIO,
		"dmabuf_source=%s: cannot export %s of GPU memory as a dma-buf: %s; use %s",
		source->name, dmabuf_size_text(bytes, size), why,
		library->exporter);
}

int dmabuf_gpu_limit(const struct dmabuf_source *source, uint64_t available,
		     uint64_t *bytes, struct dmabuf_error *err)
{
	*bytes = available - available % source->granule;
	if (!*bytes)
		return dmabuf_gpu_no_memory(source, source->granule,
					    available, err);
	return 0;
}

int dmabuf_gpu_adopt(const struct dmabuf_source *source, int fd,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char is[32], wanted[32];

	if (size < 0 || (uint64_t)size < chunk->size) {
		close(fd);
		return dmabuf_error_set(err, -EIO,
			"dmabuf_source=%s: the driver exported a dma-buf of %s for %s of GPU memory; update the driver",
			source->name, dmabuf_size_text(size < 0 ? 0 : size, is),
			dmabuf_size_text(chunk->size, wanted));
	}
	/* The vendors leave it open for programs that fio starts. */
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	chunk->fd = fd;
	return 0;
}
