/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the memory of a job comes from: dmabuf_source=KIND[:ARG]. A kind is a
 * table of functions in a file of its own, declared here, with a row in
 * source.c.
 */
#ifndef DMABUF_SOURCE_H
#define DMABUF_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* One piece of memory, allocated and freed by its source. */
struct dmabuf_chunk {
	uint64_t size;		/* bytes, a multiple of the granule */
	int fd;			/* the dma-buf, -1 when there is none */
	int memfd;		/* the memory behind a udmabuf, else -1 */
	uint64_t handle;	/* private to the source: offset or handle */
	void *window;		/* private to the source: its own mapping, for
				 * read and write */
};

/* A part of a chunk, and the CPU address to map it at or to copy it to. */
struct dmabuf_part {
	void *address;
	uint64_t offset;	/* bytes from the beginning of the chunk */
	uint64_t size;		/* bytes */
};

/* The option as parsed, constant afterwards. */
struct dmabuf_source_option {
	const struct dmabuf_source_kind *kind;
	char name[160];		/* as in a job file, with the default ARG */
	char arg[128];		/* what follows the colon, or the default */
	uint64_t granule;	/* page size of the memory, bytes */
	bool ordinary_pages;	/* RAM that MemAvailable counts */
};

/*
 * A source opened from an option: its device, if it has one, and what that
 * device turned out to be. dmabuf_source_open() copies what the option says,
 * and the kind's open completes it. Closing frees the state only; the other
 * members stay valid for the report.
 */
struct dmabuf_source {
	const struct dmabuf_source_kind *kind;
	struct dmabuf_source_option option;
	char name[160];		/* as in a job file, with the device chosen */
	uint64_t granule;	/* bytes; at least that of the option */
	bool ordinary_pages;	/* RAM that MemAvailable counts */
	char detail[96];	/* the device in words; may be empty */
	bool shadowed;		/* the CPU cannot map it: fio works on host
				 * memory, copied by read and write */
	void *state;		/* the open device, owned by the kind */
	int watch;		/* readable when the device is about to be
				 * removed; -1: nothing to watch */
};

/*
 * One kind of memory. The job's thread makes all calls. A call that fails
 * returns -errno, sets @err if it has one, and leaves nothing behind.
 */
struct dmabuf_source_kind {
	const char *name;
	bool exports;		/* chunks are dma-bufs */
	bool pinnable;		/* the memory behind the dma-bufs can be
				 * mapped without them */
	bool unregistered;	/* io_uring cannot register the memory: plain
				 * requests to chunk->window */

	/*
	 * Checks option->arg and completes name, granule and
	 * ordinary_pages.
	 * Allocates nothing.
	 */
	int (*parse)(struct dmabuf_source_option *option,
		     struct dmabuf_error *err);
	/*
	 * Opens the device and completes @source. NULL for kinds that need no
	 * device; close is NULL then as well.
	 */
	int (*open)(struct dmabuf_source *source, struct dmabuf_error *err);
	void (*close)(struct dmabuf_source *source);
	/* The size of the largest possible chunk; NULL: no limit. */
	int (*limit)(const struct dmabuf_source *source, uint64_t *bytes,
		     struct dmabuf_error *err);
	/* Fills in fd and memfd for chunk->size bytes. */
	int (*alloc)(const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err);
	/*
	 * Maps @part of the dma-buf, or with @backing of the memory behind it,
	 * over the reserved addresses at part->address. 0 or -errno. Not
	 * called when the source is shadowed.
	 */
	int (*map)(const struct dmabuf_source *source,
		   const struct dmabuf_chunk *chunk,
		   const struct dmabuf_part *part, bool backing);
	/*
	 * Copies between @part of the chunk and host memory at part->address,
	 * when the source is shadowed. 0 or -errno; -ENODEV, and no signal,
	 * when the device is gone.
	 */
	int (*read)(const struct dmabuf_source *source,
		    const struct dmabuf_chunk *chunk,
		    const struct dmabuf_part *part);
	int (*write)(const struct dmabuf_source *source,
		     const struct dmabuf_chunk *chunk,
		     const struct dmabuf_part *part);
	void (*free)(const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk);
};

extern const struct dmabuf_source_kind dmabuf_source_fd;
extern const struct dmabuf_source_kind dmabuf_source_cuda;
extern const struct dmabuf_source_kind dmabuf_source_drm;
extern const struct dmabuf_source_kind dmabuf_source_heap;
extern const struct dmabuf_source_kind dmabuf_source_hip;
extern const struct dmabuf_source_kind dmabuf_source_memory;
extern const struct dmabuf_source_kind dmabuf_source_p2pmem;
extern const struct dmabuf_source_kind dmabuf_source_udmabuf;
extern const struct dmabuf_source_kind dmabuf_source_vfio;

/*
 * The largest dma-buf that every known version of the kernel interface
 * accepts, and the largest ordinary buffer that io_uring accepts.
 */
#define DMABUF_CHUNK_MAX	(1ULL << 30)

/*
 * Parses "KIND[:ARG]" into @option. 0 or -errno with @err set; an unknown kind
 * is -EINVAL.
 */
int dmabuf_source_parse(struct dmabuf_source_option *option, const char *text,
			struct dmabuf_error *err);

/* Row @i of the table of kinds, NULL past its end. */
const struct dmabuf_source_kind *dmabuf_source_kind(unsigned int i);

/*
 * The size of the largest chunk of the open @source: its kind's limit, at most
 * DMABUF_CHUNK_MAX. 0 or -errno with @err set.
 */
int dmabuf_source_limit(const struct dmabuf_source *source, uint64_t *bytes,
			struct dmabuf_error *err);

/* Opens @source, which keeps a copy of @option. 0, or -errno with @err set. */
int dmabuf_source_open(struct dmabuf_source *source,
		       const struct dmabuf_source_option *option,
		       struct dmabuf_error *err);

/* All its chunks must have been freed. Harmless on a zeroed or closed one. */
void dmabuf_source_close(struct dmabuf_source *source);

/* A map for the kinds' tables: maps the dma-buf itself. */
int dmabuf_chunk_map(const struct dmabuf_source *source,
		     const struct dmabuf_chunk *chunk,
		     const struct dmabuf_part *part, bool backing);

/* Tries to map the first @bytes of a dma-buf. 0 or -errno. */
int dmabuf_chunk_try_map(int fd, uint64_t bytes);

/* A read and a write for them: copy through chunk->window. */
int dmabuf_chunk_read(const struct dmabuf_source *source,
		      const struct dmabuf_chunk *chunk,
		      const struct dmabuf_part *part);
int dmabuf_chunk_write(const struct dmabuf_source *source,
		       const struct dmabuf_chunk *chunk,
		       const struct dmabuf_part *part);

/*
 * A parse for kinds on huge pages: no argument selects base pages, "2M" and
 * "1G" huge pages.
 */
int dmabuf_source_parse_page_size(struct dmabuf_source_option *option,
				  struct dmabuf_error *err);

/*
 * The error for @bytes of huge pages that cannot be allocated: how many are
 * free, and how to reserve more. Returns -ENOMEM.
 */
int dmabuf_source_no_huge_pages(const struct dmabuf_source *source,
				uint64_t bytes, struct dmabuf_error *err);

/*
 * -ENOMEM when @bytes of ordinary pages exceed MemAvailable: the kernel would
 * not fail the allocation but kill the process.
 */
int dmabuf_source_check_ram(const struct dmabuf_source *source, uint64_t bytes,
			    struct dmabuf_error *err);

/* The error when tables for @source cannot be allocated. Returns -ENOMEM. */
int dmabuf_source_no_memory(const struct dmabuf_source *source,
			    struct dmabuf_error *err);

/* The error for the limit on open files. Returns -@error, a positive errno. */
int dmabuf_source_fd_limit(const struct dmabuf_source *source, int error,
			   struct dmabuf_error *err);

/* MAP_HUGETLB and MFD_HUGETLB encode the page size in the same way. */
#define DMABUF_HUGE_SHIFT	26
unsigned int dmabuf_source_huge_flags(const struct dmabuf_source *source);

#endif
