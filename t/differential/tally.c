/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts what the random steps did. Everything possible must happen at least
 * once; steps that never get there must not pass as a test of it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "tally.h"

/* Where an entry is possible */
enum where { EVERYWHERE, FAMILY_B, NO_FLAGS, NO_IOPOLL, NULL_BLK };

static struct {
	const char *name;
	enum where where;
	unsigned long count;
} seen[] = {
	{ "ring: plain", EVERYWHERE, 0 },
	{ "ring: cooperative", EVERYWHERE, 0 },
	{ "ring: deferred", EVERYWHERE, 0 },
	{ "ring: SQPOLL", EVERYWHERE, 0 },
	{ "ring: IOPOLL", EVERYWHERE, 0 },
	{ "ring: closed with requests in flight", EVERYWHERE, 0 },
	{ "buffer: heap", EVERYWHERE, 0 },
	{ "buffer: udmabuf", EVERYWHERE, 0 },
	{ "buffer: ordinary", EVERYWHERE, 0 },
	{ "file: drive", EVERYWHERE, 0 },
	{ "file: drive, buffered", EVERYWHERE, 0 },
	{ "file: a file", EVERYWHERE, 0 },
	{ "file: a tmpfs file", EVERYWHERE, 0 },
	{ "file: a pipe", EVERYWHERE, 0 },
	{ "file: a socket", EVERYWHERE, 0 },
	{ "file: /dev/null", EVERYWHERE, 0 },
	{ "file: /dev/nullb0", NULL_BLK, 0 },
	{ "step: table", EVERYWHERE, 0 },
	{ "step: update", EVERYWHERE, 0 },
	{ "step: io", EVERYWHERE, 0 },
	{ "step: unregister", EVERYWHERE, 0 },
	{ "step: unregister in flight", EVERYWHERE, 0 },
	{ "step: reopen", EVERYWHERE, 0 },
	{ "step: close in flight", EVERYWHERE, 0 },
	{ "step: buffer open", EVERYWHERE, 0 },
	{ "step: buffer close", EVERYWHERE, 0 },
	{ "step: buffer write", EVERYWHERE, 0 },
	{ "step: file open", EVERYWHERE, 0 },
	{ "step: file close", EVERYWHERE, 0 },
	{ "step: file register", EVERYWHERE, 0 },
	{ "table: done", EVERYWHERE, 0 },
	{ "table: EBUSY", EVERYWHERE, 0 },
	{ "table: EINVAL", EVERYWHERE, 0 },
	{ "unregister: done", EVERYWHERE, 0 },
	{ "unregister: ENXIO", EVERYWHERE, 0 },
	{ "update: done", EVERYWHERE, 0 },
	{ "update: ENXIO", EVERYWHERE, 0 },
	{ "update: EBADF", EVERYWHERE, 0 },
	{ "update: EFAULT", EVERYWHERE, 0 },
	{ "update: EINVAL", EVERYWHERE, 0 },
	{ "update: EOPNOTSUPP", EVERYWHERE, 0 },
	{ "update: partial count", EVERYWHERE, 0 },
	{ "update: over a filled slot", EVERYWHERE, 0 },
	{ "update: empty", EVERYWHERE, 0 },
	{ "update: dma-buf", EVERYWHERE, 0 },
	{ "update: memory", EVERYWHERE, 0 },
	{ "update: plain empty", EVERYWHERE, 0 },
	{ "update: plain memory", EVERYWHERE, 0 },
	{ "refused: flags of the call", EVERYWHERE, 0 },
	{ "refused: reserved of the call", EVERYWHERE, 0 },
	{ "refused: nr 0", EVERYWHERE, 0 },
	{ "refused: out of range", EVERYWHERE, 0 },
	{ "refused: bad dma-buf fd", EVERYWHERE, 0 },
	{ "refused: not a dma-buf", EVERYWHERE, 0 },
	{ "refused: bad target fd", EVERYWHERE, 0 },
	{ "refused: target without O_DIRECT", EVERYWHERE, 0 },
	{ "refused: target null_blk", NULL_BLK, 0 },
	{ "refused: target not a block device", EVERYWHERE, 0 },
	{ "refused: uaddr", EVERYWHERE, 0 },
	{ "refused: address", EVERYWHERE, 0 },
	{ "refused: reserved", FAMILY_B, 0 },
	{ "refused: size", FAMILY_B, 0 },
	{ "refused: type", FAMILY_B, 0 },
	{ "refused: flags", NO_FLAGS, 0 },
	{ "refused: IOPOLL", NO_IOPOLL, 0 },
	{ "io: done", EVERYWHERE, 0 },
	{ "io: EBADF", EVERYWHERE, 0 },
	{ "io: EFAULT", EVERYWHERE, 0 },
	{ "io: EINVAL", EVERYWHERE, 0 },
	{ "io: read dma-buf", EVERYWHERE, 0 },
	{ "io: write dma-buf", EVERYWHERE, 0 },
	{ "io: read memory", EVERYWHERE, 0 },
	{ "io: write memory", EVERYWHERE, 0 },
	{ "io: several in flight", EVERYWHERE, 0 },
	{ "io: async", EVERYWHERE, 0 },
	{ "io: registered file", EVERYWHERE, 0 },
	{ "io: dup of the target", EVERYWHERE, 0 },
	{ "io: offset of 4 bytes", EVERYWHERE, 0 },
	{ "io: dma-buf fd closed", EVERYWHERE, 0 },
	{ "io: target fd closed", EVERYWHERE, 0 },
	{ "io: both fds closed", EVERYWHERE, 0 },
	{ "io: dma-buf gone from this process", EVERYWHERE, 0 },
	{ "io: outlives its table", EVERYWHERE, 0 },
	{ "io: beyond the table", EVERYWHERE, 0 },
	{ "io: empty slot", EVERYWHERE, 0 },
	{ "io: bad fd", EVERYWHERE, 0 },
	{ "io: other file", EVERYWHERE, 0 },
	{ "io: other file of the same drive", EVERYWHERE, 0 },
	{ "io: address instead of an offset", EVERYWHERE, 0 },
	{ "io: beyond the end", EVERYWHERE, 0 },
	{ "io: offset of 1 byte", EVERYWHERE, 0 },
	{ "io: length", EVERYWHERE, 0 },
	{ "io: position", EVERYWHERE, 0 },
};

#define SEEN	(sizeof(seen) / sizeof(seen[0]))

void tally(const char *format, ...)
{
	char name[80];
	unsigned int i;
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	for (i = 0; i < SEEN; i++) {
		if (strcmp(seen[i].name, name))
			continue;
		seen[i].count++;
		return;
	}
	printf("nobody expects \"%s\"\n", name);
	exit(1);
}

static bool possible(const struct run *run, enum where where)
{
	switch (where) {
	case EVERYWHERE:
		return true;
	case FAMILY_B:
		return !run->model.family_a;
	case NO_FLAGS:
		return !run->model.family_a && !run->model.takes_flags;
	case NO_IOPOLL:
		return !run->model.takes_iopoll;
	case NULL_BLK:
		return !access("/dev/nullb0", F_OK);
	}
	return false;
}

bool tally_complete(const struct run *run)
{
	bool complete = true;
	unsigned int i;

	for (i = 0; i < SEEN; i++) {
		bool lacking = !seen[i].count &&
			possible(run, seen[i].where);

		if (seen[i].count || lacking)
			printf("%7lu %s%s\n", seen[i].count, seen[i].name,
			       lacking ? ": never seen" : "");
		complete = complete && !lacking;
	}
	return complete;
}
