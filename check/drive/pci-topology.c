/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Paths in /sys/devices follow the tree of PCI devices: what two of them have
 * in common is above both devices. Source: Documentation/ABI/testing,
 * sysfs-bus-pci.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "check/sysfs.h"
#include "pci-topology.h"

#define DEPTH		32

/* A device and all above it, from the host bridge down. */
struct chain {
	char host[32];			/* pci0000:00 */
	char bdf[DEPTH][DMABUF_PCI_ADDRESS];
	unsigned int nr;
};

const char *check_pci_relation_text(enum check_pci_relation relation)
{
	static const char *const texts[] = {
		[CHECK_PCI_UNKNOWN] = "unknown",
		[CHECK_PCI_SAME] = "the same device",
		[CHECK_PCI_SWITCH] = "below the same switch",
		[CHECK_PCI_ROOT_PORT] = "below the same root port",
		[CHECK_PCI_HOST_BRIDGE] = "through the host bridge",
		[CHECK_PCI_APART] = "below different host bridges",
	};

	return texts[relation];
}

static bool is_bdf(const char *name)
{
	char bdf[DMABUF_PCI_ADDRESS];

	return !dmabuf_pci_address(name, bdf) && !strcmp(bdf, name);
}

/* Parses the PCI part of a path in /sys/devices; changes @path. */
static void read_chain(struct chain *chain, char *path)
{
	char *name, *rest = path;

	memset(chain, 0, sizeof(*chain));
	while ((name = strtok_r(rest, "/", &rest))) {
		if (!chain->host[0] && !strncmp(name, "pci", 3) &&
		    strchr(name, ':'))
			snprintf(chain->host, sizeof(chain->host), "%.31s",
				 name);
		else if (chain->host[0] && chain->nr < DEPTH && is_bdf(name))
			strcpy(chain->bdf[chain->nr++], name);
	}
}

void check_pci_of_node(char bdf[DMABUF_PCI_ADDRESS], const char *sys,
		       mode_t mode, dev_t rdev)
{
	char link[CHECK_PATH], path[PATH_MAX];
	struct chain chain;

	bdf[0] = '\0';
	if (!check_path(link, "%s/dev/%s/%u:%u", sys,
			S_ISBLK(mode) ? "block" : "char", major(rdev),
			minor(rdev)) || !realpath(link, path))
		return;
	read_chain(&chain, path);
	if (chain.nr)
		strcpy(bdf, chain.bdf[chain.nr - 1]);
}

static bool chain_of(struct chain *chain, const char *sys, const char *bdf,
		     struct check_pci_topology *topology)
{
	char link[CHECK_PATH], path[PATH_MAX];

	if (bdf[0] && check_path(link, "%s/bus/pci/devices/%s", sys, bdf) &&
	    realpath(link, path)) {
		read_chain(chain, path);
		if (chain->nr)
			return true;
	}
	snprintf(topology->problem, sizeof(topology->problem),
		 "%s: no such PCI device; see lspci -D",
		 bdf[0] ? bdf : "the drive");
	return false;
}

/* The bridges between the last shared one and the device. */
static void add_ports(struct check_pci_topology *topology, const char *sys,
		      const struct chain *chain, unsigned int shared)
{
	struct check_pci_port *port;

	while (shared + 1 < chain->nr &&
	       topology->nr_ports < CHECK_PCI_PORTS) {
		port = &topology->ports[topology->nr_ports++];
		strcpy(port->bdf, chain->bdf[shared++]);
		check_pci_acs_read(port, sys);
	}
}

void check_pci_topology_read(struct check_pci_topology *topology,
			     const char *sys, const char *from,
			     const char *to)
{
	struct chain a, b;
	unsigned int shared = 0;

	memset(topology, 0, sizeof(*topology));
	if (!chain_of(&a, sys, from, topology) ||
	    !chain_of(&b, sys, to, topology))
		return;
	if (strcmp(a.host, b.host)) {
		topology->relation = CHECK_PCI_APART;
	} else {
		while (shared < a.nr && shared < b.nr &&
		       !strcmp(a.bdf[shared], b.bdf[shared]))
			shared++;
		if (shared == a.nr && shared == b.nr)
			topology->relation = CHECK_PCI_SAME;
		else if (shared > 1)
			topology->relation = CHECK_PCI_SWITCH;
		else if (shared)
			topology->relation = CHECK_PCI_ROOT_PORT;
		else
			topology->relation = CHECK_PCI_HOST_BRIDGE;
	}
	if (topology->relation == CHECK_PCI_SAME)
		return;
	add_ports(topology, sys, &a, shared);
	add_ports(topology, sys, &b, shared);
}
