/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fio's headers, and all differences between versions of fio. configure tests
 * the headers for features (FIO_HAS_x); nothing here compares version numbers.
 * FIO_DMABUF_FIO_VERSION is the version of the headers.
 */
#ifndef DMABUF_COMPAT_H
#define DMABUF_COMPAT_H

#include "config.h"

#include <fio.h>
#include <optgroup.h>
#include <engines/cmdprio.h>
#include <verify.h>

/* Synchronous file system sync, fio 3.42 and later. */
#ifdef FIO_HAS_DDIR_SYNCFS
#define DMABUF_FLAG_SYNCFS	(FIO_ASYNCIO_SYNC_SYNCFS | FIO_SYNCFS)
static inline bool dmabuf_ddir_is_syncfs(enum fio_ddir ddir)
{
	return ddir == DDIR_SYNCFS;
}
#else
#define DMABUF_FLAG_SYNCFS	0
static inline bool dmabuf_ddir_is_syncfs(enum fio_ddir ddir)
{
	return false;
}
#endif

/* The distance between two units; fio 3.42 and later leaves trims out. */
#ifdef FIO_HAS_TD_MAX_RW_BS
static inline unsigned long long dmabuf_unit_size(struct thread_data *td)
{
	bool trims = td->flags & TD_F_READ_IOLOG ? false : td_trimwrite(td);

	if (trims || (td->trim_verify && td->o.trim_zero))
		return td_max_bs(td);
	return td_max_rw_bs(td);
}
#else
static inline unsigned long long dmabuf_unit_size(struct thread_data *td)
{
	return td_max_bs(td);
}
#endif

/* I/O priority hints, fio 3.36 and later. */
#ifdef FIO_HAS_CMDPRIO_HINT
#define DMABUF_OPTION_CMDPRIO_HINT(options)				\
	{								\
		.name = "cmdprio_hint",					\
		.lname = "Priority hint of part of the I/Os",		\
		.type = FIO_OPT_INT,					\
		.off1 = offsetof(options, cmdprio_options.hint[DDIR_READ]),	\
		.off2 = offsetof(options, cmdprio_options.hint[DDIR_WRITE]),	\
		.help = "Set the priority hint of the I/Os selected by cmdprio_percentage or cmdprio_bssplit.", \
		.minval = IOPRIO_MIN_PRIO_HINT,				\
		.maxval = IOPRIO_MAX_PRIO_HINT,				\
		.interval = 1,						\
		.category = FIO_OPT_C_ENGINE,				\
		.group = FIO_OPT_G_IOURING,				\
	},
#else
#define DMABUF_OPTION_CMDPRIO_HINT(options)
#endif

#endif
