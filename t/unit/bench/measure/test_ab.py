# SPDX-License-Identifier: GPL-2.0-only
"""run --ab without fio: the order of the sides, the two directories, what is
set when, and what is restored however it ends.
"""

import argparse
import contextlib
import io
import json
import os
import tempfile
import unittest
from unittest import mock

from bench.measure import ab, session, setting
from bench.measure.runner import Failed, Outcome, Runner
from bench.plan import plan
from bench.results import directory
from vm.problem import Interrupted, Problem

from machine import Machine

TEXT = ('[plan]\nrounds = 4\nseed = 3\n[points]\npath = host\n'
        'iodepth = 1 2 3\n')
SWAPPINESS = '/proc/sys/vm/swappiness'
PAIRS = [('sysctl:vm.swappiness=1', 'sysctl:vm.swappiness=2'),
         ('none', 'fio:nice=5')]
ENVIRONMENT = {'kernel': {'release': '6', 'version': '#1'}, 'drives': []}


class Order(unittest.TestCase):
    def test_drawn_for_each_point_and_round(self):
        firsts = [ab.side_order(seed, number, name)[0] for seed in range(5)
                  for number in range(1, 41) for name in 'abcd']
        self.assertTrue(330 < firsts.count(0) < 470, firsts.count(0))
        by_seed, by_round, by_name = (
            {ab.side_order(*each) for each in cases} for cases in (
                [(n, 1, 'a') for n in range(20)],
                [(1, n, 'a') for n in range(1, 41, 2)],
                [(1, 1, str(n)) for n in range(20)]))
        for found in by_seed, by_round, by_name:
            self.assertEqual(len(found), 2)


class Scripted(Runner):
    """One side: notes what it measures and the value at that time."""

    boot, trace, filename = 'boot', [], 'data'

    def __init__(self, name, calls, script, read):
        super().__init__('out', [], [])
        self.name, self.calls, self.script = name, calls, script
        self.read = read

    def environment(self, path, host_name):
        return ENVIRONMENT | {'load': self.read()}

    def measure(self, point, stem, tick):
        self.calls.append((self.name, stem, self.read(), point['job'][-1]))
        self.script(self.name, stem)
        return [Outcome('{}\n', {'iops': 5.0}, None)]

    def lost(self):
        return None


class Measured(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.output = folder.name + '/ab'
        self.machine = Machine(self)
        self.machine.file(SWAPPINESS, '60')
        self.calls, self.boot = [], 'boot'
        self.script = lambda name, stem: None

    def swappiness(self):
        return setting.read(SWAPPINESS, self.machine.root)

    def run_ab(self, pairs=PAIRS, text=TEXT):
        made = plan.parse_plan('x.ini', text, {})
        options = argparse.Namespace(ab=pairs, client=None, fio=None,
                                     plugin=None, output=self.output)
        sides, _ = ab.make_sides(options, made, 'data')
        runners = [Scripted(side.name, self.calls,
                            lambda *given: self.script(*given),
                            self.swappiness) for side in sides]
        runners[0].boot = self.boot
        runner = ab.AbRunner(self.output, sides, runners, [],
                             ab.find_id(self.output), self.machine.root)
        self.locks = [each.locks for each in runners]
        with contextlib.redirect_stderr(io.StringIO()) as self.said:
            try:
                return session.run_plan(runner, made, sides[0].points)
            except Problem as problem:
                return str(problem)

    def lines(self, side, name=directory.INDEX):
        return directory.read_lines(f'{self.output}/{side}/{name}')

    def test_back_to_back_with_its_settings(self):
        self.assertEqual(self.run_ab(), 0)
        self.assertEqual(len(self.calls), 24)
        for first, second in zip(self.calls[::2], self.calls[1::2]):
            self.assertEqual(first[1], second[1])
            self.assertEqual({first[0], second[0]}, {'A', 'B'})
        self.assertEqual({(name, value, last) for name, _, value, last in
                          self.calls},
                         {('A', '1', 'ramp_time=0'), ('B', '2', 'nice=5')})
        seconds = {(name, stem): n for n, (name, stem, _, _)
                   in enumerate(self.calls)}
        for stem in {call[1] for call in self.calls}:
            self.assertEqual(
                seconds['A', stem] < seconds['B', stem],
                ab.side_order(3, int(stem[-2:]), stem[:-4]) == (0, 1))
        self.assertEqual(self.swappiness(), '60')

    def test_two_directories(self):
        seconds = iter(range(1000))
        with mock.patch.object(ab.time, 'time', lambda: next(seconds)):
            self.run_ab()
        one, two = (directory.read(f'{self.output}/{side}') for side in 'AB')
        self.assertEqual(one.header['ab'] | {'id': ''}, {
            'id': '', 'side': 'A', 'settings': ['sysctl:vm.swappiness=1'],
            'restored': {SWAPPINESS: '60'}})
        self.assertEqual(two.header['ab']['settings'],
                         ['sysctl:vm.swappiness=2', 'fio:nice=5'])
        self.assertEqual(len(one.header['ab']['id']), 16)
        self.assertEqual(directory.ab_sides(self.output),
                         [one.path, two.path])
        self.assertEqual([each['name'] for each in one.points],
                         [each['name'] for each in two.points])
        self.assertEqual([each.environment['load'] for each in (one, two)],
                         ['1', '2'])
        starts = sorted((line['start'], line['point'], line['round'])
                        for each in (one, two) for line in each.index)
        self.assertEqual([start[1:] for start in starts[::2]],
                         [start[1:] for start in starts[1::2]])
        self.assertEqual(len({start[0] for start in starts}), 24)
        self.assertFalse(os.path.exists(f'{self.output}/{ab.CHANGED}'))

    def test_continued(self):
        self.run_ab()
        identity = directory.read_header(self.output + '/A')['ab']['id']
        del self.calls[:]
        self.assertEqual(self.run_ab(), 0)
        self.assertEqual(self.calls, [])
        # one of a pair is gone: both are measured
        stem = 'host-randread-4k-q2-j1/r03'
        os.unlink(f'{self.output}/B/{stem}.json')
        self.assertEqual(self.run_ab(), 0)
        self.assertEqual([call[:2] for call in self.calls], [
            ('AB'[side], stem) for side in ab.side_order(3, 3, stem[:-4])])
        self.assertEqual(len(self.lines('A')), 13)
        self.assertEqual(directory.read_header(self.output + '/B')['ab'][
            'id'], identity)

    def test_continued_with_others(self):
        self.run_ab()
        self.assertRegex(self.run_ab([('sysctl:vm.swappiness=1',
                                       'sysctl:vm.swappiness=3')]),
                         'B: --ab differs: B: sysctl:vm.swappiness=2 '
                         'fio:nice=5 there, B: sysctl:vm.swappiness=3 now')
        self.assertEqual(self.swappiness(), '60')

    def test_one_side_fails(self):
        def script(name, stem):
            if name == 'B' and 'q2' in stem:
                raise Failed('dmabuf: no; do')
        self.script = script
        self.assertIn('1 of 3 points could not be measured', self.run_ab())
        self.assertIn('B/host-randread-4k-q2-j1: dmabuf: no; do',
                      self.said.getvalue())
        self.assertEqual([len(self.lines(side)) for side in 'AB'], [9, 8])
        self.assertEqual([len(self.lines(side, directory.FAILURES))
                          for side in 'AB'], [0, 1])
        # measured again, and the figures that were there outlive a failure
        stem = 'host-randread-4k-q2-j1/r01'
        os.unlink(f'{self.output}/B/failures.jsonl')
        self.script = lambda name, stem: (_ for _ in ()).throw(Failed('a; b'))
        self.assertIn('1 of 3 points could not', self.run_ab())
        line, = [line for line in self.lines('A')
                 if line['file'] == stem + '.json']
        self.assertIsNone(directory.damage(self.output + '/A', line))
        self.script = lambda name, stem: None
        self.assertEqual(self.run_ab(), 0)
        for side in 'AB':
            self.assertEqual(len(directory.read(
                f'{self.output}/{side}').index), 12)

    def test_steady_on_both_sides(self):
        def measure(runner, point, stem, tick):
            early = runner.name == 'B' and stem.endswith('r01')
            return [Outcome('{}\n', {'iops': 90.0 if early else 5.0}, None)]
        with mock.patch.object(Scripted, 'measure', measure):
            self.assertEqual(self.run_ab(
                text=TEXT.replace('iodepth = 1 2 3', 'iodepth = 1') +
                '[steady]\nwindow = 2\nmost = 9\n'), 0)
        for side in 'AB':
            self.assertEqual(directory.read_header(
                f'{self.output}/{side}')['steady']['reached'], 3)
            self.assertIn(f'round 3: steady; {side}/host-randread-4k-q1-j1: '
                          'range', self.said.getvalue())

    def test_restored_however_it_ends(self):
        for error in Problem('x'), Interrupted(2), OSError(28, 'x'):
            def script(name, stem, error=error):
                self.assertEqual(self.machine_file(), '60')
                raise error
            self.script = script
            with contextlib.suppress(Interrupted):
                self.run_ab()
            self.assertEqual(self.swappiness(), '60')
        self.assertEqual(len(self.calls), 3)

    def machine_file(self):
        """What restore.json has while values are changed."""
        with open(f'{self.output}/{ab.CHANGED}') as f:
            return json.load(f)['values'][SWAPPINESS]

    def test_nothing_is_made_if_a_value_does_not_take(self):
        real = setting.write

        def write(file, value, root):
            if value != '2':
                real(file, value, root)
        with mock.patch.object(setting, 'write', write):
            self.assertRegex(self.run_ab(), 'swappiness=2: .* reads 1; give')
        self.assertEqual(self.calls, [])
        self.assertFalse(os.path.exists(self.output))
        self.assertEqual(self.swappiness(), '60')

    def test_fio_inherits_the_locks_of_both(self):
        self.run_ab()
        self.assertEqual([len(locks) for locks in self.locks], [2, 2])

    def test_a_drive_that_is_gone_ends_the_run(self):
        """Its settings cannot be set any more; that is not the cause."""
        def script(name, stem):
            os.unlink(self.machine.root + SWAPPINESS)
        self.script = script
        with mock.patch.object(Scripted, 'lost', lambda _: 'd: gone; look'):
            status = self.run_ab()
        self.assertEqual(status, 'd: gone; look, and run the same command '
                         'again')
        self.assertIn('not restored to 60: No such file',
                      self.said.getvalue())

    def test_changed_while_fio_runs(self):
        self.script = lambda name, stem: self.machine.file(SWAPPINESS, '7')
        self.assertRegex(self.run_ab(), 'reads 7; stop what changed it while')
        self.assertEqual(len(self.calls), 1)
        self.assertEqual(self.lines('A') + self.lines('B'), [])

    def test_killed_before(self):
        """The values before the killed run are restored, unless the machine
        has booted since.
        """
        for boot, value in ('boot', '60'), ('another', '1'):
            with mock.patch.object(ab.AbRunner, 'restore', lambda _: []):
                self.run_ab()
            self.assertEqual(self.machine_file(), '60')
            self.machine.file(SWAPPINESS, '1')
            self.boot = boot
            self.run_ab()
            self.assertEqual(self.swappiness(), value)
            self.assertEqual('had restored all' in self.said.getvalue(),
                             boot == 'boot')
            self.machine.file(SWAPPINESS, '60')

    def test_not_restored(self):
        """It is an error, and the next run tries it again."""
        line = f'{SWAPPINESS}: not restored to 60: why; write it yourself'
        with mock.patch.object(setting, 'restore', lambda *_: [line]):
            self.assertEqual(self.run_ab(), line)
        self.assertIn(self.swappiness(), '12')
        self.assertEqual(self.run_ab(), 0)
        self.assertEqual(self.swappiness(), '60')
        self.assertFalse(os.path.exists(f'{self.output}/{ab.CHANGED}'))


class Sides(unittest.TestCase):
    def sides(self, pairs, text=TEXT, **given):
        options = {'ab': pairs, 'client': None, 'fio': None,
                   'plugin': '/p.so', 'output': 'out'} | given
        return ab.make_sides(argparse.Namespace(**options),
                             plan.parse_plan('x.ini', text, {}), 'data')

    def test_options(self):
        with tempfile.NamedTemporaryFile() as plugin:
            (one, two), _ = self.sides([('fio=/x/fio', 'none'), (
                'none', 'plugin=' + plugin.name)])
            self.assertEqual((one.options.fio, one.options.plugin),
                             ('/x/fio', '/p.so'))
            self.assertEqual((two.options.fio, two.options.plugin),
                             (None, plugin.name))
        self.assertEqual((one.options.output, two.options.output),
                         ('out/A', 'out/B'))

    def test_paths(self):
        (one, two), _ = self.sides([('path=fixed', 'path=host')])
        self.assertEqual([each['name'] for each in one.points],
                         [each['name'] for each in two.points])
        self.assertIn('fixedbufs=1', one.points[0]['job'])

    def test_not_with_client(self):
        with self.assertRaisesRegex(Problem, 'leave out --client'):
            self.sides([('none', 'none')], client='lab')

    def test_other_directories(self):
        with tempfile.TemporaryDirectory() as path:
            def create(folder, identity):
                directory.make(f'{path}/{folder}')
                directory.create(f'{path}/{folder}', {
                    'rounds': 1, 'runtime': 1, 'created': 1,
                    'ab': identity and {'id': identity}}, '', [], {})
            create('A', '1')
            self.assertEqual(ab.find_id(path), '1')
            create('B', '2')
            with self.assertRaisesRegex(Problem, 'not the two sides of one'):
                ab.find_id(path)


if __name__ == '__main__':
    unittest.main()
