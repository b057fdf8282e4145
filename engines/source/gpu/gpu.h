/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the sources on a GPU share: the vendor's library, which is loaded when
 * a job opens its source and is not needed to build, the GPU's name in
 * dmabuf_source=KIND[:GPU], and one line for each way it goes wrong.
 */
#ifndef DMABUF_GPU_H
#define DMABUF_GPU_H

#include "source.h"

struct dmabuf_gpu_symbol {
	const char *name;
	size_t offset;		/* of its pointer in the kind's table */
	bool optional;
};

struct dmabuf_gpu_library {
	const char *const *names;	/* to try in turn; NULL ends them */
	const struct dmabuf_gpu_symbol *symbols;	/* no name ends them */
	/* Words for the remedies. */
	const char *package;	/* what has the library */
	const char *version;	/* of the first one with all symbols */
	const char *lister;	/* the command that shows the GPUs */
	const char *filter;	/* the variable that hides GPUs */
	const char *exporter;	/* what a dma-buf needs */
};

/* The parse of both kinds: a number or a PCI address, by default 0. */
int dmabuf_gpu_parse(struct dmabuf_source_option *option,
		     struct dmabuf_error *err);
/* The number, -1 when the option has a PCI address. */
int dmabuf_gpu_number(const struct dmabuf_source_option *option);

/*
 * Loads the library and fills @table in with the addresses of its functions,
 * NULL for an optional one that is missing. @handle is for dlclose; the code
 * stays in the process even then, see gpu.c.
 */
int dmabuf_gpu_load(const struct dmabuf_source *source,
		    const struct dmabuf_gpu_library *library, void *table,
		    void **handle, struct dmabuf_error *err);

/* The lines. @why is the vendor's name of the error. */
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

/* The largest chunk of @available bytes of GPU memory. */
int dmabuf_gpu_limit(const struct dmabuf_source *source, uint64_t available,
		     uint64_t *bytes, struct dmabuf_error *err);

/* Takes @fd over into @chunk if it is a dma-buf of all of it. */
int dmabuf_gpu_adopt(const struct dmabuf_source *source, int fd,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err);

#endif
