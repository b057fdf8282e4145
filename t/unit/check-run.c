/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a table of tests with CUnit. A test that did not run and an empty
 * table are failures too.
 */
#include <CUnit/Basic.h>
#include <stdio.h>

#include "check.h"
#include "t/unit/fake/fake-system.h"

/* 77 and 99 mean something else to automake, and statuses end at 255. */
#define STATUS_MAX	76

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
