/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How two PCI devices are connected. These are facts only: none of them
 * proves that one device can reach the other.
 */
#ifndef CHECK_PCI_TOPOLOGY_H
#define CHECK_PCI_TOPOLOGY_H

#include <sys/types.h>

#include "pci-acs.h"
#include "pci.h"

#define CHECK_PCI_PORTS	16

enum check_pci_relation {
	CHECK_PCI_UNKNOWN,
	CHECK_PCI_SAME,		/* one device */
	CHECK_PCI_SWITCH,	/* below one switch */
	CHECK_PCI_ROOT_PORT,	/* below one root port, no switch */
	CHECK_PCI_HOST_BRIDGE,	/* below one host bridge */
	CHECK_PCI_APART,	/* below different host bridges */
};

struct check_pci_topology {
	enum check_pci_relation relation;
	char problem[160];	/* why the relation is unknown */
	/* The bridges between the two devices */
	struct check_pci_port ports[CHECK_PCI_PORTS];
	unsigned int nr_ports;
};

const char *check_pci_relation_text(enum check_pci_relation relation);

/* The device behind a block or character device; "" when there is none. */
void check_pci_of_node(char bdf[DMABUF_PCI_ADDRESS], const char *sys,
		       mode_t mode, dev_t rdev);

/* Reads @sys, normally "/sys". */
void check_pci_topology_read(struct check_pci_topology *topology,
			     const char *sys, const char *from,
			     const char *to);

#endif
