/* SPDX-License-Identifier: GPL-2.0-only */
/* A pair is not called working for its place: only for data that arrived. */
#include "peer.h"

const char *check_peer_data(const struct check_peer *peer)
{
	const struct check_drive *drive = peer->drive;
	unsigned int i;

	for (i = 0; peer->source && i < drive->nr_transfers; i++) {
		const struct check_transfer *t = &drive->transfers[i];

		if (t->source != peer->source)
			continue;
		/* One that failed later does not work, whatever went before. */
		if (t->result.state == CHECK_NO)
			return "does not work";
		if (t->written)
			return "written and read, and compared";
		return t->verified ? "read only, and compared" : "not tried";
	}
	if (!peer->source)
		return "not tried: only a source on that device moves any";
	return peer->source->exports ? "not tried" :
		"not tried: that source is no dma-buf";
}
