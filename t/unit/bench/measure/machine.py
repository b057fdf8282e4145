# SPDX-License-Identifier: GPL-2.0-only
"""A scripted root: files and links of sysfs and procfs in a directory, and
device files that the code takes for block devices.
"""

import os
import tempfile
from unittest import mock

from bench.measure import hardware

NVME = '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0/nvme0n1'
PCI = '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0'
SUBSYSTEM = '/sys/devices/virtual/nvme-subsystem/nvme-subsys0'


class Machine:
    """numbers: device file -> MAJOR:MINOR; other names are no devices."""

    def __init__(self, test):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.root = folder.name
        self.numbers = {}
        patch = mock.patch.object(hardware, 'device_number',
                                  lambda name: self.numbers.get(name))
        patch.start()
        test.addCleanup(patch.stop)

    def file(self, path, text=''):
        full = self.root + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'w') as f:
            f.write(text + '\n')

    def files(self, folder, **texts):
        for name, text in texts.items():
            self.file(f'{folder}/{name}', text)

    def link(self, path, to):
        full = self.root + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        os.symlink(os.path.relpath(self.root + to, os.path.dirname(full)),
                   full)

    def block(self, name, number, directory):
        """A block device of that name (/dev/NAME) and directory in sysfs."""
        self.numbers['/dev/' + name] = number
        self.file(directory + '/dev', number)
        self.file(directory + '/size', '2048')
        self.link('/sys/dev/block/' + number, directory)
        os.makedirs(f'{self.root}{directory}/holders')

    def partition(self, name, number, disk):
        self.block(name, number, f'{disk}/{name}')
        self.file(f'{disk}/{name}/partition', '1')

    def nvme(self):
        """One NVMe drive on PCI."""
        self.block('nvme0n1', '259:0', NVME)
        controller = os.path.dirname(NVME)
        self.files(controller, model='Fast Drive', serial='S1',
                   firmware_rev='F2', transport='pcie', state='live')
        self.link(NVME + '/device', controller)
        self.files(NVME + '/queue', scheduler='[none] mq-deadline',
                   nr_requests='1023', logical_block_size='512')
        for n in range(3):
            self.file(f'{NVME}/mq/{n}/cpu_list', str(n))
        self.pci(PCI)

    def pci(self, folder):
        self.files(folder, numa_node='0', current_link_speed='16.0 GT/s PCIe',
                   current_link_width='4', max_link_speed='32.0 GT/s PCIe',
                   max_link_width='4')
        self.file('/sys/kernel/iommu_groups/7/type', 'DMA-FQ')
        if not os.path.exists(self.root + folder + '/iommu_group'):
            self.link(folder + '/iommu_group', '/sys/kernel/iommu_groups/7')

    def multipath(self):
        """A head with two controllers."""
        head = SUBSYSTEM + '/nvme1n1'
        self.block('nvme1n1', '259:5', head)
        self.files(SUBSYSTEM, model='Two Ways', serial='S2',
                   firmware_rev='F3')
        self.link(head + '/device', SUBSYSTEM)
        for n in (1, 2):
            pci = f'/sys/devices/pci0000:00/0000:0{n + 1}:00.0'
            self.files(f'{pci}/nvme/nvme{n}', transport='pcie', state='live')
            self.pci(pci)
            self.link(f'{SUBSYSTEM}/nvme{n}', f'{pci}/nvme/nvme{n}')
