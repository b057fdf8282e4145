/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame of every unit test program: a table of tests that CUnit runs, and
 * checks that show both values. A test also fails when it keeps something of
 * the scripted system (t/unit/fake/). The exit status is the number of failed
 * checks, and 0 only when every test of the table has run.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct check {
	const char *name;
	void (*run)(void);
};

/* Runs the table; the status for main(). */
int check_run(const char *suite, const struct check *checks, size_t nr);

#define CHECK_MAIN(suite, table)					\
	int main(void)							\
	{								\
		return check_run(suite, table,				\
				 sizeof(table) / sizeof((table)[0]));	\
	}

/* Each returns whether the check holds. */
bool check_true(bool holds, const char *text, const char *file, int line);
bool check_int(long long is, long long wanted, const char *text,
	       const char *file, int line);
bool check_text(const char *is, const char *wanted, const char *file,
		int line);
bool check_has(const char *text, const char *part, const char *file,
	       int line);
/* @err has @code and the text @wanted, one line that is not cut off. */
bool check_error(const struct dmabuf_error *err, int code, const char *wanted,
		 const char *file, int line);

#define CHECK(condition)						\
	check_true(condition, #condition, __FILE__, __LINE__)
#define CHECK_INT(is, wanted)						\
	check_int((long long)(is), (long long)(wanted), #is, __FILE__, __LINE__)
#define CHECK_TEXT(is, wanted)	check_text(is, wanted, __FILE__, __LINE__)
#define CHECK_HAS(text, part)	check_has(text, part, __FILE__, __LINE__)
#define CHECK_ERROR(err, code, wanted)					\
	check_error(err, code, wanted, __FILE__, __LINE__)

/* The seed of random tests, from UNIT_SEED or the clock; prints it. */
unsigned int check_seed(void);
/* A random number below @below; @seed is the state. */
unsigned long long check_random(unsigned int *seed, unsigned long long below);

#endif
