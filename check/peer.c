/* SPDX-License-Identifier: GPL-2.0-only */
/* A pair is not called working for its place: only for data that arrived. */
#include "report.h"

const char *check_peer_data(const struct check_peer *peer)
{
	const struct check_drive *drive = peer->drive;
	unsigned int i;

	for (i = 0; peer->memory && i < drive->nr_transfers; i++) {
		const struct check_transfer *t = &drive->transfers[i];

		if (t->memory != peer->memory)
			continue;
		if (t->written)
			return "written and read, and compared";
		if (t->result.state == CHECK_NO)
			return "does not work";
		return t->verified ? "read only, and compared" : "not tried";
	}
	return "not tried: only a source on that device moves any";
}
