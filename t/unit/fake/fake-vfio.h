/* SPDX-License-Identifier: GPL-2.0-only */
/* A device bound to vfio-pci, its group and its dma-bufs. */
#ifndef FAKE_VFIO_H
#define FAKE_VFIO_H

#include <stdbool.h>
#include <stdint.h>

struct fake_vfio {
	bool not_viable;	/* its group */
	uint64_t bar_size[6];
	bool bar_unmapped[6];	/* I/O ports and the like */
	unsigned char command[2];	/* PCI command register */
	bool no_config;		/* reads of the config space return 0 */
	int fd;			/* of the device */
};

extern struct fake_vfio fake_vfio;

/* True for a request of vfio's; its result is in @ret then. */
bool fake_vfio_ioctl(int fd, unsigned int request, void *arg, int *ret);
void fake_vfio_reset(void);

#endif
