/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI addresses, as users write them and as /sys names them. */
#ifndef DMABUF_PCI_H
#define DMABUF_PCI_H

#include <stdbool.h>

#define DMABUF_PCI_ADDRESS	16

/*
 * Parses "0000:01:00.0", or "01:00.0" in the first domain as lspci shows it.
 * @address becomes the name of the device in /sys/bus/pci/devices. 0, or
 * -EINVAL when @text is not a PCI address.
 */
int dmabuf_pci_address(const char *text, char address[DMABUF_PCI_ADDRESS]);

/* The first address anywhere in @text; false and "" when there is none. */
bool dmabuf_pci_find(const char *text, char address[DMABUF_PCI_ADDRESS]);

#endif
