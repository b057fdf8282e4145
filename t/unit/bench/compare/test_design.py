# SPDX-License-Identifier: GPL-2.0-only
"""What a sample is, which belong together, and when there is no verdict."""

import unittest

import sample
from bench.compare import design, drift, judge
from bench.compare.rows import Scale
from sides import change_of, differing, fake
from vm.problem import Problem

PLAN = sample.points(3)


def exchanged(rounds=7, **how):
    """Both sides of one run --ab."""
    return [fake(name, PLAN, seed, boots=1, rounds=rounds)._replace(
        ab='x', **how) for name, seed in (('a', 1), ('b', 2))]


class Unit(unittest.TestCase):
    def test_boots(self):
        found = design.design_of([fake('a', PLAN, boots=7),
                                  fake('b', PLAN, 2, boots=7)])
        self.assertEqual((found.unit, found.why), ('boot', None))
        self.assertEqual(list(map(len, found.keys)), [7, 7])

    def test_rounds_of_sides_that_were_exchanged(self):
        found = design.design_of(exchanged())
        self.assertEqual((found.unit, found.why), ('round', None))
        self.assertEqual(list(map(len, found.keys)), [7, 7])

    def test_two_runs_are_not_exchanged(self):
        sides = exchanged()
        sides[1] = sides[1]._replace(ab='y')
        self.assertIn('one boot a side', design.design_of(sides).why)

    def test_only_rounds_that_both_have(self):
        sides = exchanged()
        for point, entries in sides[1].entries.items():
            sides[1].entries[point] = [
                one for one in entries if one[0][2] != 3]
        self.assertEqual(list(map(len, design.design_of(sides).keys)), [6, 6])

    def test_medians_of_a_boot(self):
        one = fake('a', PLAN, boots=7, rounds=3)
        table = design.table(one, design.design_of([one, one]), 0)
        name = PLAN[0]['name']
        for boot, (_, metrics) in enumerate(table[name]):
            within = sorted(figures['iops'] for key, _, figures in
                            one.entries[name] if key[0] == boot)
            self.assertEqual(metrics['iops'], within[1])


class NoVerdict(unittest.TestCase):
    def test_one_boot_a_side_is_described(self):
        result = judge.judge([fake('a', boots=1), fake('b', boots=1, seed=2,
                              changes={'*': {'speed': 0.5}})])
        self.assertEqual(result['status'], 3)
        self.assertIn('one boot a side cannot tell', result['design']['why'])
        self.assertEqual(result['regressions'], [])
        for row in result['summary'] + result['rows']:
            change = row['changes'][1]
            self.assertEqual((change['answer'], change['interval'],
                              change['p']), (None,) * 3)
        self.assertAlmostEqual(change_of(result, 'iops')['percent'], -50,
                               delta=5)

    def test_unequal_numbers_of_boots_are_refused(self):
        for boots in (1, 6):
            with self.assertRaisesRegex(Problem, '7 boots of a against '
                                        f'{boots} boots? of b: '):
                judge.judge([fake('a', boots=7), fake('b', boots=boots)])

    def test_too_few(self):
        for count in (2, 5):
            result = judge.judge([fake('a', boots=count),
                                  fake('b', boots=count, seed=2)])
            self.assertIn(f'{count} boots a side are too few; measure at '
                          'least 6', result['design']['why'])
            self.assertEqual(result['status'], 3)
        self.assertIsNone(judge.judge([fake('a', boots=6),
                                       fake('b', boots=6, seed=2)])
                          ['design']['why'])

    def test_a_run_that_is_not_complete(self):
        sides = exchanged(unfinished='3 of 21 measurements are missing')
        self.assertIn('3 of 21', judge.judge(sides)['design']['why'])


class Looks(unittest.TestCase):
    def test_a_further_look_has_a_tenth_of_the_level(self):
        sides = exchanged(rounds=12)
        self.assertAlmostEqual(design.design_of(sides).level, 0.05)
        sides[0] = sides[0]._replace(extended=1)
        self.assertAlmostEqual(design.design_of(sides).level, 0.005)

    def test_the_level_is_shared_among_sides(self):
        sides = [fake(name, PLAN, seed, boots=8)
                 for seed, name in enumerate('abc')]
        self.assertAlmostEqual(design.design_of(sides).level, 0.025)


class Time(unittest.TestCase):
    def test_sides_in_turn(self):
        for apart in (True, False):
            sides = [fake(name, PLAN, seed, apart=apart)
                     for name, seed in (('a', 1), ('b', 2))]
            self.assertEqual(design.design_of(sides).interleaved, not apart)

    def drifting(self, apart):
        """Boots that lose 1 % each, on sides that do not differ."""
        sides = [fake(name, PLAN, seed, apart=apart, noise=0.002)
                 for name, seed in (('a', 1), ('b', 2))]
        for number, one in enumerate(sides):
            for entries in one.entries.values():
                for (boot, _, _), _, metrics in entries:
                    age = boot + (7 * number if apart else number / 2)
                    metrics['iops'] *= 0.99 ** age
        return judge.judge(sides, metrics=['iops'])

    def test_a_drift_that_explains_a_difference(self):
        result = self.drifting(apart=True)
        self.assertEqual(differing(result), [])
        self.assertEqual(result['status'], 3)
        self.assertTrue(change_of(result, 'iops')['drift'])
        self.assertTrue(any('could be a steady drift' in note
                            for note in result['notes']))

    def test_the_explained_grows_with_the_distance(self):
        base = [(at, 100 - at) for at in range(7)]
        values = [value for _, value in base]
        scale = Scale(values, values)
        near, far = (drift.explained(
            scale, base, [(start + more, value - more)
                          for start, value in base], 0.05, True)
            for more in (0.5, 7))
        self.assertLess(near, 0.03)
        self.assertGreater(far, 0.07)

    def test_rounds_that_no_side_shares(self):
        sides = [fake(name, boots=1, rounds=14)._replace(ab='x')
                 for name in 'ab']
        for number, one in enumerate(sides):
            for entries in one.entries.values():
                entries[:] = [entry for entry in entries
                              if entry[0][2] % 2 == number]
        with self.assertRaisesRegex(Problem, 'no round was measured on all'):
            judge.judge(sides)

    def test_a_trend_over_rounds_is_said(self):
        sides = [fake(name, boots=1, rounds=7, seed=seed)
                 for name, seed in (('a', 1), ('b', 2))]
        self.assertEqual(drift.trends(sides), [])
        for entries in sides[1].entries.values():
            for (_, _, number), _, metrics in entries:
                metrics['iops'] *= 0.99 ** number
        (number, metric, percent), = drift.trends(sides)
        self.assertEqual((number, metric), (1, 'iops'))
        self.assertAlmostEqual(percent, -1.2, delta=0.4)
