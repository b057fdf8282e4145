/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a direction of --verify in a subprocess, as a drive may never answer,
 * shows its progress, and restores the drive if that process could not.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check/subprocess.h"
#include "clock.h"
#include "verify.h"

/* For setting up, and for the last blocks */
#define MORE_SECONDS	60

static void run(void *shared)
{
	/* A signal ends the comparing, and the drive is restored from here. */
	check_catch_signals();
	check_verify_run(shared);
}

/* One line on a terminal, which the next one overwrites. */
static void show(void *shared)
{
	const struct check_verify *verify = shared;
	uint64_t now = dmabuf_clock(), end = verify->end;

	if (!end)
		return;
	fprintf(stderr, "\r%s, %s, %ss: %llu blocks, %llu wrong, %u s left\033[K",
		verify->drive, verify->source,
		check_direction_name(verify->direction),
		(unsigned long long)check_verified_blocks(&verify->found),
		(unsigned long long)check_verified_wrong(&verify->found),
		end > now ? (unsigned int)((end - now) / 1000000000) + 1 : 0);
}

static void cut_short(struct check_verify *verify, int ret)
{
	struct check_result *result = &verify->found.result;
	unsigned int seconds = verify->seconds + MORE_SECONDS;

	if (ret == -ETIME)
		check_say(result, CHECK_NO,
			  "%s: timed out after %u s of verifying %ss with %s; see the kernel log",
			  verify->drive, seconds,
			  check_direction_name(verify->direction),
			  verify->source);
	else if (ret > 0)
		check_say(result, CHECK_NO,
			  "%s: verifying %ss with %s crashed (%s); see the kernel log",
			  verify->drive,
			  check_direction_name(verify->direction),
			  verify->source, strsignal(ret));
	else
		check_say(result, CHECK_UNKNOWN, "%s: %ss not verified with %s: %s",
			  verify->drive,
			  check_direction_name(verify->direction),
			  verify->source, strerror(-ret));
}

void check_verify_try(struct check_verify *verify)
{
	int ret = check_subprocess_watched(run, verify,
					   verify->seconds + MORE_SECONDS,
					   verify->progress ? show : NULL);

	verify->found.asked = true;
	if (verify->progress)
		fprintf(stderr, "\r\033[K");
	if (ret)
		cut_short(verify, ret);
	if (verify->saved.dirty)
		check_restore_always(&verify->saved, &verify->found.result);
}
