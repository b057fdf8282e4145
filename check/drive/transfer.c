/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A drive may never answer and a driver may crash, so the transfer runs in a
 * subprocess. If that ends before it has restored the drive, the drive is
 * restored from here.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check/subprocess.h"
#include "direct.h"
#include "transfer.h"

/* Longer than the 10 s for which the engine retries after EAGAIN. */
#define SECONDS		60

static void run(void *shared)
{
	check_direct_run(shared);
}

static void cut_short(struct check_direct *direct, int ret)
{
	if (ret == -ETIME)
		check_say(&direct->result, CHECK_NO,
			  "%s: timed out after %d s with %s; see the kernel log",
			  direct->drive, SECONDS, direct->source);
	else if (ret > 0)
		check_say(&direct->result, CHECK_NO,
			  "%s: the transfer with %s crashed (%s); see the kernel log",
			  direct->drive, direct->source, strsignal(ret));
	else
		check_say(&direct->result, CHECK_UNKNOWN,
			  "%s: not tried with %s: %s", direct->drive,
			  direct->source, strerror(-ret));
}

void check_transfer_try(struct check_transfer *transfer, const char *drive,
			bool write, bool force)
{
	struct check_direct *direct = check_shared_alloc(sizeof(*direct));
	int ret;

	if (!direct) {
		check_say(&transfer->result, CHECK_UNKNOWN,
			  "not tried: out of memory");
		return;
	}
	snprintf(direct->drive, sizeof(direct->drive), "%s", drive);
	snprintf(direct->source, sizeof(direct->source), "%s",
		 transfer->source->name);
	direct->write = write;
	direct->force = force;
	ret = check_subprocess(run, direct, SECONDS);
	if (ret)
		cut_short(direct, ret);
	if (direct->saved.dirty)
		check_restore_always(&direct->saved, &direct->result);
	transfer->result = direct->result;
	transfer->verified = direct->verified;
	transfer->written = direct->written;
	transfer->lost = direct->saved.dirty;
	transfer->register_ns = direct->register_ns;
	transfer->first_map_ns = direct->first_map_ns;
	check_shared_free(direct, sizeof(*direct));
}
