/* SPDX-License-Identifier: GPL-2.0-only */
/* Access Control Services of a PCIe port. */
#ifndef CHECK_ACS_H
#define CHECK_ACS_H

#include "route.h"

/* Fills in all but port->bdf. Not known to anyone but root. */
void check_acs_read(struct check_port *port, const char *sys);

#endif
