# SPDX-License-Identifier: GPL-2.0-only
"""The permutation of blocks against going through all of them by hand."""

import itertools
import math
import random
import statistics as standard
import unittest

from bench.compare import permutation
from bench.compare.statistics import t_probability


def noise(rows, blocks, seed=1):
    """A pair for each block."""
    random_ = random.Random(seed)
    return [[(random_.gauss(0, 1), random_.gauss(0, 1))
             for _ in range(blocks)] for _ in range(rows)]


def shifted(row, more):
    return [(a, b + more) for a, b in row]


def p_of(pairs):
    """Of one row by itself, the usual way; sums count if they scatter alike.
    """
    known = [(at, *pair) for at, pair in enumerate(pairs) if pair]
    values = [b - a for _, a, b in known]
    count, mean = len(values), standard.mean(values)
    squares = sum((value - mean) ** 2 for value in values)
    slope, level = standard.linear_regression(
        [at for at, _, _ in known], [a + b for _, a, b in known])
    left = sum((a + b - level - slope * at) ** 2 for at, a, b in known)
    freedom = count - 1
    if left / (count - 2) <= permutation.SIMILAR * sum(
            value * value for value in values) / count:
        squares += left
        freedom += count - 2
    t = mean / math.sqrt(squares / freedom / count)
    return t_probability(t, freedom)


def by_hand(rows):
    """The smallest p of all rows for each way to exchange the sides."""
    return [min(p_of([pair and pair[::sign] for pair, sign in zip(row, signs)])
                for row in rows)
            for signs in itertools.product((1, -1), repeat=len(rows[0]))]


class Family(unittest.TestCase):
    def check(self, rows):
        """p as counted by hand, and bounds that agree with it."""
        extremes = by_hand(rows)
        for row, found in zip(rows, permutation.judge(rows, 0.05)):
            values = [pair[1] - pair[0] for pair in row if pair]
            expected = sum(extreme <= p_of(row) * (1 + 1e-9)
                           for extreme in extremes) / len(extremes)
            self.assertAlmostEqual(found.mean, standard.mean(values))
            self.assertAlmostEqual(found.p, expected)
            self.assertEqual(found.p <= 0.05,
                             not found.low <= 0 <= found.high)
            self.assertAlmostEqual(found.high - found.mean, found.least)

    def test_all_ways_are_counted(self):
        for seed in range(5):
            self.check(noise(10, 7, seed))

    def test_blocks_that_a_row_lacks(self):
        rows = noise(10, 8, 3)
        rows[2][0] = rows[4][7] = rows[4][3] = None
        self.check(rows)

    def test_one_row_that_differs(self):
        rows = noise(36, 7, 2)
        rows[20] = shifted(rows[20], 50)
        found = permutation.judge(rows, 0.05)
        self.assertEqual([number for number, row in enumerate(found)
                          if not row.low <= 0 <= row.high], [20])
        self.assertEqual(found[20].p, 1 / 64)
        self.assertTrue(found[20].low < 50 < found[20].high)

    def test_bounds_do_not_shrink_because_all_rows_differ(self):
        rows = noise(36, 7, 2)
        usual = permutation.judge(rows, 0.05)
        far = permutation.judge([shifted(row, 100) for row in rows], 0.05)
        for one, two in zip(usual, far):
            self.assertGreater(two.least, 0.75 * one.least)

    def test_more_blocks_than_are_exchanged_one_by_one(self):
        rows = noise(5, 20, 4)
        rows[0] = shifted(rows[0], 3)
        found = permutation.judge(rows, 0.05)
        self.assertGreater(found[0].low, 0)
        self.assertLess(found[0].p, 0.001)

    def test_sums_that_scatter_more_do_not_count(self):
        rows = noise(5, 7, 6)
        apart = [[(a + 100 * at % 7, b + 100 * at % 7) for at, (a, b)
                  in enumerate(row)] for row in rows]
        self.check(apart)
        steady = [[(a + 100 * at, b + 100 * at) for at, (a, b)
                   in enumerate(row)] for row in rows]
        for one, two in zip(permutation.judge(rows, 0.05),
                            permutation.judge(steady, 0.05)):
            self.assertAlmostEqual(one.least, two.least)

    def test_equal_input_equal_output(self):
        rows = noise(30, 9, 5)
        self.assertEqual(permutation.judge(rows, 0.05),
                         permutation.judge(rows, 0.05))


class Limits(unittest.TestCase):
    def test_blocks_needed(self):
        for level, blocks in ((0.05, 6), (0.5, 2), (0.03125, 6),
                              (0.0312, 7), (0.005, 9)):
            self.assertEqual(permutation.blocks_needed(level), blocks)
            rows = [[(0.0, 1 + number / 100) for number in range(blocks)]]
            found, = permutation.judge(rows, level)
            self.assertLessEqual(found.p, level)
            found, = permutation.judge([rows[0][1:]], level)
            self.assertEqual((found.low, found.least, found.p), (None,) * 3)

    def test_no_blocks(self):
        self.assertEqual(permutation.judge([[None] * 7], 0.05)[0].mean, None)

    def test_no_difference_at_all(self):
        found = permutation.judge([[(5.0, 5.0)] * 7] + noise(3, 7), 0.05)[0]
        self.assertEqual(tuple(found), (0, 0, 0, 0, 1))

    def test_equal_differences_are_sure(self):
        found = permutation.judge([[(1.0, 1.1)] * 7] + noise(30, 7), 0.05)[0]
        self.assertAlmostEqual(found.low, 0.1)
        self.assertAlmostEqual(found.high, 0.1)
        self.assertEqual(found.p, 1 / 64)

    def test_rows_of_no_scatter_do_not_hide_others(self):
        rows = noise(3, 7) + [[(1.0, 1.1)] * 7] * 50
        rows[0] = shifted(rows[0], 100)
        self.assertGreater(permutation.judge(rows, 0.05)[0].low, 0)
