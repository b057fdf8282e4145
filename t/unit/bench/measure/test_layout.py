# SPDX-License-Identifier: GPL-2.0-only
"""Which files are laid out before the first measurement, and what is left of
them if that fails. A scripted runner writes them.
"""

import contextlib
import io
import os
import tempfile
import unittest

from bench.measure import layout
from bench.measure.measurement import patience
from bench.measure.runner import Failed
from bench.plan import plan, point
from vm.problem import Problem

MIB = 1 << 20


class Runner:
    is_here, records = True, ()

    def __init__(self, filename, fails=False, devices=()):
        self.filename, self.fails, self.devices = filename, fails, devices
        self.jobs = []

    def is_file(self, name):
        return name not in self.devices

    def size(self, name):
        return os.stat(name).st_size if os.path.exists(name) else None

    def prepare(self, records, name, options, tick):
        given = dict(option.partition('=')[::2] for option in options)
        self.jobs.append((name, given['filename'], given['size']))
        for file in point.drive_names(given['filename']):
            with open(file, 'ab') as f:
                f.truncate(layout.parse_size(given['size']))
        if self.fails:
            raise Failed('fio: no room; make some')


class Layout(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.a, self.b = folder.name + '/a', folder.name + '/b'

    def lay_out(self, text, **how):
        made = plan.parse_plan('x.ini', '[points]\npath = host\n' + text,
                               {'A': self.a, 'B': self.b})
        self.runner = Runner(self.a, **how)
        with contextlib.redirect_stderr(io.StringIO()):
            return layout.lay_out_files(self.runner, point.points_of(made)[0])

    def test_once_for_all_points(self):
        text = 'rw = randwrite randread randrw\nbs = 4k 8k\n' \
            '[fio]\nsize = 8m\n'
        self.assertTrue(self.lay_out(text))
        self.assertEqual(self.runner.jobs, [('layout-1', self.a, '8m')])
        self.assertFalse(self.lay_out(text))
        self.assertEqual(self.runner.jobs, [])

    def test_files_of_several_points(self):
        self.lay_out('drives = ${A} ${A}:${B}\n[fio]\nsize = 8m\n')
        self.assertEqual([job[1] for job in self.runner.jobs],
                         [self.a, f'{self.a}:{self.b}'])

    def test_nothing_to_lay_out(self):
        for text in ('', 'rw = write randwrite\n[fio]\nsize = 8m\n',
                     '[fio]\nsize = 50%\n'):
            self.assertFalse(self.lay_out(text), text)
        self.assertFalse(self.lay_out('[fio]\nsize = 8m\n',
                                      devices=[self.a]))
        self.assertTrue(self.lay_out(
            'rw = randwrite\n[fio]\nsize = 8m\noverwrite = 1\n'))

    def test_bytes_of_a_file(self):
        for values, files, size in (
                ({'size': '8m'}, 1, 8 * MIB), ({'size': '8m'}, 2, 4 * MIB),
                ({'size': '8m', 'offset': '1m'}, 1, 9 * MIB),
                ({'size': '8m', 'offset_increment': '8m', 'numjobs': '4'}, 1,
                 32 * MIB),
                ({'size': '4m', 'filesize': '8m'}, 1, 8 * MIB),
                ({'size': '8m', 'offset': '10%'}, 1, None)):
            self.assertEqual(layout.bytes_of_file(values, files), size)

    def test_a_failure_leaves_no_holes(self):
        """fio would take what is left for a file that is laid out."""
        with open(self.b, 'wb') as f:
            f.write(b'x' * 4096)
        with self.assertRaisesRegex(Problem, 'layout of .*, 4m each: fio: no '
                                    'room; make some'):
            self.lay_out('drives = ${A}:${B}\n[fio]\nsize = 8m\n', fails=True)
        self.assertFalse(os.path.exists(self.a))
        self.assertEqual(os.stat(self.b).st_size, 4096)


class Patience(unittest.TestCase):
    def seconds(self, given=None, **axes):
        made = plan.parse_plan('x.ini', '[points]\n', {})
        return patience(made._replace(patience=given), {
            'bs': 4096, 'iodepth': 1, 'numjobs': 1, 'place': None} | axes)

    def test_memory_and_processes_take_time(self):
        self.assertEqual(self.seconds(), 121)
        self.assertEqual(self.seconds(place='packed'), 121)
        self.assertEqual(self.seconds(place='tail:16g'), 121 + 1024)
        self.assertEqual(self.seconds(bs=MIB, iodepth=32, numjobs=8), 144)
        self.assertEqual(self.seconds(7, place='tail:16g'), 7)


if __name__ == '__main__':
    unittest.main()
