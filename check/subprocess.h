/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs steps that may hang or crash (a driver's library, a drive that does not
 * answer, fio) in a process of their own, with a time limit.
 */
#ifndef CHECK_SUBPROCESS_H
#define CHECK_SUBPROCESS_H

#include <stddef.h>
#include <sys/types.h>

/*
 * From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT are only noted, and end the
 * step that is running. SIGCHLD, which the caller's caller may have ignored, is
 * as usual.
 */
void check_catch_signals(void);
/* The signal that arrived, or 0. */
int check_interrupted(void);
/* Blocks those signals in the calling process while it must not stop. */
void check_hold_signals(void);
void check_release_signals(void);

/* Zeroed memory shared with subprocesses; NULL when there is none. */
void *check_shared_alloc(size_t size);
void check_shared_free(void *memory, size_t size);

/*
 * Calls @work(@shared) in another process. Returns 0 when it returned, the
 * number of the signal that killed it, -ETIME after @seconds, -EINTR when
 * interrupted, or -errno. The process has ended then, unless it is stuck in
 * the kernel.
 */
int check_subprocess(void (*work)(void *shared), void *shared,
		     unsigned int seconds);
/* The same; calls @look(@shared), unless NULL, every 0.2 s meanwhile. */
int check_subprocess_watched(void (*work)(void *shared), void *shared,
			     unsigned int seconds, void (*look)(void *shared));
/* The same, for work that must be done even after an interruption. */
int check_subprocess_always(void (*work)(void *shared), void *shared,
			    unsigned int seconds);

/*
 * Runs @argv, searched in PATH, and stores the beginning of its output,
 * standard error included, in @text. Returns its exit status, 128 + N for
 * signal N, -ETIME, -EINTR or -errno.
 */
int check_run_program(const char *const argv[], unsigned int seconds,
		      char *text, size_t size);

#endif
