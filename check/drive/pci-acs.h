/* SPDX-License-Identifier: GPL-2.0-only */
/* Access Control Services of a PCIe port, from its configuration space. */
#ifndef CHECK_PCI_ACS_H
#define CHECK_PCI_ACS_H

#include <stdbool.h>

#include "pci.h"

struct check_pci_port {
	char bdf[DMABUF_PCI_ADDRESS];
	bool known;		/* the rest is: its configuration was read */
	bool has_acs;
	char acs[32];		/* the services that are enabled: "RR CR UF" */
};

/*
 * Fills in all but port->bdf from @sys, normally "/sys". Only root can read
 * the extended configuration space: for others port->known stays false.
 */
void check_pci_acs_read(struct check_pci_port *port, const char *sys);

#endif
