/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps that may hang or crash, in processes of their own with a limit of
 * time: a driver's library, a drive that does not answer, fio.
 */
#ifndef CHECK_BOUNDED_H
#define CHECK_BOUNDED_H

#include <stddef.h>
#include <sys/types.h>

/*
 * SIGINT, SIGTERM, SIGHUP and SIGQUIT are noted from now on and end what
 * runs.
 */
void check_catch_signals(void);
/* The signal that came, 0: none. */
int check_interrupted(void);
/* For a stretch that must not be cut short; in the process that calls it. */
void check_hold_signals(void);
void check_release_signals(void);

/* Zeroed memory that both processes see, NULL without memory. */
void *check_shared_alloc(size_t size);
void check_shared_free(void *memory, size_t size);

/*
 * Calls @work with @shared in another process. 0 when it returned; -ETIME
 * after @seconds, -EINTR when interrupted, the number of the signal that ended
 * it, or -errno. The process is gone then, unless it is stuck in the kernel.
 */
int check_bounded(void (*work)(void *shared), void *shared,
		  unsigned int seconds);
/* The same for what has to be done also after an interruption. */
int check_bounded_always(void (*work)(void *shared), void *shared,
			 unsigned int seconds);

/*
 * Runs @argv, found in PATH, and puts the beginning of what it says on either
 * output into @text. Its exit status; 128 + N for signal N; -ETIME, -EINTR or
 * -errno.
 */
int check_run_program(const char *const argv[], unsigned int seconds,
		      char *text, size_t size);

#endif
