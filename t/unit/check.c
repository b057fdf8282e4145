/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks that show both values when they fail, and numbers for random tests. */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

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
