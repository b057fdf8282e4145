/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI addresses, as users write them and as sysfs names them. */
#ifndef DMABUF_PCI_H
#define DMABUF_PCI_H

#include <stdbool.h>

#define DMABUF_PCI_ADDRESS	16

/*
 * Parses "0000:01:00.0", or "01:00.0" for the first domain, as lspci shows it.
 * @address is set to the device's name in /sys/bus/pci/devices. 0, or -EINVAL
 * when @text is not an address.
 */
int dmabuf_pci_address(const char *text, char address[DMABUF_PCI_ADDRESS]);

/* Finds the first address in @text; false and "" when there is none. */
bool dmabuf_pci_find(const char *text, char address[DMABUF_PCI_ADDRESS]);

#endif
