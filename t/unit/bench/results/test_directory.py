# SPDX-License-Identifier: GPL-2.0-only
"""The directory of results: whole, cut off, damaged, of another version."""

import json
import os
import tempfile
import unittest
from unittest import mock

from bench.measure import resume
from bench.results import directory
from vm.problem import Problem

HEADER = {'plan': 'x', 'rounds': 2, 'runtime': 1, 'ramp': 0, 'seed': 7,
          'order': 'random', 'created': 1.5, 'host': None}
POINTS = [{'name': 'a', 'axes': {'path': 'host'}, 'job': ['rw=read']},
          {'name': 'b', 'axes': {'path': 'host'}, 'job': ['rw=read']}]
ENVIRONMENT = {
    'kernel': {'release': '6.12', 'version': '#1'},
    'fio': {'version': 'fio-3.33', 'sha256': '1'},
    'plugin': {'version': '0.1', 'sha256': '2'},
    'drives': [{'name': '/dev/nvme0n1', 'kind': 'nvme', 'serial': 's'}]}


class Base(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = folder.name + '/d'
        directory.make(self.path)
        directory.create(self.path, HEADER, 'text', POINTS, ENVIRONMENT)

    def file(self, name):
        return os.path.join(self.path, name)

    def put(self, name, text):
        os.makedirs(os.path.dirname(self.file(name)), exist_ok=True)
        with open(self.file(name), 'w') as f:
            f.write(text)

    def add(self, point, number, seq=1, text='{}', name=directory.INDEX):
        file = f'{point}/r{number:02}.json'
        self.put(file, text)
        directory.append(self.path, name, {
            'seq': seq, 'point': point, 'round': number, 'file': file,
            'bytes': len(text), 'metrics': {'iops': 1.0}})


class Sides(Base):
    """The two directories of run --ab."""

    def create(self, *ids):
        for name, identity in zip('AB', ids):
            directory.make(f'{self.path}/{name}')
            directory.create(f'{self.path}/{name}', HEADER | {
                'ab': identity and {'id': identity, 'side': name}}, 'text',
                POINTS, ENVIRONMENT)

    def setUp(self):
        super().setUp()
        self.path += '/../two'

    def test_found_by_their_id(self):
        self.create('1', '1')
        self.assertEqual(directory.ab_sides(self.path),
                         [self.path + '/A', self.path + '/B'])
        with self.assertRaisesRegex(
                Problem, 'two: has the two sides of run --ab; give .*/A or '
                '.*/B, or compare them with fio-dmabuf-bench compare .*two$'):
            directory.read(self.path)

    def test_not_of_one_run(self):
        for ids in ('1', '2'), (None, None), ('1',):
            self.path += 'x'
            self.create(*ids)
            self.assertEqual(directory.ab_sides(self.path), [])
            with self.assertRaisesRegex(Problem, 'one of those in it'):
                directory.read(self.path)


class Reading(Base):
    def test_what_was_written(self):
        self.add('a', 1)
        self.add('b', 1, 2)
        found = directory.read(self.path)
        self.assertEqual(found.header, {'format': 1} | HEADER)
        self.assertEqual(found.points, POINTS)
        self.assertEqual(found.environment, ENVIRONMENT)
        self.assertEqual([line['seq'] for line in found.index], [1, 2])
        self.assertEqual(found.failures, [])

    def test_nothing_measured(self):
        self.assertEqual(directory.read(self.path).index, [])

    def test_last_line_counts(self):
        self.add('a', 1, 1)
        self.add('b', 1, 2)
        self.add('a', 1, 3)
        self.assertEqual([line['seq'] for line in
                          directory.read(self.path).index], [3, 2])

    def test_cut_off_index(self):
        self.add('a', 1, 1)
        self.add('b', 1, 2)
        with open(self.file('index.jsonl'), 'r+') as f:
            text = f.read()
            f.truncate(len(text) - 10)
        self.assertEqual(len(directory.read(self.path).index), 1)
        directory.remove_partial_lines(self.path)
        with open(self.file('index.jsonl')) as f:
            self.assertEqual(f.read(), text.splitlines(True)[0])
        self.add('b', 1, 2)
        self.assertEqual(len(directory.read(self.path).index), 2)

    def test_damaged_line(self):
        self.add('a', 1)
        for text in ('{"point":\n', '[]\n', '{"point": "a"}\n', '\n'):
            self.put('index.jsonl', text)
            with self.assertRaisesRegex(Problem, 'line 1 is damaged; remove'):
                directory.read(self.path)

    def test_failures(self):
        self.add('a', 1, name=directory.FAILURES)
        self.add('b', 1, name=directory.FAILURES)
        self.add('a', 1)
        self.assertEqual([line['point'] for line in
                          directory.read(self.path).failures], ['b'])

    def test_damage(self):
        self.add('a', 1)
        line = directory.read(self.path).index[0]
        self.assertIsNone(directory.damage(self.path, line))
        self.put(line['file'], '{"cut')
        self.assertIn('5 bytes, but 2 were',
                      directory.damage(self.path, line))
        os.unlink(self.file(line['file']))
        self.assertIn('No such file', directory.damage(self.path, line))

    def test_refused(self):
        for name, text, words in (
                ('directory.json', '{"format": 2}', 'of format 2, but this'),
                ('directory.json', '{}', 'of format None'),
                ('directory.json', '', 'empty, cut off or not JSON'),
                ('directory.json', '[1]', 'not a JSON object'),
                ('points.json', '{"points": [', 'points.json: empty, cut'),
                ('environment.json', '', 'environment.json: empty')):
            before = open(self.file(name)).read()
            self.put(name, text)
            with self.assertRaisesRegex(Problem, words):
                directory.read(self.path)
            self.put(name, before)
        os.unlink(self.file('environment.json'))
        with self.assertRaisesRegex(Problem, 'environment.json: No such'):
            directory.read(self.path)
        os.unlink(self.file('directory.json'))
        with self.assertRaisesRegex(Problem, 'not a directory of results'):
            directory.read(self.path)
        with self.assertRaisesRegex(Problem, 'no such directory'):
            directory.read(self.path + '/x')


    def test_above_directories_of_results(self):
        """What kernels writes: report takes one boot of it."""
        top = os.path.dirname(self.path)
        with self.assertRaisesRegex(Problem, f'such as {self.path}$'):
            directory.read(top)
        os.makedirs(f'{top}/[x]/debian')
        os.rename(self.path, f'{top}/[x]/debian/boot-01')
        with self.assertRaisesRegex(Problem, r'\[x\]/debian/boot-01$'):
            directory.read(f'{top}/[x]')


class Writing(Base):
    def test_two_at_once(self):
        with directory.locked(self.path):
            with self.assertRaisesRegex(Problem, 'another run, or its fio'):
                with directory.locked(self.path):
                    self.fail('locked twice')
        with directory.locked(self.path):
            pass

    def test_foreign_directory(self):
        os.unlink(self.file('directory.json'))
        directory.make(self.path)  # what an interrupted beginning leaves
        self.put('letters.txt', 'x')
        with self.assertRaisesRegex(Problem, 'neither empty nor a directory'):
            directory.make(self.path)
        with self.assertRaisesRegex(Problem, 'exists and is not a directory'):
            directory.make(self.file('letters.txt'))
        with self.assertRaisesRegex(Problem, 'Not a directory; give'):
            directory.make(self.file('letters.txt/x'))

    def test_no_room_for_a_line(self):
        self.add('a', 1)
        with open(self.file('index.jsonl')) as f:
            before = f.read()
        with mock.patch('os.fsync', side_effect=OSError(28, 'full')), \
                self.assertRaises(OSError):
            directory.append(self.path, directory.INDEX, {'x': 1})
        with open(self.file('index.jsonl')) as f:
            self.assertEqual(f.read(), before)

    def test_no_room_for_a_file(self):
        with mock.patch('os.fsync', side_effect=OSError(28, 'full')), \
                self.assertRaises(OSError):
            directory.write_json(self.path, 'points.json', {'points': []})
        self.assertEqual(directory.read(self.path).points, POINTS)
        self.assertFalse(os.path.exists(self.file('points.json.tmp')))


class Resuming(Base):
    def resume(self, header=HEADER, text='text', points=POINTS,
               environment=ENVIRONMENT):
        return resume.resume(self.path, header, text, points, environment)

    def changed(self, path, value):
        """The environment with another value at that place."""
        copied = json.loads(json.dumps(ENVIRONMENT))
        place = copied
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return copied

    def test_same(self):
        self.assertEqual(self.resume(), {'format': 1} | HEADER)

    def test_seed_is_kept(self):
        self.assertEqual(self.resume(HEADER | {'seed': None})['seed'], 7)

    def test_more_rounds(self):
        self.assertEqual(self.resume(HEADER | {'rounds': 5})['rounds'], 5)
        self.assertEqual(directory.read(self.path).header['rounds'], 5)

    def test_refused(self):
        other = [POINTS[0], POINTS[1] | {'job': ['rw=write']}]
        for words, arguments in (
                ('rounds differs: 2 there, 1 now',
                 {'header': HEADER | {'rounds': 1}}),
                ('runtime differs: 1 there, 9 now',
                 {'header': HEADER | {'runtime': 9}}),
                ('seed differs', {'header': HEADER | {'seed': 8}}),
                ('plan differs', {'header': HEADER | {'plan': 'y'}}),
                ('the text of the plan differs', {'text': 'other'}),
                ('the job of b differs', {'points': other}),
                ('the number of points differs: 2 there, 1 now',
                 {'points': POINTS[:1]}),
                ('a point differs: a there, b now', {'points': POINTS[1:]}),
                ('--ab differs: unknown there, A: none now',
                 {'header': HEADER | {'ab': {'side': 'A', 'settings': []}}}),
                ('kernel release differs: 6.12 there, 7 now',
                 {'environment': self.changed(['kernel', 'release'], '7')}),
                ('kernel version differs',
                 {'environment': self.changed(['kernel', 'version'], '#2')}),
                ('fio version differs: fio-3.33 there, fio-3.40 now',
                 {'environment': self.changed(['fio', 'version'],
                                              'fio-3.40')}),
                ('fio sha256 differs',
                 {'environment': self.changed(['fio', 'sha256'], '9')}),
                ('plugin version differs',
                 {'environment': self.changed(['plugin', 'version'], '9')}),
                ('plugin version differs: 0.1 there, unknown',
                 {'environment': self.changed(['plugin'], None)}),
                ('drive serial differs: s there, t now',
                 {'environment': self.changed(['drives', 0, 'serial'],
                                              't')})):
            with self.subTest(words), self.assertRaisesRegex(Problem, words):
                self.resume(**arguments)

    def test_purged_again(self):
        """Its figures would be of two drives, a new one and a used one."""
        directory.create(self.path, HEADER | {'purge': 'today'}, 'text',
                         POINTS, ENVIRONMENT)
        self.resume(HEADER | {'purge': 'today'})
        with self.assertRaisesRegex(Problem, 'purge differs: today there, '
                                    'now now; give another directory'):
            self.resume(HEADER | {'purge': 'now'})

    def test_another_name_of_the_drive(self):
        self.resume(environment=self.changed(['drives', 0, 'name'], '/dev/x'))


if __name__ == '__main__':
    unittest.main()
