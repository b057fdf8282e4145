# SPDX-License-Identifier: GPL-2.0-only
"""Which names are one drive: on a scripted machine, and as files."""

import os
import tempfile
import unittest

from bench.measure import drive, identity
from vm.problem import Problem
from machine import NVME, Machine

OTHER = NVME.replace('nvme0', 'nvme1')


class Devices(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(self)
        self.machine.nvme()
        self.machine.block('nvme1n1', '259:4', OTHER)

    def check(self, *names):
        identity.check_distinct(['/dev/' + name for name in names],
                                self.machine.root)

    def refused(self, words, *names):
        for order in names, names[::-1]:
            with self.assertRaises(Problem) as caught:
                self.check(*order)
            for name in names:
                self.assertIn('/dev/' + name, str(caught.exception))
            self.assertIn(words, str(caught.exception))

    def partitions(self):
        for n, start in ((1, '8'), (2, '1032')):
            self.machine.partition(f'nvme0n1p{n}', f'259:{n}', NVME)
            self.machine.files(f'{NVME}/nvme0n1p{n}', start=start,
                               size='1024')

    def test_two_drives(self):
        self.check('nvme0n1', 'nvme1n1')

    def test_another_name(self):
        self.machine.numbers['/dev/disk/by-id/nvme-X'] = '259:0'
        self.refused('the same drive (nvme0n1); give only one of them',
                     'nvme0n1', 'disk/by-id/nvme-X')

    def test_partitions(self):
        self.partitions()
        self.check('nvme0n1p1', 'nvme0n1p2', 'nvme1n1')
        self.refused('nvme0n1', 'nvme0n1', 'nvme0n1p2')

    def test_two_paths(self):
        self.partitions()
        self.machine.file(NVME + '/wwid', 'eui.1')
        self.machine.file(OTHER + '/wwid', 'eui.2')
        self.check('nvme0n1', 'nvme1n1')
        self.machine.file(OTHER + '/wwid', 'eui.1')
        self.refused('eui.1', 'nvme0n1', 'nvme1n1')
        self.refused('eui.1', 'nvme0n1p1', 'nvme1n1')

    def test_devices_on_a_drive(self):
        self.partitions()
        for n in (0, 1):
            dm = f'/sys/devices/virtual/block/dm-{n}'
            self.machine.block(f'dm-{n}', f'253:{n}', dm)
            self.machine.link(dm + '/slaves/nvme0n1p1', NVME + '/nvme0n1p1')
        self.refused('nvme0n1', 'dm-0', 'nvme0n1')
        self.refused('nvme0n1', 'dm-0', 'nvme0n1p1')
        self.check('dm-0', 'nvme0n1p2')
        self.check('dm-0', 'dm-1')

    def test_loop_device(self):
        loop = '/sys/devices/virtual/block/loop{}'
        for n, offset in (0, '0'), (1, '0'), (2, '4096'):
            self.machine.block(f'loop{n}', f'7:{n}', loop.format(n))
            self.machine.files(loop.format(n) + '/loop', offset=offset,
                               backing_file='/dev/image')
        self.refused('/dev/image', 'loop0', 'image')
        self.refused('/dev/image', 'loop2', 'image')
        self.refused('/dev/image', 'loop0', 'loop1')
        self.refused('/dev/image', 'loop0', 'loop2')


class Files(unittest.TestCase):
    def test_links(self):
        with tempfile.TemporaryDirectory() as folder:
            a, b, link, hard, new, dots = (
                f'{folder}/{name}' for name in ('a', 'b', 'link', 'hard',
                                                'new', './new'))
            for name in (a, b):
                with open(name, 'wb') as f:
                    f.write(bytes(4096))
            os.symlink(a, link)
            os.link(a, hard)
            drive.check_drives([a, b], False, [], False, [])
            for pair in (a, link), (a, hard), (link, hard):
                with self.assertRaisesRegex(Problem, 'the same drive'):
                    drive.check_drives(pair, False, [], False, [])
            with self.assertRaisesRegex(Problem, 'the same drive'):
                drive.check_drives([new, dots], True, [], True, [])


if __name__ == '__main__':
    unittest.main()
