/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of a system with one device for the vfio source. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/unit/fake/fake-files.h"
#include "t/unit/fake/fake.h"
#include "vfio-sample.h"

#define DEVICE	"/sys/bus/pci/devices/0000:01:00.0"

static void device(void)
{
	fake_file(DEVICE, NULL);
	fake_file(DEVICE "/iommu_group", "../../../kernel/iommu_groups/7");
	fake_file(DEVICE "/driver", "../../../../bus/pci/drivers/vfio-pci");
	fake_file(DEVICE "/vendor", "0x1af4\n");
	fake_file(DEVICE "/device", "0x1110\n");
}

void vfio_sample(void)
{
	device();
	fake_file("/dev/vfio/7", NULL);
	fake_file("/dev/vfio/vfio", NULL);
}

/* opendir goes to a real directory, where "vfio3" has to be. */
static char dir[32], entry[64];

void vfio_sample_file(void)
{
	device();
	strcpy(dir, "/tmp/vfio-dev-XXXXXX");
	if (!mkdtemp(dir))
		abort();
	snprintf(entry, sizeof(entry), "%s/vfio3", dir);
	if (symlink("/", entry))
		abort();
	fake.vfio_dir = dir;
	fake_file("/dev/vfio/devices/vfio3", NULL);
	fake_file("/dev/iommu", NULL);
}

void vfio_sample_file_end(void)
{
	unlink(entry);
	rmdir(dir);
}
