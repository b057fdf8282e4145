/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of PCI devices: domain, bus, device and function. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "pci.h"

/*
 * Between @least and @most hexadecimal digits, then @after. Moves *@text
 * behind that, and leaves it where it was when it is something else.
 */
static bool take(const char **text, unsigned int least, unsigned int most,
		 char after, unsigned int *value)
{
	unsigned int digits = 0, number = 0;
	const char *c;

	for (c = *text; isxdigit((unsigned char)*c) && digits <= most; c++) {
		number = number * 16 + (isdigit((unsigned char)*c) ?
			*c - '0' : tolower((unsigned char)*c) - 'a' + 10);
		digits++;
	}
	if (digits < least || digits > most || *c != after)
		return false;
	*value = number;
	*text = after ? c + 1 : c;
	return true;
}

int dmabuf_pci_address(const char *text, char address[DMABUF_PCI_ADDRESS])
{
	unsigned int domain = 0, bus, device, function;

	/* Virtual buses have domains of five digits. */
	take(&text, 4, 6, ':', &domain);
	if (!take(&text, 2, 2, ':', &bus) ||
	    !take(&text, 2, 2, '.', &device) ||
	    !take(&text, 1, 1, '\0', &function) || device > 0x1f ||
	    function > 7)
		return -EINVAL;
	snprintf(address, DMABUF_PCI_ADDRESS, "%04x:%02x:%02x.%x",
		 domain & 0xffffff, bus & 0xff, device & 0x1f, function & 7);
	return 0;
}
