# SPDX-License-Identifier: GPL-2.0-only
"""Figures against counting, published tables and scipy."""

import itertools
import json
import math
import shutil
import subprocess
import unittest

from bench.compare import statistics

# Published critical values of U, two-sided, 5 %: (n, m): the largest U that
# is significant
CRITICAL = {(4, 4): 0, (5, 5): 2, (5, 8): 6, (6, 6): 5, (7, 7): 8, (8, 8): 13,
            (10, 10): 23, (12, 12): 37, (15, 15): 64, (20, 20): 127}

# a, b, p: computed with scipy 1.10.1, mannwhitneyu(a, b, method='exact')
EXACT = [
    ([1, 2, 3], [4, 5, 6], 0.1),
    ([1, 2, 3, 4], [5, 6, 7, 8], 0.02857142857142857),
    ([1.1, 2.2, 3.3, 9], [2, 4, 5, 6, 7], 0.5555555555555556),
    ([19, 22, 16, 29, 24], [20, 11, 17, 12], 0.1111111111111111),
    ([3, 5, 1, 4, 6.5, 2.2, 8], [5.5, 7, 9, 10, 3.3, 4.4, 12],
     0.07284382284382285),
]
# the same with ties: permutation_test over all permutations
TIES = [
    ([1, 1, 2, 3], [2, 2, 3, 4, 4], 0.14285714285714285),
    ([0] * 5, [1] * 5, 0.007936507936507936),
    ([1, 2, 2, 5, 5], [2, 3, 5, 6, 7], 0.23809523809523808),
]
# method='asymptotic', which corrects for ties and continuity
MANY = (
    [94, 94, 103, 89, 99, 89, 106, 101, 107, 97, 102, 99, 96, 101, 94, 98,
     103, 100, 98, 111, 100, 97, 101, 97, 98],
    [101, 113, 103, 104, 106, 113, 102, 100, 115, 96, 101, 106, 114, 98, 91,
     106, 100, 101, 105, 104, 104, 101, 109, 111, 103, 101, 107, 105, 98,
     101], 0.0007373488521856119)
# The example of Benjamini and Hochberg's paper of 1995: 15 p values, 4 of
# them significant at 5 %
PAPER = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
         0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
SCIPY = '''
import json, sys
from scipy import stats
print(json.dumps([stats.mannwhitneyu(a, b, method=method).pvalue
                  for a, b, method in json.load(sys.stdin)]))
'''


def counted(values):
    """The distribution of the median, by going through all samples."""
    found = {}
    for each in itertools.product(values, repeat=len(values)):
        middle = statistics.median(each)
        found[middle] = found.get(middle, 0) + 1
    return {middle: count / len(values) ** len(values)
            for middle, count in found.items()}


def medians(values):
    return statistics.median_distribution(values)


def apart(n, m, u):
    """Two sides whose U is u: a is below b, but for u pairs."""
    below, left = divmod(u, n)
    b = list(range(m))
    a = [below - m - 0.5 + (0 if k < n - left else 1) for k in range(n)]
    a = [m + value + k / 1000 for k, value in enumerate(a)]
    return a, b


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


class Bootstrap(unittest.TestCase):
    def test_distribution_is_that_of_all_samples(self):
        for count in range(2, 7):
            values = [2 ** k for k in range(count)]
            found = {}
            for value, weight in medians(values):
                found[value] = found.get(value, 0) + weight
            expected = counted(values)
            self.assertEqual(found.keys(), expected.keys())
            for value, weight in expected.items():
                self.assertAlmostEqual(found[value], weight, 12)

    def test_weights_are_a_whole(self):
        for count in (2, 3, 9, 10, 41, 60):
            weights = [weight for _, _, weight in
                       statistics.median_weights(count)]
            self.assertAlmostEqual(math.fsum(weights), 1, 12)
            self.assertGreater(min(weights), 0)

    def test_interval_of_a_median(self):
        # of five values the lowest is the median with 0.058, so it stays; of
        # nine the lowest with 0.001, and it and the next with 0.031
        self.assertEqual(statistics.interval(medians([5, 3, 1, 2, 4])),
                         (1, 5))
        self.assertEqual(statistics.interval(medians(range(1, 10))), (2, 8))

    def test_interval_of_a_ratio_is_that_of_all_pairs(self):
        a, b = [10, 11, 12, 14], [20, 23, 24, 29, 31]
        pairs = sorted((y / x, v * w) for x, v in counted(a).items()
                       for y, w in counted(b).items())
        ends = []
        for each in (pairs, pairs[::-1]):
            total = 0
            for value, weight in each:
                total += weight
                if total >= 0.025:
                    ends.append(value)
                    break
        found = statistics.ratio_interval(medians(a), medians(b))
        self.assertAlmostEqual(found[0], ends[0])
        self.assertAlmostEqual(found[1], ends[1])

    def test_other_way_round_is_the_reciprocal(self):
        a, b = [10, 11, 12, 14, 15, 9], [20, 23, 24, 29, 31]
        one = statistics.ratio_interval(medians(a), medians(b))
        two = statistics.ratio_interval(medians(b), medians(a))
        self.assertAlmostEqual(one[0] * two[1], 1)
        self.assertAlmostEqual(one[1] * two[0], 1)

    def test_many_values_narrowed_down_to_the_same(self):
        a = [100 + (k * 37 % 23) / 3 for k in range(23)]
        b = [104 + (k * 29 % 17) / 2 for k in range(16)]
        exact = statistics.ratio_interval(medians(a), medians(b))
        limit = statistics.PAIRS
        statistics.PAIRS = 0
        try:
            narrowed = statistics.ratio_interval(medians(a), medians(b))
        finally:
            statistics.PAIRS = limit
        for one, two in zip(exact, narrowed):
            self.assertAlmostEqual(one, two, 9)

    def test_many_rounds(self):
        a = [1000 + k for k in range(100)]
        low, high = statistics.ratio_interval(medians(a), medians(a))
        self.assertAlmostEqual(low * high, 1, 3)
        self.assertTrue(0.97 < low < 1 < high < 1.03)

    def test_covers_the_truth(self):
        import random
        draw = random.Random(7)
        inside = 0
        for _ in range(400):
            a = [draw.gauss(100, 3) for _ in range(7)]
            b = [draw.gauss(110, 3) for _ in range(7)]
            low, high = statistics.ratio_interval(medians(a), medians(b))
            inside += low <= 1.1 <= high
        self.assertGreater(inside, 0.93 * 400)

    def test_one_value_has_no_interval(self):
        self.assertIsNone(statistics.interval(medians([1])))
        self.assertIsNone(statistics.ratio_interval(medians([1]),
                                                    medians([1, 2])))


class Ranks(unittest.TestCase):
    def test_vectors_without_ties(self):
        for a, b, p in EXACT:
            self.assertAlmostEqual(statistics.rank_test(a, b), p, 12)
            self.assertAlmostEqual(statistics.rank_test(b, a), p, 12)

    def test_vectors_with_ties(self):
        for a, b, p in TIES:
            self.assertAlmostEqual(statistics.rank_test(a, b), p, 12)

    def test_vector_of_many(self):
        a, b, p = MANY
        self.assertAlmostEqual(statistics.rank_test(a, b), p, 12)

    def test_published_critical_values(self):
        for (n, m), u in CRITICAL.items():
            self.assertLessEqual(statistics.rank_test(*apart(n, m, u)), 0.05)
            self.assertGreater(statistics.rank_test(*apart(n, m, u + 1)),
                               0.05)

    def test_equal_sides(self):
        self.assertEqual(statistics.rank_test([1, 1, 1], [1, 1, 1]), 1)
        self.assertEqual(statistics.rank_test([2] * 30, [2] * 30), 1)
        self.assertEqual(statistics.rank_test([1, 2, 3], [1, 2, 3]), 1)

    def test_three_against_three_can_show_nothing(self):
        self.assertAlmostEqual(statistics.least_p(3, 3), 0.1)
        self.assertEqual(statistics.samples_needed(0.05), 4)
        for a, b in (([1, 2, 3], [4, 5, 6]), ([0, 0, 0], [1, 1, 1])):
            self.assertGreater(statistics.rank_test(a, b), 0.05)

    def test_no_values(self):
        self.assertIsNone(statistics.rank_test([], [1]))

    def test_against_scipy(self):
        python = scipy_python()
        if not python:
            self.skipTest('optional: no python3 that has scipy; install '
                          'python3-scipy')
        cases = [(a, b, 'exact') for a, b, _ in EXACT]
        cases += [(MANY[0], MANY[1], 'asymptotic')]
        cases += [([(k * 7919 + seed) % 997 for k in range(n)],
                   [(k * 6007 + seed * 31) % 991 + 0.5 for k in range(m)],
                   'exact') for seed in range(5)
                  for n, m in ((4, 9), (8, 8), (20, 13))]
        cases += [([(k * 7919 + seed) % 97 for k in range(30)],
                   [(k * 6007 + seed) % 89 + 9 for k in range(41)],
                   'asymptotic') for seed in range(5)]
        answer = subprocess.run([python, '-c', SCIPY], text=True, check=True,
                                input=json.dumps(cases), capture_output=True)
        for (a, b, _), p in zip(cases, json.loads(answer.stdout)):
            self.assertAlmostEqual(statistics.rank_test(a, b), p, 10)


def scipy_python():
    """A python3 that can import scipy, or None."""
    for name in ('python3', '/usr/bin/python3', '/usr/local/bin/python3'):
        path = shutil.which(name)
        if path and not subprocess.run([path, '-c', 'import scipy.stats'],
                                       capture_output=True).returncode:
            return path
    return None


class Discoveries(unittest.TestCase):
    def test_example_of_the_paper(self):
        adjusted = statistics.adjust(PAPER)
        self.assertEqual(sum(p <= 0.05 for p in adjusted), 4)
        self.assertAlmostEqual(adjusted[3], 0.035625)

    def test_order_does_not_matter(self):
        adjusted = statistics.adjust(PAPER)
        self.assertEqual(statistics.adjust(PAPER[::-1]), adjusted[::-1])

    def test_ends(self):
        self.assertEqual(statistics.adjust([]), [])
        self.assertEqual(statistics.adjust([0.3]), [0.3])
        self.assertEqual(max(statistics.adjust([0.9, 1.0])), 1.0)
