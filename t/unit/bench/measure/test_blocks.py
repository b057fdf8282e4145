# SPDX-License-Identifier: GPL-2.0-only
"""Points whose blocks are smaller than the drive's are left out, with a line
for each size.
"""

import os
import tempfile
import unittest

from bench.measure import blocks
from vm.problem import Problem


class Blocks(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.root = made.name
        self.file = os.path.join(self.root, 'data')
        with open(self.file, 'w'):
            pass

    def sysfs(self, size, partition=False):
        """A root whose drive, with the file's file system, has such blocks."""
        number = os.stat(self.file).st_dev
        disk = os.path.join(self.root, 'sys/devices/disk')
        os.makedirs(disk + '/queue')
        block = disk
        if partition:
            block = disk + '/part'
            os.makedirs(block)
            self.put(block + '/partition', 1)
        self.put(disk + '/queue/logical_block_size', size)
        os.makedirs(self.root + '/sys/dev/block')
        os.symlink(block, f'{self.root}/sys/dev/block/'
                   f'{os.major(number)}:{os.minor(number)}')

    @staticmethod
    def put(file, value):
        with open(file, 'w') as f:
            f.write(f'{value}\n')

    def points(self, *sizes, direct=('direct=1',), drives=''):
        return [{'name': f'p{size}', 'job': list(direct),
                 'axes': {'bs': size, 'drives': drives}} for size in sizes]

    def leave_out(self, points):
        return blocks.leave_out(points, self.file, self.root)

    def test_fitting(self):
        self.sysfs(512)
        points = self.points(512, 4096)
        self.assertEqual(self.leave_out(points), (points, []))

    def test_too_small(self):
        for partition in (False, True):
            with self.subTest(partition):
                self.setUp()
                self.sysfs(4096, partition)
                points = self.points(512, 512, 1536, 4096, 131072)
                kept, lines = self.leave_out(points)
                self.assertEqual(kept, points[3:])
                self.assertEqual(len(lines), 2)
                self.assertIn('bs 512: ', lines[0])
                self.assertIn('blocks of 4k; 2 points left out', lines[0])

    def test_the_points_own_drives(self):
        self.sysfs(4096)
        points = self.points(512, 4096, drives=self.file)
        kept, lines = blocks.leave_out(points, None, self.root)
        self.assertEqual((kept, len(lines)), (points[1:], 1))

    def test_none_left(self):
        self.sysfs(4096)
        with self.assertRaises(Problem) as caught:
            self.leave_out(self.points(512))
        self.assertIn('give another bs', str(caught.exception))

    def test_through_the_page_cache_any_size(self):
        self.sysfs(4096)
        points = self.points(512, direct=('direct=1', 'direct=0'))
        self.assertEqual(self.leave_out(points), (points, []))

    def test_not_known(self):
        points = self.points(512)
        self.assertEqual(self.leave_out(points), (points, []))
        self.assertEqual(blocks.leave_out(points, None), (points, []))

    def test_a_file_that_is_not_there_yet(self):
        self.sysfs(4096)
        os.unlink(self.file)
        kept, lines = self.leave_out(self.points(512, 4096))
        self.assertEqual((len(kept), len(lines)), (1, 1))


if __name__ == '__main__':
    unittest.main()
