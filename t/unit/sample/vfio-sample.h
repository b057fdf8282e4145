/* SPDX-License-Identifier: GPL-2.0-only */
/* A system with device 0000:01:00.0, bound to vfio-pci, in IOMMU group 7. */
#ifndef VFIO_SAMPLE_H
#define VFIO_SAMPLE_H

void vfio_sample(void);
/* The same where there are no groups, and the device has a file. */
void vfio_sample_file(void);
void vfio_sample_file_end(void);

#endif
