# SPDX-License-Identifier: GPL-2.0-only
"""Scales and their ticks."""

import unittest

from bench.page import scales


class Ends(unittest.TestCase):
    def test_from_0(self):
        self.assertEqual(scales.from_zero([3, 7]), (0, 7))
        self.assertEqual(scales.from_zero([0, 0]), (-1, 1))

    def test_symmetric(self):
        self.assertEqual(scales.symmetric([3, -7]), (-7, 7))
        self.assertEqual(scales.symmetric([0]), (-1, 1))

    def test_one_wild_value_does_not_flatten_the_others(self):
        values = [1.0, -1.5] * 20
        self.assertEqual(scales.symmetric_for_most(values + [60]), (-2, 2))
        self.assertEqual(scales.symmetric_for_most([0.01]), (-0.5, 0.5))
        self.assertEqual(scales.symmetric_for_most([]), (-1, 1))


class Steps(unittest.TestCase):
    def test_round_and_around_the_values(self):
        for low, high, expected in (
                (0, 100, [0, 25, 50, 75, 100]),
                (0, 103, [0, 50, 100, 150]),
                (-3, 5, [-4, -2, 0, 2, 4, 6]),
                (0, 0.004, [0, 0.001, 0.002, 0.003, 0.004])):
            steps = scales.round_steps(low, high)
            self.assertEqual([round(step, 9) for step in steps], expected)

    def test_logarithmic(self):
        self.assertEqual(scales.round_steps(7, 400, True),
                         [5, 10, 20, 50, 100, 200, 500])
        self.assertEqual(scales.round_steps(3, 90000, True),
                         [1, 10, 100, 1000, 10000, 100000])

    def test_cover_whatever_there_is(self):
        for logarithmic in (False, True):
            for low, high in ((1, 1.0001), (0.3, 7), (1e-9, 1e9), (5, 5e5),
                              (999.9, 1000.1)):
                steps = scales.round_steps(low, high, logarithmic)
                self.assertLessEqual(steps[0], low * 1.001)
                self.assertGreaterEqual(steps[-1], high)
                self.assertTrue(2 <= len(steps) <= 25, steps)


class Ticks(unittest.TestCase):
    def test_are_within_and_have_room_for_their_labels(self):
        for ends in ((0, 13300), (-5, 5), (-0.5, 0.5), (1, 7), (0, 1)):
            for text in (str, '{:.9f}'.format):
                ticks = scales.ticks_within(ends, text, 180)
                self.assertTrue(ticks, ends)
                self.assertTrue(ends[0] <= ticks[0] <= ticks[-1] <= ends[1])
                places = [scales.place(tick, ends, 0, 180) for tick in ticks]
                for one, two in zip(places, places[1:]):
                    self.assertGreater(
                        two - one, scales.LETTER * len(text(ticks[0])))

    def test_not_closer_than_asked(self):
        self.assertEqual(scales.ticks_within((1, 3), '{:g}'.format, 180, 1),
                         [1, 2, 3])

    def test_axis_has_a_mark_and_a_label_for_each(self):
        axis = scales.axis((-5, 5), scales.change_tick, 190, 6)
        self.assertIn('+5\u202f%</text>', axis)
        self.assertEqual(axis.count('v4'), axis.count('<text'))
        self.assertGreaterEqual(axis.count('<text'), 3)

    def test_labels_are_not_cut(self):
        self.assertIn('x="19.6"', scales.label(2, 9, '1234567', 190))
        self.assertIn('x="170.4"', scales.label(190, 9, '1234567', 190))
