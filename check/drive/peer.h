/* SPDX-License-Identifier: GPL-2.0-only */
/* A drive and a PCI device that may exchange data peer to peer. */
#ifndef CHECK_PEER_H
#define CHECK_PEER_H

#include "check/sources.h"
#include "drive.h"
#include "pci-topology.h"

struct check_peer {
	const struct check_drive *drive;
	char bdf[DMABUF_PCI_ADDRESS];
	const struct check_source *source;	/* on it; NULL for --peer */
	struct check_pci_topology topology;
};

/* In words: which transfers between the two were verified. */
const char *check_peer_data(const struct check_peer *peer);

#endif
