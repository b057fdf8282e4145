/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system as the tests script it. The linker sends the engine's system
 * calls here (--wrap, see Makemodule.am); without a script a call either fails
 * as on a machine that has nothing, or goes to the real system for paths that
 * are not below /dev, /proc and /sys. Numbers of the kernel interfaces are
 * written out by hand, never taken from the engine's headers.
 *
 * This header is what all parts use: the log, failures, descriptors and the
 * clock. Each part has its header too; fake-system.h resets all of them.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum fake_call {
	FAKE_ALLOC,		/* malloc and its family */
	FAKE_OPEN,
	FAKE_FSTAT,
	FAKE_MMAP,
	FAKE_PREAD,
	FAKE_MEMFD,
	FAKE_FTRUNCATE,
	FAKE_FALLOCATE,
	FAKE_SEAL,
	FAKE_HEAP_ALLOC,
	FAKE_UDMABUF,
	FAKE_SYNC,
	FAKE_COPY,		/* process_vm_readv and _writev */
	FAKE_EVENTFD,
	FAKE_PWRITE,
	FAKE_FSYNC,
	FAKE_VFIO_STATUS,
	FAKE_VFIO_CONTAINER,
	FAKE_VFIO_IOMMU,
	FAKE_VFIO_DEVICE,
	FAKE_VFIO_REGION,
	FAKE_VFIO_IRQS,
	FAKE_VFIO_FEATURE,
	FAKE_VFIO_EXPORT,
	FAKE_VFIO_BIND,
	FAKE_DRM_VERSION,
	FAKE_DRM_QUERY,
	FAKE_DRM_CREATE,
	FAKE_DRM_EXPORT,
	FAKE_DRM_OFFSET,
	FAKE_RING,		/* io_uring_setup */
	FAKE_REGISTER,		/* io_uring_register: tables and updates */
	FAKE_REGISTER_FILES,
	FAKE_REGISTER_BUFFERS,
	FAKE_ENTER,		/* io_uring_enter */
	FAKE_NR_CALLS,
};

struct fake {
	/* Which calls fail: all of a kind, or the fail_at-th of any kind. */
	int errors[FAKE_NR_CALLS];
	unsigned int calls;
	unsigned int fail_at;	/* from 1 */
	int fail_errno;

	char log[1 << 16];	/* see fake_log() */
	uint64_t now;		/* CLOCK_MONOTONIC, nanoseconds */
	uint64_t tick;		/* added at each reading */

	const char *release;	/* of uname; NULL: 7.3.0-fake */
	const char *heap_dir;	/* real directory behind /dev/dma_heap */
	const char *vfio_dir;	/* and behind .../vfio-dev of a device */
	const char *dri_dir;	/* and behind /dev/dri */
	const char *disk;	/* what /sys/dev/block/... resolves to */
	mode_t mode;		/* of every fake file */
	int file_flags;		/* F_GETFL of every fake file */
	int block_size;
	uint64_t disk_size;	/* of every disk; 0: unknown */
	unsigned char *medium;	/* what disks hold; NULL: fake_byte(), and
				 * writes are only logged */
	uint64_t exclusive_until;	/* O_EXCL: EBUSY before that, ns */
	uint64_t memlock;
	size_t copy_max;	/* bytes that one call copies, 0: all */
	uint64_t mapped;	/* bytes of address space not given back */
	unsigned int bad_closes;
};

extern struct fake fake;

/* Off outside of tests, so that everything else uses the real system. */
bool fake_on(void);
/* Clears the log, the failures and the descriptors as well. */
void fake_turn_on(void);
void fake_turn_off(void);

/* Adds one line to fake.log. */
void fake_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Counts a call. True, with errno set, when the script lets it fail. */
bool fake_fails(enum fake_call call);

/* A new descriptor; numbers start at 1000 and are not used again. */
int fake_fd(const char *what);
bool fake_is_fd(int fd);
/* The @what of fake_fd(); for an open file its path. */
const char *fake_fd_of(int fd);
bool fake_is_open(int fd);
int fake_open_fds(void);
/* What lseek(2) returns for the end of a dma-buf. */
void fake_set_size(int fd, uint64_t size);
/* Byte @offset of every fake file and of every disk. */
unsigned char fake_byte(uint64_t offset);

#endif
