/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system as the tests script it. The linker sends the engine's system
 * calls here (--wrap, see Makemodule.am); without a script a call either fails
 * as on a machine that has nothing, or goes to the real system for paths that
 * are not below /dev, /proc and /sys. Numbers of the kernel interfaces are
 * written out by hand, never taken from the engine's headers.
 */
#ifndef FAKE_H
#define FAKE_H

#include <liburing.h>
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
	/* To fail: every call of a kind, or the fail_at-th of all (from 1). */
	int errors[FAKE_NR_CALLS];
	unsigned int calls;
	unsigned int fail_at;
	int fail_errno;

	char log[1 << 16];	/* see fake_log() */
	uint64_t now;		/* CLOCK_MONOTONIC, nanoseconds */
	uint64_t tick;		/* added by each look at it */

	const char *release;	/* of uname; NULL: 7.3.0-fake */
	const char *heap_dir;	/* real directory behind /dev/dma_heap */
	const char *vfio_dir;	/* and behind .../vfio-dev of a device */
	const char *dri_dir;	/* and behind /dev/dri */
	const char *disk;	/* what /sys/dev/block/... resolves to */
	mode_t mode;		/* of every fake file */
	int file_flags;		/* F_GETFL of every fake file */
	int block_size;
	uint64_t memlock;
	size_t copy_max;	/* bytes by one call, 0: all */
	uint64_t mapped;	/* bytes of address space not given back */
	unsigned int bad_closes;
};

extern struct fake fake;

/* Before and after each test; the second checks that nothing is left. */
void fake_begin(void);
void fake_end(void);
/* A fresh script inside one test. */
void fake_reset(void);
/* Descriptors, address space, rings and GPUs that were not given back. */
int fake_left(void);

/* Adds one line to fake.log. */
void fake_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Counts a call, sets errno and tells that it is to fail. */
bool fake_fails(enum fake_call call);

/* A new descriptor, from 1000 on, no number twice. */
int fake_fd(const char *what);
bool fake_is_fd(int fd);
/* What it was made for: a path for what was opened. */
const char *fake_fd_of(int fd);
int fake_open_fds(void);
/* Where byte @offset of descriptor @fd was mapped last, NULL: nowhere. */
void *fake_map_of(int fd, uint64_t offset);
/* Descriptors of the real system, below 256, that this process has open. */
int fake_real_fds(void);
/* A file below /dev, /proc or /sys. @text must stay; NULL: a device. */
void fake_file(const char *path, const char *text);
void fake_file_error(const char *path, int error);
/* A file that is there, and that open(2) refuses. */
void fake_file_refuses(const char *path, int error);
/* Byte @offset of every fake file, and of the disk it stands for. */
unsigned char fake_byte(uint64_t offset);

/* What a DRM driver has; see fake-drm.c. */
struct fake_drm_device {
	const char *driver;	/* NULL: not a DRM device */
	bool render;
	int dumb_error;		/* of dumb buffers; 0: they can be had */
	uint64_t gtt;		/* bytes; 0: none */
	uint64_t vram;
	uint64_t visible;	/* of the VRAM */
	uint32_t min_page;
};

struct fake_drm {
	bool unmappable;	/* its dma-bufs */
	uint64_t missing;	/* bytes that a dma-buf is too small */
	uint64_t dumb_missing;	/* and a dumb buffer */
	int query_error;	/* i915: of the question itself */
	bool query_nothing;	/* an empty answer */
};

extern struct fake_drm fake_drm;

/* A node; both must stay. */
void fake_drm_node(const char *path, const struct fake_drm_device *gpu);

/*
 * The kernel side of every ring. What the engine submits is held until
 * fake_kernel decides; a wait that can never end ends the program (98).
 */
struct fake_kernel {
	/* Result of an SQE that completes now; NULL: a full transfer. */
	int (*answer)(const struct io_uring_sqe *sqe);
	/* -errno of an io_uring_enter, or how many SQEs it takes. */
	int (*enter)(unsigned int unsent, unsigned int wait);
	/* Which of the @nr held SQEs completes next; NULL: the oldest. */
	unsigned int (*pick)(unsigned int nr);
	/* How many of the @nr held complete beyond those waited for. */
	unsigned int (*more)(unsigned int nr);
	bool lazy;		/* completes nothing that is not waited for */
	bool polled;		/* SQPOLL: takes SQEs at once */
	unsigned int enters;
	unsigned int idle;	/* of these, in a row, without any work */
	unsigned int get_events;
	unsigned int held;	/* SQEs submitted and not completed */
	unsigned int params_flags;	/* of the ring set up last */
	unsigned int params_cpu;
	unsigned int refused_flags;	/* io_uring_setup: -EINVAL for these */
	uint64_t enter_ns;	/* how long an io_uring_enter takes */
};

extern struct fake_kernel fake_kernel;

/* What io_uring_register(2) knows; see fake-register.c. */
enum fake_interface {
	FAKE_MAINLINE,		/* no released kernel has the feature */
	FAKE_NO_SPARSE,		/* older than the sparse table */
	FAKE_A,
	FAKE_B_V3,
	FAKE_B_V5,
	FAKE_B_OFF,		/* compiled out */
	FAKE_B_WITHOUT,		/* extended descriptors, no dma-buf type */
};

struct fake_registry {
	enum fake_interface interface;
	uint32_t type;		/* number of the dma-buf type, normally 2 */
	unsigned int slots;	/* of the table */
	unsigned int most;	/* descriptors taken by one call, 0: all */
	int refused_slot;	/* -1: none */
	int refused_errno;
	unsigned int calls;
	unsigned int table_calls;
	unsigned char update[32];	/* bytes of the last update */
	unsigned char descs[8 * 80];	/* and of its first descriptors */
	struct {
		int dmabuf_fd;
		int target_fd;
	} slot[64];
	int files[16];		/* registered, the first of them */
	uint64_t dmabuf_size;	/* no I/O goes beyond this */
};

extern struct fake_registry fake_registry;

/* Who is at the other end of sockets, which are real; see fake-socket.c. */
struct fake_sockets {
	unsigned int peer;	/* user behind every socket, 0: the real one */
	unsigned int owner;	/* user of every file that stat() looks at */
	bool truncated;		/* the kernel could not pass all on */
	void (*on_poll)(void);	/* what others do before a wait ends */
};

extern struct fake_sockets fake_sockets;
/* A device bound to vfio-pci; see fake-vfio.c. */
struct fake_vfio {
	bool not_viable;	/* its group */
	uint64_t bar_size[6];
	bool bar_unmapped[6];	/* I/O ports and the like */
	unsigned char command[2];	/* PCI command register */
	bool no_config;		/* nothing of it can be read or written */
	int fd;			/* of the device */
};

extern struct fake_vfio fake_vfio;

/* An answer for fake_kernel: reads of fake_byte() into registered dma-bufs. */
int fake_drive(const struct io_uring_sqe *sqe);

/* A ring in memory, as io_uring_setup(2) would make it. */
void fake_ring_make(struct io_uring *ring, unsigned int entries,
		    unsigned int flags);
void fake_ring_destroy(struct io_uring *ring);
int fake_rings(void);

#endif
