# SPDX-License-Identifier: GPL-2.0-only
"""Results of which any one value was replaced or is gone: they are read, or
refused in one line.
"""

import copy
import io
import json
import os
import shutil
import tempfile
import unittest

import sample
from bench.compare import command, judge, side, text
from bench.results import directory, shape
from vm.problem import Problem

GONE = object()
VALUES = (GONE, None, -1, 'x', [], {}, [1], float('nan'), 1e308, True)


def places(value, path=()):
    """The path of each value in another, of lists only the first."""
    if path:
        yield path
    if isinstance(value, dict):
        for name in value:
            yield from places(value[name], path + (name,))
    elif isinstance(value, list) and value:
        yield from places(value[0], path + (0,))


def replaced(value, path, new):
    value = copy.deepcopy(value)
    inner = value
    for name in path[:-1]:
        inner = inner[name]
    if new is GONE:
        del inner[path[-1]]
    else:
        inner[path[-1]] = new
    return value


class Damaged(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.top)
        plan = sample.points(1)
        cls.base, cls.other = (sample.directory(
            os.path.join(cls.top, name), plan=plan, rounds=1, seed=seed)
            for seed, name in enumerate('ab'))
        cls.fio = os.path.join(plan[0]['name'], 'r01.json')

    def use(self):
        sides = [side.load(path) for path in (self.base, self.other)]
        judgement = judge.judge(sides, command.side_differences(sides, True))
        out = io.StringIO()
        text.write_text(judgement, out)
        command.write_json(judgement, out)

    def damage_all(self, name):
        """Returns how many were refused."""
        file = os.path.join(self.other, name)
        with open(file, encoding='utf-8') as f:
            before = f.read()
        refused = 0
        for path in places(json.loads(before)):
            for new in VALUES:
                with open(file, 'w', encoding='utf-8') as f:
                    json.dump(replaced(json.loads(before), path, new), f)
                    f.write('\n')
                with self.subTest(name, path=path, new=new):
                    try:
                        self.use()
                    except Problem as problem:
                        self.assertNotIn('\n', str(problem))
                        refused += 1
        with open(file, 'w', encoding='utf-8') as f:
            f.write(before)
        return refused

    def test_each_file(self):
        self.use()
        for name in (directory.HEADER, directory.POINTS,
                     directory.ENVIRONMENT, directory.INDEX):
            self.assertGreater(self.damage_all(name), 10)

    def test_what_fio_wrote(self):
        self.assertGreater(self.damage_all(self.fio), 10)


class Shape(unittest.TestCase):
    def test_the_first_that_is_wrong(self):
        expected = {'a': shape.Needed(int), 'b': [shape.Needed({str: str})]}
        for value, wrong in (({'a': 1}, None), ({'a': 1, 'b': None}, None),
                             ({'a': 1, 'b': [{'x': 'y'}], 'c': 2}, None),
                             ({}, 'a'), ({'a': True}, 'a'), ([], ''),
                             ({'a': 1, 'b': [{}, None]}, 'b 2'),
                             ({'a': 1, 'b': [{'x': 1}]}, 'b 1 x')):
            self.assertEqual(shape.wrong(value, expected), wrong, value)
