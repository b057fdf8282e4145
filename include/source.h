/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the memory of a job comes from: dmabuf_source=KIND[:ARG].
 * Each kind is one file and one row of the table in source.c.
 */
#ifndef DMABUF_SOURCE_H
#define DMABUF_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* One piece of memory. The source's alloc fills it in, free undoes it. */
struct dmabuf_chunk {
	uint64_t size;		/* bytes, a multiple of the granule */
	int fd;			/* the dma-buf, -1 when there is none */
	int memfd;		/* the memory behind a udmabuf, else -1 */
	uint64_t handle;	/* the source's own: an offset, a handle */
	void *window;		/* the source's own: a mapping of its, for
				 * its read and write */
};

/* A part of a chunk, and where it is or goes in the CPU's addresses. */
struct dmabuf_part {
	void *address;
	uint64_t offset;	/* from the beginning of the chunk, bytes */
	uint64_t size;
};

/* The option as parsed, constant afterwards. */
struct dmabuf_source_option {
	const struct dmabuf_source_kind *kind;
	char name[160];		/* as in a job file, with the default ARG */
	char arg[128];		/* what follows the colon, or the default */
	uint64_t granule;	/* page size of the memory, bytes */
	bool ordinary_pages;		/* RAM that MemAvailable counts */
};

/*
 * The source that was opened from an option: its device, if it has one, and
 * what the device turned out to be. It begins with what the option says; the
 * kind's open completes the rest. close ends only the state: the words and
 * flags stay, for the report.
 */
struct dmabuf_source {
	const struct dmabuf_source_kind *kind;
	struct dmabuf_source_option option;
	char name[160];		/* as in a job file, with the device chosen */
	uint64_t granule;	/* bytes; at least that of the option */
	bool ordinary_pages;		/* RAM that MemAvailable counts */
	char detail[96];	/* the device in words; may be empty */
	bool shadowed;		/* the CPU cannot map it: read and write */
	void *state;		/* the open device, owned by the kind */
	int watch;		/* readable when the device is about to go;
				 * -1: there is nothing to watch */
};

/*
 * One kind of memory. All of it runs on the thread of the job. A failure is
 * -errno with the line, unless it says otherwise, and leaves nothing behind.
 */
struct dmabuf_source_kind {
	const char *name;
	bool exports;		/* chunks are dma-bufs */
	bool pinnable;		/* the memory behind them can be mapped */
	bool unregistered;	/* no memory that io_uring registers: plain
				 * requests, to chunk->window */

	/*
	 * Checks option->arg and completes name, granule and ordinary.
	 * Allocates nothing.
	 */
	int (*parse)(struct dmabuf_source_option *option,
		     struct dmabuf_error *err);
	/*
	 * Opens the device, and completes @source with what it says. NULL for
	 * kinds that need no device.
	 */
	int (*open)(struct dmabuf_source *source, struct dmabuf_error *err);
	void (*close)(struct dmabuf_source *source);
	/* The largest single chunk that can be had; NULL: any. */
	int (*limit)(const struct dmabuf_source *source, uint64_t *bytes,
		     struct dmabuf_error *err);
	/* Fills in fd and memfd for chunk->size bytes. */
	int (*alloc)(const struct dmabuf_source *source,
		     struct dmabuf_chunk *chunk, struct dmabuf_error *err);
	/*
	 * Maps @part of the chunk at part->address, which is reserved: of the
	 * dma-buf itself, or with @backing of the memory behind it. 0 or
	 * -errno. Not called when the source is shadowed.
	 */
	int (*map)(const struct dmabuf_source *source,
		   const struct dmabuf_chunk *chunk,
		   const struct dmabuf_part *part, bool backing);
	/*
	 * Copies between @part of the chunk and part->address in host memory:
	 * the CPU access of a shadowed source. 0 or -errno; a device that is
	 * gone is -ENODEV and never a signal.
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
 * The largest dma-buf that every known version of the interface takes, and
 * the largest ordinary buffer that io_uring takes.
 */
#define DMABUF_CHUNK_MAX	(1ULL << 30)

/*
 * Parses "KIND[:ARG]" into @option. -EINVAL with the kinds there are when
 * it is none of them.
 */
int dmabuf_source_parse(struct dmabuf_source_option *option, const char *text,
			struct dmabuf_error *err);

/* Row @i of the table of kinds, NULL past its end. */
const struct dmabuf_source_kind *dmabuf_source_kind(unsigned int i);

/*
 * The largest single chunk to be asked of the open @source: what its kind
 * says, and DMABUF_CHUNK_MAX at most.
 */
int dmabuf_source_limit(const struct dmabuf_source *source, uint64_t *bytes,
			struct dmabuf_error *err);

/* Opens @source, which keeps a copy of @option. 0 or -errno with the line. */
int dmabuf_source_open(struct dmabuf_source *source,
		       const struct dmabuf_source_option *option,
		       struct dmabuf_error *err);

/* All of its chunks must be free. Harmless on a zeroed or closed source. */
void dmabuf_source_close(struct dmabuf_source *source);

/* For the kinds' tables: map of the dma-buf itself. */
int dmabuf_chunk_map(const struct dmabuf_source *source,
		     const struct dmabuf_chunk *chunk,
		     const struct dmabuf_part *part, bool backing);

/* Whether a mapping of a dma-buf's first @bytes can be made: 0 or -errno. */
int dmabuf_chunk_try_map(int fd, uint64_t bytes);

/* And read and write through chunk->window, a mapping of device memory. */
int dmabuf_chunk_read(const struct dmabuf_source *source,
		      const struct dmabuf_chunk *chunk,
		      const struct dmabuf_part *part);
int dmabuf_chunk_write(const struct dmabuf_source *source,
		       const struct dmabuf_chunk *chunk,
		       const struct dmabuf_part *part);

/*
 * The parse of kinds on huge pages: no argument is the base page, "2M" and
 * "1G" are huge pages.
 */
int dmabuf_source_parse_page_size(struct dmabuf_source_option *option,
				  struct dmabuf_error *err);

/*
 * What is said when @bytes of huge pages cannot be had: which pool, how many
 * pages are free, how to reserve. Returns -ENOMEM.
 */
int dmabuf_source_no_huge_pages(const struct dmabuf_source *source,
				uint64_t bytes, struct dmabuf_error *err);

/*
 * The kernel kills a process rather than refuse it the last page, so what
 * cannot fit is refused here: -ENOMEM when @bytes of ordinary pages are more
 * than /proc/meminfo calls available.
 */
int dmabuf_source_check_ram(const struct dmabuf_source *source, uint64_t bytes,
			    struct dmabuf_error *err);

/* One line for the state of @source, which there is no memory for: -ENOMEM. */
int dmabuf_source_no_memory(const struct dmabuf_source *source,
			    struct dmabuf_error *err);

/* One line for the limit on open files, @error; returns it negative. */
int dmabuf_source_fd_limit(const struct dmabuf_source *source, int error,
			   struct dmabuf_error *err);

/* MAP_HUGETLB and MFD_HUGETLB share the encoding of the page size. */
#define DMABUF_HUGE_SHIFT	26
unsigned int dmabuf_source_huge_flags(const struct dmabuf_source *source);

#endif
