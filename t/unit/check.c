/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a table of tests with CUnit and counts honestly: a test that did not
 * run, or an empty table, is a failure like any other.
 */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "t/unit/fake/fake.h"

/* 77 and 99 mean something else to automake, and statuses end at 255. */
#define STATUS_MAX	76

bool check_true(bool holds, const char *text, const char *file, int line)
{
	return CU_assertImplementation(holds, line, text, file, "", CU_FALSE);
}

bool check_int(long long is, long long wanted, const char *text,
	       const char *file, int line)
{
	char shown[256];

	snprintf(shown, sizeof(shown), "%.160s is %lld, not %lld", text, is,
		 wanted);
	return check_true(is == wanted, shown, file, line);
}

bool check_text(const char *is, const char *wanted, const char *file,
		int line)
{
	char *shown;
	bool holds = is && !strcmp(is, wanted);

	if (asprintf(&shown, "\n    is:  %s\n    not: %s\n",
		     is ? is : "(null)", wanted) < 0)
		abort();
	check_true(holds, shown, file, line);
	free(shown);
	return holds;
}

bool check_has(const char *text, const char *part, const char *file, int line)
{
	char *shown;
	bool holds = strstr(text, part);

	if (asprintf(&shown, "\n    in:  %s\n    no:  %s\n", text, part) < 0)
		abort();
	check_true(holds, shown, file, line);
	free(shown);
	return holds;
}

bool check_error(const struct dmabuf_error *err, int code, const char *wanted,
		 const char *file, int line)
{
	bool holds = check_int(err->code, code, "err->code", file, line);

	holds &= check_text(err->text, wanted, file, line);
	holds &= check_true(!strchr(err->text, '\n'), "error of one line",
			    file, line);
	return holds & check_true(strlen(err->text) < sizeof(err->text) - 1,
				  "error that is not cut off", file, line);
}

unsigned int check_seed(void)
{
	const char *given = getenv("UNIT_SEED");
	unsigned int seed = given ? strtoul(given, NULL, 0) :
		(unsigned int)(time(NULL) & 0x7fffffff);

	printf(" (UNIT_SEED=%u) ", seed);
	return seed;
}

unsigned long long check_random(unsigned int *seed, unsigned long long below)
{
	unsigned long long high = rand_r(seed), low = rand_r(seed);

	return ((high << 31) ^ low) % below;
}

int check_run(const char *name, const struct check *checks, size_t nr)
{
	unsigned int failures, run, asserts;
	CU_pSuite suite;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (CU_initialize_registry() != CUE_SUCCESS)
		return STATUS_MAX;
	suite = CU_add_suite_with_setup_and_teardown(name, NULL, NULL,
						     fake_begin, fake_end);
	for (i = 0; i < nr; i++)
		if (!suite || !CU_add_test(suite, checks[i].name,
					   checks[i].run)) {
			fprintf(stderr, "%s: cannot add %s: %s\n", name,
				checks[i].name, CU_get_error_msg());
			return STATUS_MAX;
		}
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	run = CU_get_number_of_tests_run();
	asserts = CU_get_number_of_asserts();
	CU_cleanup_registry();
	if (run != nr || asserts < nr || !nr) {
		fprintf(stderr, "%s: %u of %zu tests run, %u checks\n", name,
			run, nr, asserts);
		return STATUS_MAX;
	}
	return failures < STATUS_MAX ? (int)failures : STATUS_MAX;
}
