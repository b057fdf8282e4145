/* SPDX-License-Identifier: GPL-2.0-only */
/* Buffers, files and drives of the kernel, beside those of the model. */
#ifndef DIFFERENTIAL_OBJECTS_H
#define DIFFERENTIAL_OBJECTS_H

#include "run.h"

/* NULL: all places are taken. */
struct buffer *buffer_new(struct run *run, enum memory memory, size_t size);
struct file *file_new(struct run *run, enum target target);

/* New random bytes, in a mapped buffer and in the model's. */
void buffer_fill(struct run *run, struct buffer *buffer);
void buffer_close_fd(struct buffer *buffer);
/* Gives up descriptor and mapping; slots keep the buffer. */
void buffer_drop(struct run *run, unsigned int index);

/* @which: the descriptor, or its dup */
void file_close(struct run *run, unsigned int index, unsigned int which);
/* A descriptor that is open; -1: both are closed. */
int file_any_fd(struct run *run, const struct file *file);

/* Fail when the contents differ from the model's. */
void buffer_compare(const struct run *run, const struct buffer *buffer,
		    uint64_t offset, uint64_t length);
void drive_compare(const struct run *run, unsigned int drive,
		   uint64_t position, uint64_t length);
void everything_compare(const struct run *run);

#endif
