# SPDX-License-Identifier: GPL-2.0-only
"""The table of paths: what each refuses, and that what is read through the
page cache is read once.
"""

import os
import tempfile
import unittest
from unittest import mock

from bench.plan import paths, plan, point
from vm.problem import Problem

CACHED = ('buffered', 'mmap', 'sendfile', 'splice')


def points_of(text):
    return point.points_of(plan.parse_plan('test.ini', text,
                                           {'PURGE': 'none'}))


def job_of(lines):
    """The options of a job, of which fio takes the last."""
    return dict(line.partition('=')[::2] for line in lines)


class Table(unittest.TestCase):
    def test_every_row(self):
        for path in paths.TABLE:
            self.assertIn(path.copies, (0, 1), path.name)
            self.assertNotIn('\n', path.help)
            self.assertTrue(any(option.startswith('ioengine=') for option in
                                paths.path_options(path, {})), path.name)

    def test_only_the_engine_reports(self):
        self.assertEqual([path.name for path in paths.TABLE
                          if paths.is_engine(path)],
                         ['host', 'staged', 'pinned', 'direct'])

    def test_copies(self):
        self.assertEqual([path.name for path in paths.TABLE if path.copies],
                         ['buffered', 'mmap', 'splice', 'staged'])


class Cached(unittest.TestCase):
    def test_read_once(self):
        made, left_out = points_of('[points]\npath = buffered mmap sendfile '
                                   'splice\niodepth = 1\n')
        self.assertEqual((len(made), left_out), (4, []))
        for each in made:
            job = job_of(each['job'])
            self.assertEqual([job[key] for key in (
                'direct', 'invalidate', 'time_based', 'norandommap')],
                ['0', '1', '0', '0'])

    def test_others_go_on_for_their_time(self):
        made, _ = points_of('[points]\npath = psync io_uring fixed host '
                            'direct\niodepth = 1\n')
        self.assertEqual(len(made), 5)
        for each in made:
            job = job_of(each['job'])
            self.assertEqual([job[key] for key in (
                'direct', 'time_based', 'norandommap')], ['1', '1', '1'])

    def test_refused(self):
        for path in CACHED:
            for axes, why in ((' rw = write', 'only reads'),
                              (' rw = randrw', 'only reads'),
                              (' numjobs = 2', 'one job'),
                              (' iodepth = 4', 'one I/O at a time')):
                text = f'[points]\npath = io_uring {path}\n'
                if 'iodepth' not in axes:
                    text += 'iodepth = 1\n'
                made, left_out = points_of(text + axes.strip() + '\n')
                self.assertEqual([each['axes']['path'] for each in made],
                                 ['io_uring'])
                self.assertEqual(len(left_out), 1)
                self.assertIn(why, left_out[0])
                self.assertIn(path, left_out[0])

    def test_nothing_left(self):
        with self.assertRaises(Problem) as caught:
            points_of('[points]\npath = buffered\nrw = write\n')
        self.assertIn('no points left', str(caught.exception))

    def test_sendfile_reads_one_drive(self):
        axes = {'rw': 'read', 'numjobs': 1, 'iodepth': 1, 'drives': '/a:/b'}
        self.assertIn('one drive', paths.sendfile(axes))
        axes['drives'] = '/by-path/pci-0000\\:00\\:02.0'
        self.assertIsNone(paths.sendfile(axes))


class Program(unittest.TestCase):
    def test_fio(self):
        self.assertEqual(paths.program_of(paths.PATHS['psync'], '/fio'),
                         '/fio')

    def test_ours(self):
        path = paths.PATHS['sendfile']
        with tempfile.TemporaryDirectory() as top, \
                mock.patch.dict(os.environ, {paths.PROGRAMS: top}):
            with self.assertRaises(Problem) as caught:
                paths.program_of(path, '/fio')
            self.assertIn('run make', str(caught.exception))
            with self.assertRaises(Problem):
                paths.check_programs([{'axes': {'path': 'psync'}},
                                      {'axes': {'path': 'sendfile'}}])
            file = os.path.join(top, path.program)
            with open(file, 'w') as f:
                os.fchmod(f.fileno(), 0o755)
            self.assertEqual(paths.program_of(path, '/fio'), file)
            with mock.patch.dict(os.environ, {paths.PROGRAMS: '/nowhere',
                                              'PATH': top}):
                self.assertEqual(paths.program_of(path, '/fio'), file)


class Shipped(unittest.TestCase):
    def load(self, name):
        wanted = plan.load_plan(name, {'DRIVE': '/dev/nvme9n1',
                                       'PURGE': 'none'})
        return wanted, *point.points_of(wanted)

    def test_ladder(self):
        wanted, made, left_out = self.load('ladder')
        self.assertEqual(left_out, [])
        self.assertEqual({each['axes']['path'] for each in made},
                         set(paths.PATHS))
        self.assertEqual({each['axes']['rw'] for each in made}, {'randread'})
        self.assertFalse(wanted.precondition.steps)

    def test_pts(self):
        wanted, made, left_out = self.load('pts')
        self.assertEqual(left_out, [])
        # the order of the specification: mixes, and block sizes in each
        self.assertEqual(
            [(each['axes']['rwmixread'], each['axes']['bs'])
             for each in made],
            [(mix, size) for mix in (100, 95, 65, 50, 35, 5, 0)
             for size in (1048576, 131072, 65536, 32768, 16384, 8192, 4096,
                          512)])
        self.assertEqual(wanted.order, 'plan')
        self.assertEqual(wanted.runtime, 60)
        self.assertEqual(wanted.precondition.steps, [('fill', 2)])
        self.assertEqual(wanted.precondition.bs, 131072)
        steady = wanted.steady
        self.assertEqual((steady.window, steady.range, steady.slope,
                          steady.most), (5, 20, 10, 25))
        self.assertEqual(steady.points, [{'rwmixread': 0, 'bs': 4096}])

    def test_pts_wants_to_know_of_the_purge(self):
        with self.assertRaises(Problem) as caught:
            plan.load_plan('pts', {'DRIVE': '/dev/nvme9n1'})
        self.assertIn('PURGE', str(caught.exception))


if __name__ == '__main__':
    unittest.main()
