# SPDX-License-Identifier: GPL-2.0-only
"""Directories of results as samples, and what is wrong with some of them."""

import json
import os
import shutil
import tempfile
import unittest

import page_sample
import sample
from bench.compare import command as compare, comparability, side
from bench.page import command, report
from vm.problem import Problem


class Directories(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.top)
        self.plan = sample.points(2)
        self.first = self.plan[0]['name']

    def path(self, *names):
        return os.path.join(self.top, *names)

    def directory(self, name, **how):
        return sample.directory(self.path(name), plan=self.plan,
                                **{'rounds': 3} | how)

    def problem(self, regex, path, force=False):
        """The one line that loading ends with."""
        with self.assertRaises(Problem) as caught:
            side.load(path, force)
        self.assertRegex(str(caught.exception), regex)
        self.assertNotIn('\n', str(caught.exception))

    def replace(self, text, *names):
        with open(self.path(*names), 'w', encoding='utf-8') as file:
            file.write(text)

    def content(self, *names):
        with open(self.path(*names), encoding='utf-8') as file:
            return file.read()


class Samples(Directories):
    def test_rounds_of_one_directory(self):
        loaded = side.load(self.directory('a'))
        self.assertEqual((loaded.boots, loaded.rounds), (1, 3))
        samples = loaded.entries[self.first]
        self.assertEqual(sorted(key[2] for key, _, _ in samples), [1, 2, 3])
        line = json.loads(self.content('a', 'index.jsonl').split('\n')[0])
        self.assertIn(((0, 0, line['round']), line['start'],
                       line['metrics']), loaded.entries[line['point']])

    def test_directories_of_boots(self):
        sample.boots(self.path('a'), 3, plan=self.plan, rounds=3)
        loaded = side.load(self.path('a'))
        self.assertEqual((loaded.boots, loaded.rounds), (3, 9))
        self.assertEqual(len(loaded.directories), 3)

    def test_what_is_still_missing(self):
        path = self.directory('a')
        self.assertIsNone(side.load(path).unfinished)
        lines = self.content('a', 'index.jsonl').splitlines(True)
        self.replace(''.join(lines[:-2]), 'a', 'index.jsonl')
        self.assertRegex(side.load(path).unfinished,
                         '2 measurements still to be done; run')
        failed = {json.loads(line)['point'] for line in lines[-2:]}
        self.replace(''.join(json.dumps({
            'point': point, 'round': 3, 'reason': 'no'}) + '\n'
            for point in failed), 'a', 'failures.jsonl')
        self.assertIsNone(side.load(path).unfinished)

    def test_a_side_of_two_settings(self):
        path = self.directory('a')
        header = json.loads(self.content('a', 'directory.json'))
        header |= {'ab': {'id': 'x', 'settings': ['scheduler=none']},
                   'extended': [7]}
        self.replace(json.dumps(header), 'a', 'directory.json')
        loaded = side.load(path)
        self.assertEqual((loaded.ab, loaded.settings, loaded.extended),
                         ('x', ['scheduler=none'], 1))

    def test_kernels_that_got_more_boots(self):
        sample.boots(self.path('top', 'a'), 2, plan=self.plan, rounds=3)
        self.replace('{"boots": 9, "extended": [2, 6, 7]}', 'top',
                     'kernels.json')
        loaded = side.load(self.path('top', 'a'))
        self.assertEqual(loaded.extended, 2)
        self.assertIn('7 boots still to be done', loaded.unfinished)

    def test_directories_of_one_boot_are_one_boot(self):
        for name in ('1', '2'):
            self.directory(os.path.join('a', name), boot='same')
        loaded = side.load(self.path('a'))
        self.assertEqual((loaded.boots, loaded.rounds), (1, 6))

    def test_directories_of_no_known_boot(self):
        for name in ('1', '2'):
            self.directory(os.path.join('a', name), boot=None)
        self.assertRegex(side.load(self.path('a')).unfinished,
                         'boot of 1 is not known')

    def test_sides_that_share_measurements(self):
        sample.boots(self.path('a'), 2, plan=self.plan, rounds=3)
        shutil.copytree(self.path('a', 'boot02'), self.path('b', 'copy'))
        loaded = [side.load(self.path(name)) for name in 'ab']
        with self.assertRaisesRegex(Problem, 'a/boot02 and .*b/copy hold the '
                                    'same measurements'):
            side.refuse_shared(loaded)
        side.refuse_shared(loaded[:1])

    def test_large_sides_are_read_at_the_same_time(self):
        paths = [self.directory(name) for name in 'ab']
        self.addCleanup(setattr, compare, 'LARGE', compare.LARGE)
        small = compare.load(paths, False)
        compare.LARGE = 0
        self.assertEqual(compare.load(paths, False), small)
        self.replace('', 'b', 'index.jsonl')
        with self.assertRaisesRegex(Problem, 'no results yet'):
            compare.load(paths, False)

    def test_why_a_point_has_no_figures(self):
        self.directory('a')
        self.replace(json.dumps({'point': 'x', 'round': 1,
                                 'reason': 'dmabuf: no'}) + '\n',
                     'a', 'failures.jsonl')
        self.assertEqual(side.load(self.path('a')).failures,
                         {'x': ['dmabuf: no']})

    def test_rounds_of_the_steady_window(self):
        path = self.directory('a', rounds=9)
        header = json.loads(self.content('a', 'directory.json'))
        header['steady'] = {'window': 5, 'reached': 8}
        self.replace(json.dumps(header), 'a', 'directory.json')
        loaded = side.load(path)
        self.assertEqual(sorted(
            key[2] for key, _, _ in loaded.entries[self.first]),
            [4, 5, 6, 7, 8])
        self.assertRegex(loaded.notes[0], 'rounds 4 to 8')
        header['steady']['reached'] = None
        self.replace(json.dumps(header), 'a', 'directory.json')
        loaded = side.load(path)
        self.assertEqual(loaded.rounds, 5)
        self.assertRegex(loaded.notes[0],
                         'steady state not reached.* rounds 5 to 9')

    def test_the_rounds_of_the_report(self):
        """What a report and a comparison take of a directory is the same,
        steady or not, and with a measurement missing."""
        for reached in (9, 8):
            path = page_sample.steady(self.path(f'to-{reached}'), reached)
            page_sample.lines(path, lambda line: None if (
                line['round'], line['point']) == (
                    6, 'host-randread-4k-q32-j1') else line)
            compared = {name: sorted(metrics['iops'] for _, _, metrics in entries)
                        for name, entries in side.load(path).entries.items()}
            reported = {point['name']: sorted(point['values']['iops'])
                        for point in report.measured_points(
                            command.load(path))}
            self.assertEqual(compared, reported)
            self.assertEqual(sorted(map(len, reported.values())),
                             [4, 5, 5, 5])

    def test_names_are_as_short_as_can_be(self):
        for paths, names in (
                (['x/old', 'x/new'], ['old', 'new']),
                (['x/1/out/', 'x/2/out'], ['1/out', '2/out']),
                (['x/a', 'x/a'], ['x/a (1)', 'x/a (2)'])):
            sides = [side.Side(*[path] + [None] * 9) for path in paths]
            self.assertEqual(side.short_names(sides), names)


class Damage(Directories):
    def test_no_results(self):
        os.mkdir(self.path('empty'))
        self.problem('empty: not a directory of results', self.path('empty'))
        self.problem('nowhere: no such directory', self.path('nowhere'))
        self.replace('', 'file')
        self.problem('file: ', self.path('file'))
        self.directory('a')
        self.replace('', 'a', 'index.jsonl')
        self.problem('a: no results yet; measure', self.path('a'))
        os.unlink(self.path('a', 'index.jsonl'))
        self.problem('a: no results yet; measure', self.path('a'))

    def test_another_format(self):
        self.directory('a')
        self.replace('{"format": 99}', 'a', 'directory.json')
        self.problem('a: .*format 99', self.path('a'))

    def test_json_of_the_directory(self):
        for name in ('directory.json', 'environment.json', 'points.json'):
            for text in ('', '{"points"', '[]'):
                self.directory('a')
                self.replace(text, 'a', name)
                self.problem(f'a/{name}: .*; ', self.path('a'))
                shutil.rmtree(self.path('a'))

    def test_points_without_what_a_point_has(self):
        for text in ('{}', '{"points": [{}]}', '{"points": 3}',
                     '{"points": [{"name": 4, "axes": {}, "job": []}]}'):
            self.directory('a')
            self.replace(text, 'a', 'points.json')
            self.problem('a/points.json: damaged: point', self.path('a'))
            shutil.rmtree(self.path('a'))

    def test_last_line_cut_off(self):
        self.directory('a')
        text = self.content('a', 'index.jsonl')
        self.replace(text[:-20], 'a', 'index.jsonl')
        loaded = side.load(self.path('a'))
        self.assertRegex(loaded.notes[0], 'index.jsonl: last line cut off')
        self.assertEqual(sum(map(len, loaded.entries.values())), 5)

    def test_line_damaged(self):
        self.directory('a')
        lines = self.content('a', 'index.jsonl').split('\n')
        lines[1] = lines[1][:30]
        self.replace('\n'.join(lines), 'a', 'index.jsonl')
        self.problem('index.jsonl: line 2 is damaged', self.path('a'))

    def test_line_without_figures(self):
        for metrics in ('null', '{"iops": "many"}', '{"iops": 1e99}',
                        '{"iops": -1}', '{"iops": true}'):
            self.directory('a')
            lines = self.content('a', 'index.jsonl').split('\n')
            line = json.loads(lines[2])
            line['metrics'] = 0
            lines[2] = json.dumps(line).replace('"metrics": 0',
                                                '"metrics": ' + metrics)
            self.replace('\n'.join(lines), 'a', 'index.jsonl')
            self.problem('index.jsonl: .* round [123]: no valid metrics',
                         self.path('a'))
            shutil.rmtree(self.path('a'))

    def test_fio_json_empty_cut_off_or_gone(self):
        self.directory('a')
        name = ('a', self.first, 'r02.json')
        text = self.content(*name)
        for damaged in ('', text[:200], 'fio: nothing but an error\n', None):
            self.replace(damaged or '', *name)
            if damaged is None:
                os.unlink(self.path(*name))
            self.problem('r02.json: .*; measure again .* --force',
                         self.path('a'))
            loaded = side.load(self.path('a'), True)
            self.assertRegex(loaded.notes[0], 'r02.json: .*ignored')
            self.assertEqual(len(loaded.entries[self.first]), 2)

    def test_every_fio_json_gone(self):
        self.directory('a')
        for point in self.plan:
            shutil.rmtree(self.path('a', point['name']))
        self.problem('a: no measurement is left to compare; measure again',
                     self.path('a'), True)

    def test_lines_before_the_json(self):
        self.directory('a')
        name = ('a', self.first, 'r02.json')
        before = side.load(self.path('a'))
        self.replace('fio: this is an error of a thing\n' +
                     self.content(*name), *name)
        loaded = side.load(self.path('a'))
        self.assertRegex(loaded.notes[0], 'r02.json: .*read from it again')
        for (*_, one), (*_, two) in zip(before.entries[self.first],
                                      loaded.entries[self.first]):
            for metric, value in one.items():
                self.assertAlmostEqual(two[metric] / value, 1, 2)


class Differences(Directories):
    def find(self, **how):
        """Between the usual system and one with something else."""
        one = side.load(self.directory('one'))
        two = side.load(self.directory('two', **how))
        return comparability.differences(one, two)

    def kinds(self, **changes):
        return {(what, kind) for what, _, _, kind in
                self.find(system=sample.environment(**changes))}

    def test_none(self):
        self.assertEqual(self.find(seed=4), [])

    def test_drive(self):
        self.assertIn(('drive model', 'refused'), self.kinds(drive='Other'))

    def test_fio(self):
        self.assertIn(('fio version', 'refused'), self.kinds(fio='fio-3.41'))

    def test_plugin(self):
        self.assertIn(('plugin version', 'refused'),
                      self.kinds(plugin='0.2.0'))

    def test_kernel_is_shown(self):
        self.assertIn(('kernel release', 'shown'), self.kinds(kernel='7.3'))

    def test_governor_is_shown(self):
        self.assertEqual(self.kinds(governor='powersave'),
                         {('cpu governor', 'shown')})

    def test_iommu_is_loud(self):
        self.assertEqual({kind for _, kind in self.kinds(iommu='identity')},
                         {'loud'})

    def test_jobs(self):
        one = side.load(self.directory('one'))
        for point in self.plan:
            point['job'] = [line.replace('runtime=1', 'runtime=5')
                            for line in point['job']]
        two = side.load(self.directory('two'))
        self.assertEqual(comparability.differences(one, two), [
            (f'job of {self.first} (and of 1 more point)', 'runtime=1',
             'runtime=5', 'refused')])

    def test_data_that_only_one_side_compared(self):
        def compared(*states):
            """A Side whose first points are so."""
            path = self.directory(str(states))
            wanted = dict(zip((point['name'] for point in self.plan), states))
            page_sample.lines(path, lambda line: line | {
                'measured': line['measured'] | {
                    'compared': wanted[line['point']]}})
            return side.load(path)
        one, two, old = (compared(True, True), compared(True, False),
                         compared(None, None))
        found = (f'data of {self.plan[1]["name"]}', 'compared',
                 'not compared', 'refused')
        self.assertEqual(comparability.differences(one, two), [found])
        for other in (one, old):
            self.assertEqual(comparability.differences(other, old), [])
        self.assertRegex(two.notes[0], 'nothing compared the data of 1 point ')
        self.assertEqual((one.notes, old.notes), ([], []))

    def test_two_systems_are_not_one_side(self):
        for kernel in ('6.12', '6.18'):
            self.directory(os.path.join('a', kernel),
                           system=sample.environment(kernel=kernel))
        self.problem('differ in kernel release: 6.12 and 6.18',
                     self.path('a'))
        self.assertEqual(side.load(self.path('a'), True).rounds, 3 * 2)

    def test_two_settings_are_not_one_side(self):
        for name, change, words in (
                ('a', {'iommu': 'identity'},
                 'drives controllers iommu: DMA and identity'),
                ('b', {'governor': 'powersave'},
                 'cpu governor: performance and powersave')):
            self.directory(os.path.join(name, '1'))
            self.directory(os.path.join(name, '2'),
                           system=sample.environment(**change))
            self.problem(f'differ in {words}; a side is one system',
                         self.path(name))
            self.assertEqual(side.load(self.path(name), True).rounds, 6)
