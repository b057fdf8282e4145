/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions that every step uses: random numbers that depend only on the
 * seed, messages, and the comparison of an answer with the model's.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "tally.h"

/* splitmix64 */
uint64_t random_next(struct run *run)
{
	uint64_t z = run->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint32_t below(struct run *run, uint32_t limit)
{
	return (random_next(run) >> 32) * limit >> 32;
}

bool chance(struct run *run, unsigned int percent)
{
	return below(run, 100) < percent;
}

void note(const struct run *run, const char *format, ...)
{
	va_list args;

	if (!run->verbose)
		return;
	printf("%u: ", run->step);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void fail(const struct run *run, const char *format, ...)
{
	va_list args;

	printf("seed %llu step %u (%s): ", (unsigned long long)run->seed,
	       run->step, run->step_name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	exit(1);
}

static const char *answer_name(int value, char text[16])
{
	if (value < 0 && strerrorname_np(-value))
		return strerrorname_np(-value);
	snprintf(text, 16, "%d", value);
	return text;
}

void compare(struct run *run, const char *call, int ret,
	     const struct answers *answers)
{
	char allowed[160] = "", text[16];
	unsigned int i;

	if (answers_have(answers, ret)) {
		tally("%s: %s", call, ret < 0 ? strerrorname_np(-ret) :
						"done");
		if (ret == -EOPNOTSUPP && run->model.iopoll &&
		    answers->nr == 1 && !run->model.takes_iopoll)
			tally("refused: IOPOLL");
		return;
	}
	for (i = 0; i < answers->nr; i++) {
		strcat(allowed, i ? " or " : "");
		strcat(allowed, answer_name(answers->value[i], text));
	}
	fail(run, "%s: %s, the model says %s", call,
	     answer_name(ret, text), allowed);
}
