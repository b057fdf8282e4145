/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the sources cuda and hip share: loading the vendor's library when a job
 * opens its source (building does not need it), naming the GPU in
 * dmabuf_source=KIND[:GPU], and one error for each failure.
 */
#ifndef DMABUF_GPU_H
#define DMABUF_GPU_H

#include "source.h"

struct dmabuf_gpu_symbol {
	const char *name;
	size_t offset;		/* of its pointer in the table */
	bool optional;
};

struct dmabuf_gpu_library {
	const char *const *names;	/* tried in turn, NULL-terminated */
	const struct dmabuf_gpu_symbol *symbols;	/* up to a NULL name */
	/* Words for the remedies */
	const char *package;	/* what contains the library */
	const char *version;	/* the first with all symbols */
	const char *lister;	/* the command that lists the GPUs */
	const char *filter;	/* the variable that hides GPUs */
	const char *exporter;	/* what exporting a dma-buf requires */
};

/* The parse of both kinds: a GPU's number (default 0) or PCI address. */
int dmabuf_gpu_parse(struct dmabuf_source_option *option,
		     struct dmabuf_error *err);
/* The GPU's number, -1 when the option has a PCI address. */
int dmabuf_gpu_number(const struct dmabuf_source_option *option);

/*
 * Loads the library and fills @table with the addresses of its functions; a
 * missing optional one is NULL. Pass @handle to dlclose(); the code stays in
 * the process even after that, see gpu.c. 0, or -errno with @err set.
 */
int dmabuf_gpu_load(const struct dmabuf_source *source,
		    const struct dmabuf_gpu_library *library, void *table,
		    void **handle, struct dmabuf_error *err);

/* The errors. @why is the vendor's name of the error, @count of GPUs. */
int dmabuf_gpu_not_found(const struct dmabuf_source *source,
			 const struct dmabuf_gpu_library *library, int count,
			 struct dmabuf_error *err);
int dmabuf_gpu_failed(const struct dmabuf_source *source,
		      const struct dmabuf_gpu_library *library,
		      const char *call, const char *why,
		      struct dmabuf_error *err);
int dmabuf_gpu_no_export(const struct dmabuf_source *source,
			 const struct dmabuf_gpu_library *library,
			 struct dmabuf_error *err);
int dmabuf_gpu_no_memory(const struct dmabuf_source *source, uint64_t bytes,
			 uint64_t available, struct dmabuf_error *err);
int dmabuf_gpu_export_failed(const struct dmabuf_source *source,
			     const struct dmabuf_gpu_library *library,
			     uint64_t bytes, const char *why,
			     struct dmabuf_error *err);

/* A limit: the largest chunk in @available bytes of GPU memory. */
int dmabuf_gpu_limit(const struct dmabuf_source *source, uint64_t available,
		     uint64_t *bytes, struct dmabuf_error *err);

/* Moves @fd to @chunk if the dma-buf is at least as large, or closes it. */
int dmabuf_gpu_adopt(const struct dmabuf_source *source, int fd,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err);

#endif
