/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How two PCI devices are connected, read from a made-up /sys: a switch below
 * one root port, devices below another, and a second host bridge.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "check/drive/pci-topology.h"
#include "t/unit/check.h"
#include "t/unit/tree.h"

#define HOST	"devices/pci0000:00"
#define PORT_A	HOST "/0000:00:01.0"
#define UP_A	PORT_A "/0000:01:00.0"
#define DRIVE_A	UP_A "/0000:02:00.0/0000:03:00.0"
#define GPU_A	UP_A "/0000:02:01.0/0000:04:00.0"
#define PORT_B	HOST "/0000:00:02.0"
#define GPU_B	PORT_B "/0000:05:00.0"
#define OTHER_B	PORT_B "/0000:05:00.1"
#define FAR	"devices/pci0001:80/0001:80:01.0/0001:81:00.0"

static const char *sys;
static struct check_pci_topology topology;

/* Configuration space of a port; ACS is the second extended capability. */
static void config_space(const char *bdf, unsigned int control, size_t size)
{
	unsigned char space[4096] = { 0 };
	char name[96];

	/* Extended headers: id, version and where the next is. */
	space[0x100] = 0x01;
	space[0x102] = 0x01;
	space[0x103] = 0x20;
	space[0x200] = 0x0d;
	space[0x202] = 0x01;
	space[0x206] = control;
	snprintf(name, sizeof(name), "bus/pci/devices/%s/config", bdf);
	tree_bytes(name, space, size);
}

static void device(const char *bdf, const char *path)
{
	char name[96], to[256], dir[256];

	snprintf(dir, sizeof(dir), "%s", path);
	tree_dir(dir);
	snprintf(name, sizeof(name), "bus/pci/devices/%s", bdf);
	snprintf(to, sizeof(to), "../../../%s", path);
	tree_link(name, to);
}

static void begin(void)
{
	sys = tree_begin();
	device("0000:00:01.0", PORT_A);
	device("0000:01:00.0", UP_A);
	device("0000:02:00.0", UP_A "/0000:02:00.0");
	device("0000:02:01.0", UP_A "/0000:02:01.0");
	device("0000:03:00.0", DRIVE_A);
	device("0000:04:00.0", GPU_A);
	device("0000:00:02.0", PORT_B);
	device("0000:05:00.0", GPU_B);
	device("0000:05:00.1", OTHER_B);
	device("0001:81:00.0", FAR);
	tree_dir(DRIVE_A "/nvme/nvme0/nvme0n1");
	tree_link("dev/block/259:0",
		  "../../" DRIVE_A "/nvme/nvme0/nvme0n1");
	tree_dir(GPU_B "/drm/card0");
	tree_link("dev/char/226:0", "../../" GPU_B "/drm/card0");
	tree_dir("devices/virtual/block/loop0");
	tree_link("dev/block/7:0", "../../devices/virtual/block/loop0");
}

static void ports_are(const char *wanted)
{
	char text[256] = "";
	unsigned int i;

	for (i = 0; i < topology.nr_ports; i++) {
		strcat(text, i ? " " : "");
		strcat(text, topology.ports[i].bdf);
	}
	CHECK_TEXT(text, wanted);
}

static void relation(const char *a, const char *b,
		     enum check_pci_relation wanted, const char *ports)
{
	check_pci_topology_read(&topology, sys, a, b);
	CHECK_INT(topology.relation, wanted);
	CHECK_TEXT(topology.problem, "");
	ports_are(ports);
}

static void test_relations(void)
{
	begin();
	relation("0000:03:00.0", "0000:03:00.0", CHECK_PCI_SAME, "");
	relation("0000:03:00.0", "0000:04:00.0", CHECK_PCI_SWITCH,
		 "0000:02:00.0 0000:02:01.0");
	relation("0000:05:00.0", "0000:05:00.1", CHECK_PCI_ROOT_PORT, "");
	relation("0000:03:00.0", "0000:05:00.0", CHECK_PCI_HOST_BRIDGE,
		 "0000:00:01.0 0000:01:00.0 0000:02:00.0 0000:00:02.0");
	relation("0000:05:00.0", "0001:81:00.0", CHECK_PCI_APART,
		 "0000:00:02.0 0001:80:01.0");
	tree_end();
}

static void test_unknown(void)
{
	begin();
	check_pci_topology_read(&topology, sys, "0000:03:00.0", "0000:0f:00.0");
	CHECK_INT(topology.relation, CHECK_PCI_UNKNOWN);
	CHECK_TEXT(topology.problem,
		   "0000:0f:00.0: no such PCI device; see lspci -D");
	check_pci_topology_read(&topology, sys, "", "0000:03:00.0");
	CHECK_INT(topology.relation, CHECK_PCI_UNKNOWN);
	CHECK_TEXT(topology.problem,
		   "the drive: no such PCI device; see lspci -D");
	tree_end();
}

static void test_block(void)
{
	char bdf[DMABUF_PCI_ADDRESS];

	begin();
	check_pci_of_node(bdf, sys, S_IFBLK, makedev(259, 0));
	CHECK_TEXT(bdf, "0000:03:00.0");
	check_pci_of_node(bdf, sys, S_IFBLK, makedev(7, 0));
	CHECK_TEXT(bdf, "");
	check_pci_of_node(bdf, sys, S_IFBLK, makedev(8, 0));
	CHECK_TEXT(bdf, "");
	check_pci_of_node(bdf, sys, S_IFCHR, makedev(226, 0));
	CHECK_TEXT(bdf, "0000:05:00.0");
	check_pci_of_node(bdf, sys, S_IFBLK, makedev(226, 0));
	CHECK_TEXT(bdf, "");
	tree_end();
}

static void test_acs(void)
{
	begin();
	config_space("0000:02:00.0", 0x1d, 4096);
	config_space("0000:02:01.0", 0, 4096);
	check_pci_topology_read(&topology, sys, "0000:03:00.0", "0000:04:00.0");
	CHECK(topology.ports[0].known && topology.ports[0].has_acs);
	CHECK_TEXT(topology.ports[0].acs, "SV RR CR UF");
	CHECK(topology.ports[1].known && topology.ports[1].has_acs);
	CHECK_TEXT(topology.ports[1].acs, "");

	/* What ordinary users see, and a conventional bridge. */
	config_space("0000:02:00.0", 0x1d, 64);
	config_space("0000:02:01.0", 0x1d, 256);
	check_pci_topology_read(&topology, sys, "0000:03:00.0", "0000:04:00.0");
	CHECK(!topology.ports[0].known);
	CHECK(topology.ports[1].known && !topology.ports[1].has_acs);
	tree_end();
}

/* A PCI Express port of which the kernel can only access 256 bytes. */
static void test_short_space(void)
{
	unsigned char space[256] = { 0 };

	begin();
	space[0x34] = 0x40;
	space[0x40] = 0x01;
	space[0x41] = 0x80;
	space[0x80] = 0x10;
	tree_bytes("bus/pci/devices/0000:02:00.0/config", space, 256);
	/* And a conventional bridge whose list of capabilities loops. */
	space[0x80] = 0x05;
	space[0x81] = 0x40;
	tree_bytes("bus/pci/devices/0000:02:01.0/config", space, 256);
	check_pci_topology_read(&topology, sys, "0000:03:00.0", "0000:04:00.0");
	CHECK(!topology.ports[0].known);
	CHECK(topology.ports[1].known && !topology.ports[1].has_acs);
	tree_end();
}

/* A list of capabilities that loops, or points outside. */
static void test_broken_list(void)
{
	unsigned char space[4096] = { 0 };

	begin();
	space[0x100] = 0x01;
	space[0x103] = 0x10;
	tree_bytes("bus/pci/devices/0000:02:00.0/config", space, 4096);
	space[0x103] = 0xff;
	space[0x102] = 0xc1;
	tree_bytes("bus/pci/devices/0000:02:01.0/config", space, 4096);
	check_pci_topology_read(&topology, sys, "0000:03:00.0", "0000:04:00.0");
	CHECK(topology.ports[0].known && !topology.ports[0].has_acs);
	CHECK(topology.ports[1].known && !topology.ports[1].has_acs);
	tree_end();
}

static const struct check checks[] = {
	{ "relations", test_relations },
	{ "missing devices", test_unknown },
	{ "the PCI device behind a device node", test_block },
	{ "access control services", test_acs },
	{ "a configuration space of 256 bytes", test_short_space },
	{ "broken lists of capabilities", test_broken_list },
};

CHECK_MAIN("check-pci-topology", checks)
