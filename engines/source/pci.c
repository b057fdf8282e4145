/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of PCI devices: domain, bus, device and function. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "pci.h"

/*
 * Between @least and @most hexadecimal digits. Moves *@text behind them, and
 * leaves it where it was when it is something else.
 */
static bool take(const char **text, unsigned int least, unsigned int most,
		 unsigned int *value)
{
	unsigned int digits = 0, number = 0;
	const char *c;

	for (c = *text; isxdigit((unsigned char)*c) && digits <= most; c++) {
		number = number * 16 + (isdigit((unsigned char)*c) ?
			*c - '0' : tolower((unsigned char)*c) - 'a' + 10);
		digits++;
	}
	if (digits < least || digits > most)
		return false;
	*value = number;
	*text = c;
	return true;
}

static bool take_before(const char **text, unsigned int least,
			unsigned int most, char after, unsigned int *value)
{
	const char *c = *text;

	if (!take(&c, least, most, value) || *c != after)
		return false;
	*text = c + 1;
	return true;
}

/* An address at *@text, behind which it is then. */
static bool take_address(const char **text, char address[DMABUF_PCI_ADDRESS])
{
	unsigned int domain = 0, bus, device, function;
	const char *c = *text;

	/*
	 * Domains of virtual buses are above 0xffff, and some tools write
	 * eight digits of any.
	 */
	take_before(&c, 4, 8, ':', &domain);
	if (!take_before(&c, 2, 2, ':', &bus) ||
	    !take_before(&c, 2, 2, '.', &device) ||
	    !take(&c, 1, 1, &function) || domain > 0xffffff ||
	    device > 0x1f || function > 7)
		return false;
	*text = c;
	snprintf(address, DMABUF_PCI_ADDRESS, "%04x:%02x:%02x.%x",
		 domain & 0xffffff, bus & 0xff, device & 0x1f, function & 7);
	return true;
}

int dmabuf_pci_address(const char *text, char address[DMABUF_PCI_ADDRESS])
{
	char found[DMABUF_PCI_ADDRESS];

	if (!take_address(&text, found) || *text)
		return -EINVAL;
	strcpy(address, found);
	return 0;
}

bool dmabuf_pci_find(const char *text, char address[DMABUF_PCI_ADDRESS])
{
	const char *at;

	for (at = text; *at; at++) {
		const char *c = at;

		if ((at == text || !isxdigit((unsigned char)at[-1])) &&
		    take_address(&c, address))
			return true;
	}
	address[0] = '\0';
	return false;
}
