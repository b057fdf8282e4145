/* SPDX-License-Identifier: GPL-2.0-only */
/* A pair works when data has arrived, not because of its topology. */
#include "peer.h"

const char *check_peer_data(const struct check_peer *peer)
{
	const struct check_drive *drive = peer->drive;
	unsigned int i;

	for (i = 0; peer->source && i < drive->nr_transfers; i++) {
		const struct check_transfer *t = &drive->transfers[i];

		if (t->source != peer->source)
			continue;
		/* It may have failed after the verified read. */
		if (t->result.state == CHECK_NO)
			return "failed";
		if (t->written)
			return "written and read, verified";
		return t->verified ? "read only, verified" : "not tried";
	}
	if (!peer->source)
		return "not tried: no source uses memory of this device";
	return peer->source->exports ? "not tried" :
		"not tried: the source is not a dma-buf";
}
