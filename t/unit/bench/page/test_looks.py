# SPDX-License-Identifier: GPL-2.0-only
"""Colours and marks: one for each path and side, and none like another."""

import itertools
import unittest

from bench.page import looks
from bench.plan import paths


class Looks(unittest.TestCase):
    def differ(self, some):
        for one, other in itertools.combinations(some, 2):
            self.assertNotEqual(one, other)

    def test_every_path_has_its_own_colour(self):
        self.assertEqual(set(looks.PATHS), set(paths.PATHS))
        self.differ([look.ink for look in looks.PATHS.values()])

    def test_paths_of_one_plot_differ_in_their_marks(self):
        """As they do in the ladder: six with depths, or those of the engine.
        """
        self.differ([looks.of_path(path).shape for path in (
            'io_uring', 'fixed', 'host', 'staged', 'pinned', 'direct')])

    def test_sides_differ_from_paths_and_from_each_other(self):
        sides = [looks.of_side(number) for number in range(8)]
        self.differ(sides)
        self.assertFalse({look.ink for look in sides} &
                         {look.ink for look in looks.PATHS.values()})

    def test_others_differ(self):
        for count in range(1, looks.MOST + 1):
            self.differ(looks.of_others(count))

    def test_paths_that_nobody_knows(self):
        some = looks.of_paths(['direct', 'x', 'y'])
        self.assertEqual(some['direct'], looks.of_path('direct'))
        self.differ(some.values())

    def test_a_legend_shows_the_mark(self):
        legend = looks.legend_list([('a<', looks.of_path('staged'))])
        self.assertIn('var(--s2)', legend)
        self.assertIn(looks.SHAPES[1], legend)
        self.assertIn('a&lt;', legend)
