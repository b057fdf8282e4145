/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tree of PCI devices is in the paths of /sys/devices: what two paths have
 * in common is above both devices. Source: Documentation/ABI/testing,
 * sysfs-bus-pci.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "acs.h"
#include "route.h"
#include "sysfs.h"

#define DEPTH		32

/* The devices from the host bridge down to one. */
struct chain {
	char host[32];			/* pci0000:00 */
	char bdf[DEPTH][DMABUF_PCI_ADDRESS];
	unsigned int nr;
};

const char *check_relation_text(enum check_relation relation)
{
	static const char *const texts[] = {
		[CHECK_RELATION_UNKNOWN] = "unknown",
		[CHECK_RELATION_SAME] = "the same device",
		[CHECK_RELATION_SWITCH] = "below the same switch",
		[CHECK_RELATION_ROOT_PORT] = "below the same root port",
		[CHECK_RELATION_HOST_BRIDGE] = "through the host bridge",
		[CHECK_RELATION_APART] = "below different host bridges",
	};

	return texts[relation];
}

static bool is_bdf(const char *name)
{
	char bdf[DMABUF_PCI_ADDRESS];

	return !dmabuf_pci_address(name, bdf) && !strcmp(bdf, name);
}

/* Takes the PCI part of a path of /sys/devices. */
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

void check_pci_behind(char bdf[DMABUF_PCI_ADDRESS], const char *sys,
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
		     struct check_route *route)
{
	char link[CHECK_PATH], path[PATH_MAX];

	if (bdf[0] && check_path(link, "%s/bus/pci/devices/%s", sys, bdf) &&
	    realpath(link, path)) {
		read_chain(chain, path);
		if (chain->nr)
			return true;
	}
	snprintf(route->problem, sizeof(route->problem),
		 "%s: no such PCI device; lspci -D lists them",
		 bdf[0] ? bdf : "the drive");
	return false;
}

/* The bridges from below @shared down to the device itself, not included. */
static void add_ports(struct check_route *route, const char *sys,
		      const struct chain *chain, unsigned int shared)
{
	while (shared + 1 < chain->nr && route->nr_ports < CHECK_PORTS) {
		struct check_port *port = &route->ports[route->nr_ports++];

		strcpy(port->bdf, chain->bdf[shared++]);
		check_acs_read(port, sys);
	}
}

void check_pci_route(struct check_route *route, const char *sys,
		     const char *from, const char *to)
{
	struct chain a, b;
	unsigned int shared = 0;

	memset(route, 0, sizeof(*route));
	if (!chain_of(&a, sys, from, route) || !chain_of(&b, sys, to, route))
		return;
	if (strcmp(a.host, b.host)) {
		route->relation = CHECK_RELATION_APART;
	} else {
		while (shared < a.nr && shared < b.nr &&
		       !strcmp(a.bdf[shared], b.bdf[shared]))
			shared++;
		if (shared == a.nr && shared == b.nr)
			route->relation = CHECK_RELATION_SAME;
		else if (shared > 1)
			route->relation = CHECK_RELATION_SWITCH;
		else if (shared)
			route->relation = CHECK_RELATION_ROOT_PORT;
		else
			route->relation = CHECK_RELATION_HOST_BRIDGE;
	}
	if (route->relation == CHECK_RELATION_SAME)
		return;
	add_ports(route, sys, &a, shared);
	add_ports(route, sys, &b, shared);
}
