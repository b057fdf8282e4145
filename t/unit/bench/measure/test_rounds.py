# SPDX-License-Identifier: GPL-2.0-only
"""The order of rounds, when they end, and what the engine's report has to
say. fio is not run: the whole of it is tested by t/host/071-bench-run.sh.
"""

import contextlib
import io
import json
import os
import tempfile
import unittest
from unittest import mock

from bench.measure import local, measurement, rounds
from bench.measure.record import Record
from bench.measure.runner import Failed, Outcome
from bench.plan import paths, plan, point
from bench.results import directory, steady
from vm.problem import Problem

TEXT = '[plan]\nrounds = 3\n[points]\npath = host\niodepth = 1 2 3 4 5 6 7 8\n'
AXES = {'path': 'direct', 'source': 'heap:system', 'place': 'tail:1g',
        'numjobs': 1}
REPORT = {'path': 'direct', 'source': 'heap:system', 'place': 'tail',
          'interface_family': 'B', 'warmup_reads': 1}


class Order(unittest.TestCase):
    points = list('abcdefgh')

    def test_each_round_has_another(self):
        orders = [rounds.round_order(1, 'random', number, self.points)
                  for number in range(1, 6)]
        for each in orders:
            self.assertEqual(sorted(each), self.points)
            self.assertEqual(orders.count(each), 1)

    def test_the_seed_decides(self):
        self.assertEqual(rounds.round_order(1, 'random', 2, self.points),
                         rounds.round_order(1, 'random', 2, self.points))
        self.assertNotEqual(rounds.round_order(1, 'random', 2, self.points),
                            rounds.round_order(2, 'random', 2, self.points))

    def test_of_the_plan(self):
        self.assertEqual(rounds.round_order(1, 'plan', 2, self.points),
                         self.points)

    def test_places_are_even(self):
        """Over many rounds each point is first about as often as another."""
        first = [rounds.round_order(9, 'random', number, self.points)[0]
                 for number in range(800)]
        for each in self.points:
            self.assertTrue(70 < first.count(each) < 130, each)


class Scripted(local.LocalRunner):
    """Its measurements only return figures, or fail."""

    left_out = {}

    def __init__(self, path, drives, calls, fails):
        self.output, self.drives = path, drives
        self.calls, self.fails = calls, fails
        self.records = [Record(path, {
            'seed': 3, 'order': 'random', 'steady': {'reached': None}},
            'boot')]

    def measure(self, point, stem, tick):
        name, _, number = stem.rpartition('/r')
        self.calls.append((name, int(number)))
        if name in self.fails:
            raise Failed('dmabuf: no; do')
        return [Outcome('x', {'iops': 5.0}, None, self.left_out)]


class Rounds(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = folder.name
        self.calls, self.fails = [], set()

    def run_plan(self, text=TEXT, drives=()):
        made = plan.parse_plan('x.ini', text, {})
        points, _ = point.points_of(made)
        runner = Scripted(self.path, drives, self.calls, self.fails)
        with contextlib.redirect_stderr(io.StringIO()) as said:
            try:
                return rounds.measure_rounds(runner, made, points), said
            except Problem as error:
                return str(error), said

    def test_once_each(self):
        self.assertEqual(self.run_plan()[0], 0)
        self.assertEqual(len(self.calls), 24)
        self.assertEqual(len(set(self.calls)), 24)
        self.assertEqual([number for _, number in self.calls],
                         [1] * 8 + [2] * 8 + [3] * 8)
        self.run_plan()
        self.assertEqual(len(self.calls), 24)

    def test_a_damaged_file_is_measured_again(self):
        self.run_plan()
        name, number = self.calls[5]
        os.unlink(os.path.join(self.path, f'{name}/r{number:02}.json'))
        del self.calls[:]
        self.run_plan()
        self.assertEqual(self.calls, [(name, number)])
        lines = directory.read_lines(os.path.join(self.path,
                                                  directory.INDEX))
        self.assertEqual([line['seq'] for line in lines],
                         list(range(1, 26)))

    def test_failures_are_tried_once_a_run(self):
        self.fails = {'host-randread-4k-q2-j1', 'host-randread-4k-q5-j1'}
        status, said = self.run_plan()
        self.assertIn('2 of 8 points could not be measured, see above',
                      status)
        self.assertEqual(said.getvalue().count('dmabuf: no; do'), 2)
        self.assertEqual(len(self.calls), 3 * 6 + 2)
        with open(os.path.join(self.path, directory.FAILURES)) as f:
            lines = [json.loads(line) for line in f]
        self.assertEqual({line['point'] for line in lines}, self.fails)
        self.assertEqual(lines[0]['reason'], 'dmabuf: no; do')
        self.fails = set()
        del self.calls[:]
        self.assertEqual(self.run_plan()[0], 0)
        self.assertEqual(len(self.calls), 6)

    def test_a_drive_that_is_gone_ends_the_run(self):
        self.fails = {'host-randread-4k-q2-j1'}
        status, _ = self.run_plan(drives=['/nowhere/nvme0n1'])
        self.assertIn('/nowhere/nvme0n1: No such file or directory '
                      '(dmabuf: no; do); reconnect it, and run the same '
                      'command again', status)
        self.assertFalse(os.path.exists(os.path.join(
            self.path, directory.FAILURES)))
        self.assertLess(len(self.calls), 9)

    def test_what_is_left_out_is_said_once(self):
        with mock.patch.object(Scripted, 'left_out', {'lat_p99': 'too few'}):
            _, said = self.run_plan()
        self.assertEqual(said.getvalue().count(
            ': p99 latency is left out: too few; the report lists'), 1)
        lines = directory.read_lines(os.path.join(self.path,
                                                  directory.INDEX))
        self.assertEqual([line['left_out'] for line in lines],
                         [{'lat_p99': 'too few'}] * 24)

    def test_steady(self):
        asked = []

        def judge(wanted, values):
            asked.append((list(values), wanted['window'], wanted['range']))
            return steady.Figures(5, 0, 0, 1, (5, 5), len(values) >= 4) \
                if len(values) >= wanted['window'] else None
        text = TEXT + ('[steady]\nwindow = 2\nmost = 9\nrange = 30\n'
                       'points = iodepth=3\n')
        with mock.patch('bench.measure.rounds.steady.figures_of_plan', judge):
            self.assertEqual(self.run_plan(text)[0], 0)
        self.assertEqual(max(number for _, number in self.calls), 4)
        self.assertEqual(asked, [([5.0] * n, 2, 30) for n in range(5)])
        header = directory.read_json(self.path, directory.HEADER)
        self.assertEqual(header['steady'], {'reached': 4})

    def test_never_steady(self):
        """More rounds are of no use when a point that decides has failed."""
        text = TEXT + '[steady]\nwindow = 2\npoints = iodepth=3\n'
        for failed, rounds_run in ('q4', 25), ('q3', 1):
            del self.calls[:]
            self.fails = {f'host-randread-4k-{failed}-j1'}
            with mock.patch('bench.measure.rounds.steady.figures_of_plan',
                            lambda *_: None):
                _, said = self.run_plan(text)
            self.assertEqual(max(number for _, number in self.calls),
                             rounds_run)
            self.assertEqual('q3-j1: failed, so that the plan cannot become '
                             'steady; stopped after round 1'
                             in said.getvalue(), failed == 'q3')
            os.unlink(os.path.join(self.path, directory.INDEX))


class Jobs(unittest.TestCase):
    def figures(self, worked):
        """Of four jobs that should have worked for 2 s each."""
        return measurement.figures_of({'jobs': [{
            'job_runtime': worked, 'read': {'total_ios': 9, 'iops': 3,
                                            'bw_bytes': 5},
            'job options': {'time_based': '1', 'runtime': '2',
                            'numjobs': '4'}}]}, 2)

    def test_all_of_them(self):
        for worked in (8004, 7900):
            self.assertEqual(self.figures(worked)['iops'], 3)

    def test_one_fewer_or_for_a_shorter_time(self):
        for worked, seconds in ((6002, '6.0'), (7700, '7.7'), (0, '0.0')):
            with self.assertRaisesRegex(
                    Failed, f'fio: its jobs worked for {seconds} s of 8 s, '
                    'so that one was killed or ended early; see'):
                self.figures(worked)


class Reports(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = folder.name + '/r01'
        self.more = []

    def check(self, *reports, jobs=1):
        for n, each in enumerate(reports, 1):
            name = f'{self.base}.{n}.report' if jobs > 1 else \
                self.base + '.report'
            with open(name, 'w') as f:
                f.write(each if isinstance(each, str) else json.dumps(each))
        return local.check_reports(self.base, paths.PATHS['direct'], {
            'axes': AXES | {'numjobs': jobs},
            'job': ['dmabuf_path=direct'] + self.more})

    def test_as_asked(self):
        wanted = {'path': 'direct', 'family': 'B', 'source': 'heap:system',
                  'compared': True}
        self.assertEqual(self.check(REPORT), wanted)
        os.unlink(self.base + '.report')
        self.assertEqual(self.check(*[REPORT] * 11, jobs=11), wanted)

    def test_whether_data_was_compared(self):
        cold = REPORT | {'warmup_reads': 0}
        self.assertIs(self.check(cold)['compared'], False)
        self.more = ['verify=crc32c']
        self.assertIs(self.check(cold)['compared'], True)
        self.more = []
        os.unlink(self.base + '.report')
        self.assertIs(self.check(cold, REPORT, jobs=2)['compared'], False)

    def test_otherwise(self):
        for key, value in (('path', 'staged'), ('source', 'udmabuf'),
                           ('place', 'packed')):
            with self.assertRaisesRegex(
                    Failed, f'{key} {value} was measured instead of .*; the '
                    'figures are discarded'):
                self.check(REPORT | {key: value})

    def test_missing_or_damaged(self):
        for text in ('', '{"path": "dir', '[]', '{}'):
            with self.assertRaisesRegex(Failed, 'cut off or not a rep'):
                self.check(text)
        with self.assertRaisesRegex(Failed, '1 report of 2 jobs'):
            self.check(jobs=2)

    def test_one_of_several_jobs(self):
        with self.assertRaisesRegex(Failed, 'path host was measured'):
            self.check(REPORT, REPORT | {'path': 'host'}, jobs=2)


if __name__ == '__main__':
    unittest.main()
