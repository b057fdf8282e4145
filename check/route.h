/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where two PCI devices are relative to each other, as facts: none of them
 * says that one can reach the other.
 */
#ifndef CHECK_ROUTE_H
#define CHECK_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pci.h"

#define CHECK_PORTS	16

enum check_relation {
	CHECK_RELATION_UNKNOWN,
	CHECK_RELATION_SAME,		/* one device */
	CHECK_RELATION_SWITCH,		/* below one switch */
	CHECK_RELATION_ROOT_PORT,	/* below one root port, no switch */
	CHECK_RELATION_HOST_BRIDGE,	/* up to one host bridge */
	CHECK_RELATION_APART,		/* below different host bridges */
};

/* A bridge on the way, and its Access Control Services. */
struct check_port {
	char bdf[DMABUF_PCI_ADDRESS];
	bool known;		/* its configuration could be read */
	bool has_acs;
	char acs[32];		/* of the services, those on: "RR CR UF" */
};

struct check_route {
	enum check_relation relation;
	char problem[160];	/* why it is not known */
	struct check_port ports[CHECK_PORTS];
	unsigned int nr_ports;
};

const char *check_relation_text(enum check_relation relation);

/* The device behind a block or a character device; "" when it has none. */
void check_pci_behind(char bdf[DMABUF_PCI_ADDRESS], const char *sys,
		      mode_t mode, dev_t rdev);

/* From @sys, normally "/sys". */
void check_pci_route(struct check_route *route, const char *sys,
		     const char *from, const char *to);

#endif
