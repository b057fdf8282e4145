/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of the interface: slots, open files, buffers and drives with
 * their contents, and the answers that the kernel may give to each call. It
 * makes no system call.
 */
#ifndef DIFFERENTIAL_MODEL_H
#define DIFFERENTIAL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_MAX	(1U << 14)
#define UPDATE_MAX	6

/* The kinds of files that registration tells apart. */
enum target { TARGET_NVME, TARGET_BUFFERED, TARGET_BLOCK, TARGET_OTHER };

/* One open file (a struct file of the kernel), which a dup shares. */
struct file {
	enum target target;
	const char *name;
	unsigned int drive;
	int fd[2];		/* -1: closed */
};

enum memory { MEMORY_HEAP, MEMORY_UDMABUF, MEMORY_ORDINARY };

struct buffer {
	enum memory memory;
	size_t size;
	unsigned int refs;	/* one of this process, one for each slot */
	int fd;			/* -1: closed, or ordinary memory */
	uint8_t *map;		/* NULL: unmapped */
	uint8_t *contents;	/* the expected bytes */
};

struct slot {
	struct buffer *buffer;	/* NULL: empty */
	const struct file *file; /* NULL: ordinary memory */
};

enum kind { KIND_EMPTY, KIND_DMABUF, KIND_MEMORY };

/* Mistakes in a descriptor. */
enum {
	FAULT_DMABUF_FD	= 1 << 0,	/* not open */
	FAULT_NOT_DMABUF = 1 << 1,	/* an fd of something else */
	FAULT_TARGET_FD	= 1 << 2,
	FAULT_RESERVED	= 1 << 3,
	FAULT_SIZE	= 1 << 4,
	FAULT_UADDR	= 1 << 5,
	FAULT_FLAGS	= 1 << 6,	/* version 3 accepts it */
	FAULT_TYPE	= 1 << 7,
	FAULT_ADDRESS	= 1 << 8,	/* unmapped memory */
	FAULTS		= 9,
};

struct descriptor {
	enum kind kind;
	unsigned int faults;
	struct buffer *buffer;
	const struct file *target;
};

/* Mistakes in the call as a whole. */
enum { CALL_FLAGS = 1 << 0, CALL_RESERVED = 1 << 1 };

struct update {
	bool extended;
	unsigned int faults;
	unsigned int offset;
	unsigned int nr;
	struct descriptor descriptors[UPDATE_MAX];
};

struct io {
	bool write;
	bool async;
	int fixed;		/* registered file, or -1 */
	int fd;
	const struct file *file; /* NULL: no such file */
	unsigned int slot;
	uint64_t offset;	/* into the buffer */
	uint64_t position;	/* in the file */
	uint32_t length;
	/* The slot's buffer at submission; NULL: none. */
	struct buffer *buffer;
};

struct model {
	/* The kernel's answers to the probe */
	bool family_a;
	bool takes_flags;
	bool takes_iopoll;

	bool iopoll;		/* the ring */
	unsigned int nr_slots;
	struct slot *slots;	/* NULL: no table */
	unsigned int block;	/* logical block of the drives */
	uint8_t **drives;	/* contents of their used regions */
};

/* The allowed results; a negative one is -errno. */
struct answers {
	int value[8];
	unsigned int nr;
};

void answers_add(struct answers *answers, int value);
bool answers_have(const struct answers *answers, int value);

void buffer_put(struct buffer *buffer);
const struct slot *model_slot(const struct model *model, unsigned int index);

/* For each call: the allowed answers, and the effect of the one given. */
void model_table(const struct model *model, uint64_t nr,
		 struct answers *answers);
void model_table_done(struct model *model, uint64_t nr, int ret);
void model_unregister(const struct model *model, struct answers *answers);
void model_unregister_done(struct model *model, int ret);
void model_update(const struct model *model, const struct update *update,
		  struct answers *answers);
void model_update_done(struct model *model, const struct update *update,
		       int ret);
void model_io(const struct model *model, const struct io *io,
	      struct answers *answers);
void model_io_done(struct model *model, const struct io *io, int ret);

/* Whether the result depends on the order of these two requests. */
bool model_io_conflict(const struct io *a, const struct io *b);

#endif
