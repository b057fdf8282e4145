# SPDX-License-Identifier: GPL-2.0-only
"""Steady state, against vectors that were calculated by hand."""

import unittest

from bench.results.steady import counted, figures, figures_of_plan, \
    fit_line, history


def reached(values, **limits):
    """Whether the last rounds are steady."""
    found = figures(values, **limits)
    return found is not None and found.steady


class Line(unittest.TestCase):
    def test_exact(self):
        self.assertEqual(fit_line([2, 4, 6, 8, 10]), (2, 10))
        self.assertEqual(fit_line([7, 7, 7]), (7, 7))
        self.assertEqual(fit_line([3, 1]), (3, 1))

    def test_by_hand(self):
        # deviations -2 -1 0 1 2 times values: -200 -110 +90 +220 = 0
        self.assertEqual(fit_line([100, 110, 100, 90, 110]), (102, 102))
        # -2*10 - 20 + 20 + 2*40 = 60, over 10: 6 a round; average 24
        self.assertEqual(fit_line([10, 20, 30, 20, 40]), (12, 36))


class Steady(unittest.TestCase):
    def test_too_few(self):
        for values in ([], [1], [1, 1, 1, 1]):
            self.assertIsNone(figures(values))
            self.assertFalse(reached(values))

    def test_nothing_done(self):
        self.assertFalse(reached([0, 0, 0, 0, 0]))

    def test_even(self):
        self.assertTrue(reached([100] * 5))

    def test_range_at_its_limit(self):
        # average 100, largest less smallest 20, line flat
        self.assertTrue(reached([110, 90, 100, 90, 110]))
        # average 100, 22
        self.assertFalse(reached([111, 89, 100, 89, 111]))

    def test_slope_at_its_limit(self):
        # 95 .. 105: rises by 10 of 100
        self.assertTrue(reached([95, 97.5, 100, 102.5, 105]))
        # 94.8 .. 105.2: by 10.4, while the range of 10.4 is far from 20
        self.assertFalse(reached([94.8, 97.4, 100, 102.6, 105.2]))

    def test_a_falling_line_counts_as_well(self):
        self.assertFalse(reached([105.2, 102.6, 100, 97.4, 94.8]))
        self.assertTrue(reached([105, 102.5, 100, 97.5, 95]))

    def test_only_the_window(self):
        self.assertTrue(reached([1000, 500, 250, 100, 100, 100, 100, 100]))
        self.assertFalse(reached([100, 100, 100, 100, 100, 1000]))

    def test_figures(self):
        found = figures([7, 7, 10, 20, 30, 20, 40])
        self.assertEqual(found.average, 24)
        self.assertEqual(found.range, 125)
        self.assertEqual(found.slope, 100)
        self.assertEqual(found.line, (12, 36))
        self.assertEqual(found.first, 3)
        self.assertFalse(found.steady)

    def test_other_limits(self):
        values = [100, 110, 100]
        self.assertTrue(reached(values, window=3))
        self.assertFalse(reached(values, window=3, range_percent=9))
        self.assertFalse(reached([100, 105], window=2, slope_percent=4))
        self.assertRaises(ValueError, reached, values, window=1)

    def test_limits_do_not_depend_on_the_unit(self):
        for factor in (1e-6, 3, 1e6, 1e12):
            self.assertTrue(reached([v * factor for v in
                                     (110, 90, 100, 90, 110)]))
            self.assertTrue(reached([v * factor for v in
                                     (95, 97.5, 100, 102.5, 105)]))


class History(unittest.TestCase):
    wanted = {'window': 5, 'range': 20, 'slope': 10, 'metric': 'iops',
              'points': [{'rwmixread': 0, 'bs': 4096}]}
    points = [{'name': 'a', 'axes': {'rwmixread': 0, 'bs': 4096}},
              {'name': 'b', 'axes': {'rwmixread': 0, 'bs': 512}},
              {'name': 'c', 'axes': {'rwmixread': 50, 'bs': 4096}}]

    def lines(self, *values):
        return [{'point': name, 'round': number, 'metrics': {'iops': value}}
                for number, value in enumerate(values, 1) for name in 'abc']

    def test_the_points_of_the_plan(self):
        self.assertEqual(history(self.wanted, self.points, self.lines(1, 2)),
                         {'a': [1, 2]})
        every = self.wanted | {'points': [{}]}
        self.assertEqual(set(history(every, self.points, [])), set('abc'))

    def test_rounds_in_their_order(self):
        lines = self.lines(1, 2, 3)[::-1]
        self.assertEqual(history(self.wanted, self.points, lines),
                         {'a': [1, 2, 3]})

    def test_a_value_that_is_not_known(self):
        lines = self.lines(1, 2, 3)
        del lines[3]['metrics']['iops']
        self.assertEqual(history(self.wanted, self.points, lines),
                         {'a': [1, 3]})

    def test_limits_of_the_plan(self):
        values = [100, 110, 100, 90, 110]
        self.assertTrue(figures_of_plan(self.wanted, values).steady)
        self.assertFalse(figures_of_plan(self.wanted | {'range': 19},
                                         values).steady)
        self.assertIsNone(figures_of_plan(self.wanted | {'window': 6}, values))

    def test_rounds_that_count(self):
        lines = [{'round': number} for number in range(1, 10)]
        self.assertIsNone(counted({'steady': None}, lines))
        for reached, most, rounds in ((8, 9, [4, 5, 6, 7, 8]),
                                      (None, 9, [5, 6, 7, 8, 9]),
                                      (None, 2, [1, 2])):
            with self.subTest(reached=reached, most=most):
                header = {'steady': {'reached': reached, 'window': 5}}
                self.assertEqual(list(counted(header, lines[:most])), rounds)


if __name__ == '__main__':
    unittest.main()
