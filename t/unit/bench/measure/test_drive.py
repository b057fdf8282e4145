# SPDX-License-Identifier: GPL-2.0-only
"""What may be written to: scripted drives, with a scripted blkid."""

import os
import tempfile
import unittest
from unittest import mock

from bench.measure import drive
from vm.problem import Problem
from machine import NVME, SUBSYSTEM, Machine

NOTHING = (2, '', '')


class Contents(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(self)
        self.machine.nvme()
        self.blkid = NOTHING
        for target, value in (
                ('subprocess.run', self.run_blkid),
                ('bench.measure.drive.in_exclusive_use', lambda name: None),
                ('shutil.which', lambda *_, **__: '/sbin/blkid')):
            patch = mock.patch(target, value)
            patch.start()
            self.addCleanup(patch.stop)

    def run_blkid(self, command, **_):
        self.assertIn('-p', command)
        status, out, err = self.blkid
        return mock.Mock(returncode=status, stdout=out, stderr=err)

    def found(self, name='/dev/nvme0n1'):
        return drive.why_not_empty(name, self.machine.root)

    def test_empty(self):
        self.assertIsNone(self.found())

    def test_unknown_device(self):
        self.machine.numbers['/dev/odd'] = '8:99'
        self.assertIn('not known to sysfs', self.found('/dev/odd'))

    def test_partitions(self):
        self.machine.partition('nvme0n1p1', '259:1', NVME)
        self.assertEqual(self.found(), 'it has 1 partition')
        self.machine.partition('nvme0n1p2', '259:2', NVME)
        self.assertEqual(self.found(), 'it has 2 partitions')
        self.assertIsNone(self.found('/dev/nvme0n1p1'))

    def test_holders(self):
        self.machine.partition('nvme0n1p1', '259:1', NVME)
        self.machine.file(NVME + '/nvme0n1p1/holders/dm-0')
        self.assertEqual(self.found(), 'nvme0n1p1 is held by dm-0')
        self.assertEqual(self.found('/dev/nvme0n1p1'),
                         'nvme0n1p1 is held by dm-0')

    def test_mounts(self):
        line = '36 1 {} / /data rw shared:1 - {} {} rw'
        for number, system, source in (
                ('259:0', 'ext4', '/dev/root'),
                ('0:33', 'btrfs', '/dev/nvme0n1')):
            self.machine.file('/proc/self/mountinfo',
                              line.format(number, system, source))
            self.assertEqual(self.found(), 'nvme0n1 is mounted on /data')
        self.machine.file('/proc/self/mountinfo',
                          line.format('8:1', 'ext4', '/dev/sda1'))
        self.assertIsNone(self.found())
        self.machine.partition('nvme0n1p1', '259:1', NVME)
        self.machine.file('/proc/self/mountinfo',
                          line.format('259:1', 'ext4', '/dev/nvme0n1p1'))
        self.assertEqual(self.found(), 'nvme0n1p1 is mounted on /data')

    def test_swap(self):
        self.machine.file('/proc/swaps', 'Filename Type Size Used Priority\n'
                          '/dev/nvme0n1 partition 8 0 -2')
        self.assertEqual(self.found(), 'nvme0n1 is swap')

    def test_in_use(self):
        with mock.patch.object(drive, 'in_exclusive_use',
                               lambda name: 'it is in use'):
            self.assertEqual(self.found(), 'it is in use')

    def test_signatures(self):
        for answer, words in (
                ((0, 'DEVNAME=x\nTYPE=ext4\nUSAGE=filesystem\n', ''),
                 'it has a signature of ext4'),
                ((0, 'TYPE=LVM2_member\n', ''), 'of LVM2_member'),
                ((0, 'PTUUID=1\nPTTYPE=gpt\n', ''),
                 'it has a partition table (gpt)'),
                ((8, '', ''), 'it has several signatures'),
                ((1, '', "blkid: invalid option -- 'p'\nUsage\n"),
                 "is unknown (blkid -p: blkid: invalid option -- 'p')"),
                ((2, '', 'error: x: Permission denied\n'),
                 'is unknown (blkid -p: error: x: Permission denied)'),
                ((0, '', ''), 'is unknown (blkid -p: exit status 0)')):
            self.blkid = answer
            self.assertIn(words, self.found(), answer)

    def test_no_blkid(self):
        with mock.patch('shutil.which', lambda *_, **__: None):
            self.assertIn('is unknown (blkid is not found)', self.found())

    def test_multipath_head(self):
        self.machine.multipath()
        self.assertIsNone(self.found('/dev/nvme1n1'))
        self.machine.file(SUBSYSTEM + '/nvme1n1/holders/dm-3')
        self.assertEqual(self.found('/dev/nvme1n1'),
                         'nvme1n1 is held by dm-3')


class Check(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data, self.empty, self.new = (
            f'{folder.name}/{name}' for name in ('data', 'empty', 'new'))
        for name, size in ((self.data, 8192), (self.empty, 0)):
            with open(name, 'wb') as f:
                f.write(bytes(size))

    def check(self, *names, writes=False, destroy=(), size=False, own=()):
        drive.check_drives(names, writes, destroy, size, own)

    def refused(self, words, *names, **options):
        with self.assertRaisesRegex(Problem, words) as caught:
            self.check(*names, **options)
        self.assertIn(';', str(caught.exception))

    def test_files(self):
        self.check(self.data)
        self.check(self.empty, self.new, writes=True, size=True)
        self.check(self.data, writes=True, destroy=[self.data])
        self.check(self.data, writes=True, own=[self.data])
        self.refused('a file with data, and the plan writes', self.data,
                     writes=True)
        self.refused('without data, and the plan gives no size', self.empty)
        self.refused('without data, and the plan gives no size', self.new,
                     writes=True)
        self.refused('no such drive or file', self.new)

    def test_by_name_exactly(self):
        self.refused('has no such drive; use one of', self.data, writes=True,
                     destroy=[os.path.dirname(self.data) + '/./data'])
        self.refused('a file with data', self.empty, self.data, writes=True,
                     size=True, destroy=[self.empty])

    def test_links_are_followed(self):
        link = self.new + '-link'
        os.symlink(self.data, link)
        self.refused('a file with data', link, writes=True)
        self.check(link, writes=True, destroy=[link])

    def test_devices(self):
        self.refused('neither a drive nor a file', '/dev/null')
        self.refused('no such drive or file', '/dev/nvme99n9', writes=True,
                     size=True)
        self.refused('neither a drive nor a file', '/tmp')

    def test_nothing_is_made(self):
        self.check(self.new, writes=True, size=True)
        self.assertFalse(os.path.exists(self.new))

    def test_a_drive_with_something_on_it(self):
        with mock.patch.object(drive.hardware, 'device_number',
                               lambda _: '1:2'), \
                mock.patch.object(drive, 'why_not_empty',
                                  lambda *_: 'it is full'):
            self.check(self.data)
            self.check(self.data, writes=True, destroy=[self.data])
            self.refused(f'it is full, and the plan writes; use another '
                         f'drive, or give --destroy {self.data}', self.data,
                         writes=True, own=[self.data])

    def test_lost(self):
        self.assertIsNone(drive.why_unusable(self.data))
        self.assertEqual(drive.why_unusable(self.new),
                         'No such file or directory')


if __name__ == '__main__':
    unittest.main()
