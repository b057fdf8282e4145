/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACS is an extended capability. The kernel hides the extended configuration
 * space from processes without CAP_SYS_ADMIN. Source: PCI Express Base
 * Specification, extended capabilities; <linux/pci_regs.h>.
 */
#include <linux/pci_regs.h>
#include <stdint.h>
#include <stdio.h>

#include "check/sysfs.h"
#include "pci-acs.h"

#define CONFIG_SPACE	4096
#define EXTENDED	256

static uint32_t u32(const unsigned char *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 |
		(uint32_t)bytes[3] << 24;
}

/* The offset of an extended capability, or 0. */
static unsigned int find(const unsigned char *space, unsigned int id)
{
	unsigned int at = EXTENDED, tries;

	/* The limit ends a list that loops. */
	for (tries = 0; at && tries < CONFIG_SPACE / 8; tries++) {
		uint32_t header;

		if (at < EXTENDED || at > CONFIG_SPACE - 8)
			return 0;
		header = u32(space + at);
		if (!header)
			return 0;
		if (PCI_EXT_CAP_ID(header) == id)
			return at;
		at = PCI_EXT_CAP_NEXT(header);
	}
	return 0;
}

/* Looks for the PCI Express capability in the conventional list. */
static bool is_express(const unsigned char *space)
{
	unsigned int at = space[PCI_CAPABILITY_LIST] & ~3u, tries;

	for (tries = 0; at && at < EXTENDED - 1 && tries < EXTENDED / 4;
	     tries++) {
		if (space[at] == PCI_CAP_ID_EXP)
			return true;
		at = space[at + 1] & ~3u;
	}
	return false;
}

static void name_services(struct check_pci_port *port, unsigned int control)
{
	static const char *const names[] = {
		"SV", "TB", "RR", "CR", "UF", "EC", "DT",
	};
	unsigned int i;
	size_t used = 0;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (control & 1 << i)
			used += snprintf(port->acs + used,
					 sizeof(port->acs) - used, "%s%s",
					 used ? " " : "", names[i]);
}

void check_pci_acs_read(struct check_pci_port *port, const char *sys)
{
	unsigned char space[CONFIG_SPACE];
	char path[CHECK_PATH];
	unsigned int at;
	size_t size;
	FILE *f;

	if (!check_path(path, "%s/bus/pci/devices/%s/config", sys, port->bdf))
		return;
	f = fopen(path, "re");
	if (!f)
		return;
	size = fread(space, 1, sizeof(space), f);
	fclose(f);
	/*
	 * A conventional bridge has 256 bytes and no ACS. A PCI Express port
	 * has more, even where this kernel cannot access it.
	 */
	port->known = size == CONFIG_SPACE ||
		(size == EXTENDED && !is_express(space));
	if (size != CONFIG_SPACE)
		return;
	at = find(space, PCI_EXT_CAP_ID_ACS);
	if (!at)
		return;
	port->has_acs = true;
	name_services(port, u32(space + at + 4) >> 16);
}
