/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of PCI devices: domain, bus, device and function. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "pci.h"

/*
 * Parses a hexadecimal number of @min to @max digits and advances *@text past
 * it. On failure *@text is unchanged.
 */
static bool parse_hex(const char **text, unsigned int min, unsigned int max,
		      unsigned int *value)
{
	unsigned int digits = 0, number = 0;
	const char *c;

	for (c = *text; isxdigit((unsigned char)*c) && digits <= max; c++) {
		number = number * 16 + (isdigit((unsigned char)*c) ?
			*c - '0' : tolower((unsigned char)*c) - 'a' + 10);
		digits++;
	}
	if (digits < min || digits > max)
		return false;
	*value = number;
	*text = c;
	return true;
}

/* The same, and the character @after must follow; it is skipped as well. */
static bool parse_hex_before(const char **text, unsigned int min,
			     unsigned int max, char after,
			     unsigned int *value)
{
	const char *c = *text;

	if (!parse_hex(&c, min, max, value) || *c != after)
		return false;
	*text = c + 1;
	return true;
}

/* Parses an address and advances *@text past it. */
static bool parse_address(const char **text,
			  char address[DMABUF_PCI_ADDRESS])
{
	unsigned int domain = 0, bus, device, function;
	const char *c = *text;

	/*
	 * Domains of virtual buses are above 0xffff, and some tools write
	 * every domain with eight digits.
	 */
	parse_hex_before(&c, 4, 8, ':', &domain);
	if (!parse_hex_before(&c, 2, 2, ':', &bus) ||
	    !parse_hex_before(&c, 2, 2, '.', &device) ||
	    !parse_hex(&c, 1, 1, &function) || domain > 0xffffff ||
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

	if (!parse_address(&text, found) || *text)
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
		    parse_address(&c, address))
			return true;
	}
	address[0] = '\0';
	return false;
}
