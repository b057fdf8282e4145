# SPDX-License-Identifier: GPL-2.0-only
"""Figures against counting, published tables and scipy."""

import json
import math
import shutil
import subprocess
import unittest

from bench.compare import statistics

# t, degrees of freedom, two-sided p: scipy 1.10.1, 2 * stats.t.sf(t, df)
STUDENT = [
    (0.0, 1, 1.0),
    (0.5, 1, 0.7048327646991336),
    (2.0, 2, 0.1835034190722739),
    (5.0, 5, 0.0041047159800533225),
    (30.0, 6, 9.099147044443385e-08),
    (2.0, 11, 0.07080395506803452),
    (10.0, 40, 1.931311700411556e-12),
    (10000.0, 6, 6.749998936875196e-23),
]
# Published two-sided critical values at 5 %
CRITICAL = {1: 12.706, 2: 4.303, 6: 2.447, 11: 2.201, 30: 2.042, 120: 1.980}
SCIPY = '''
import json, sys
from scipy import stats
print(json.dumps([2 * stats.t.sf(t, df) for t, df in json.load(sys.stdin)]))
'''


class Median(unittest.TestCase):
    def test_median(self):
        self.assertEqual(statistics.median([3, 1, 2]), 2)
        self.assertEqual(statistics.median([4, 1, 3, 2]), 2.5)

    def test_geometric_mean(self):
        self.assertAlmostEqual(statistics.geometric_mean([1, 100]), 10)

    def test_the_standard_library_keeps_its_statistics(self):
        import statistics as standard
        self.assertTrue(hasattr(standard, 'quantiles'))
        self.assertIsNot(standard, statistics)


class Student(unittest.TestCase):
    def test_probability(self):
        for t, freedom, p in STUDENT:
            found = statistics.t_probability(t, freedom)
            self.assertAlmostEqual(found / p, 1, 10, (t, freedom))
        self.assertEqual(statistics.t_probability(math.inf, 3), 0)

    def test_published_critical_values(self):
        for freedom, t in CRITICAL.items():
            self.assertAlmostEqual(statistics.t_quantile(0.05, freedom), t, 3)

    def test_quantile_is_the_inverse(self):
        for p in (0.9, 0.05, 1e-3, 1e-9, 1e-30):
            for freedom in (1, 5, 6, 40):
                t = statistics.t_quantile(p, freedom)
                self.assertAlmostEqual(
                    statistics.t_probability(t, freedom) / p, 1, 8)
        self.assertEqual(statistics.t_quantile(0, 5), math.inf)

    def test_the_same_as_scipy(self):
        python = shutil.which('python3', path='/usr/bin')
        cases = [(t, freedom) for t in (0.01, 1, 3, 20, 500)
                 for freedom in (1, 2, 5, 6, 7, 11, 99)]
        done = python and subprocess.run(
            [python, '-c', SCIPY], input=json.dumps(cases),
            capture_output=True, text=True)
        if not python or done.returncode:
            self.skipTest('optional: no scipy')
        for (t, freedom), p in zip(cases, json.loads(done.stdout)):
            self.assertAlmostEqual(
                statistics.t_probability(t, freedom) / p, 1, 9)


class Line(unittest.TestCase):
    def test_slope_in_common(self):
        line = statistics.common_line([[(1, 10), (2, 12), (3, 14)],
                                       [(7, 0), (8, 2)]])
        self.assertAlmostEqual(line.slope, 2)
        self.assertAlmostEqual(line.error, 0)
        self.assertEqual(line.freedom, 2)

    def test_error(self):
        # a textbook regression: slope 0.6, residuals -0.8 .6 1 -.6 -.2
        line = statistics.common_line(
            [list(zip((1, 2, 3, 4, 5), (2, 4, 5, 4, 5)))])
        self.assertAlmostEqual(line.slope, 0.6)
        self.assertAlmostEqual(line.scatter, math.sqrt(2.4 / 3))
        self.assertAlmostEqual(line.error, math.sqrt(2.4 / 3 / 10))

    def test_too_few_points(self):
        for groups in ([], [[(1, 1)]], [[(1, 1), (2, 2)]], [[(1, 1)] * 4]):
            self.assertEqual(statistics.common_line(groups).freedom, 0)


class Outliers(unittest.TestCase):
    def far(self, *groups, least=0.0):
        return statistics.outliers(list(groups), 7, least)

    def test_one_of_a_side(self):
        a, b = [1, 2, 3, 2, 1, 3, 2], [11, 12, 13, 12, 11, 13, 40]
        self.assertEqual(self.far(a, b), [[], [6]])
        self.assertEqual(self.far(a, b, least=50), [[], []])

    def test_sides_that_differ_are_none(self):
        self.assertEqual(self.far([1, 2, 3], [101, 102, 103]), [[], []])

    def test_equal_values_tell_nothing(self):
        self.assertEqual(self.far([5] * 6 + [6], [5] * 7), [[], []])
