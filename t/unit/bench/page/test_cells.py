# SPDX-License-Identifier: GPL-2.0-only
"""Cells of a table, and the small pictures in them."""

import unittest

from bench.page import cells


class Whisker(unittest.TestCase):
    def test_what_is_beyond_the_scale_is_an_arrow(self):
        inside = cells.whisker((-5, 5), -1, 0, 4, 's1', 'words')
        beyond = cells.whisker((-5, 5), -9, 0, 9, 's1', 'words')
        self.assertEqual(inside.count('z"'), 0)
        self.assertEqual(beyond.count('z"'), 2)

    def test_without_an_interval_there_is_a_dot(self):
        text = cells.whisker((-5, 5), None, 1, None, 's1', 'a<b')
        self.assertEqual(text.count('<circle'), 1)
        self.assertIn('aria-label="a&lt;b"', text)

    def test_bar_is_from_0(self):
        bar = cells.whisker((0, 10), 4, 5, 6, 's1', 'a', bar=True)
        self.assertIn('M6.0,4V16H95.0V4z', bar)

    def test_scale(self):
        self.assertEqual(cells.symmetric_scale([3, -7]), (-7, 7))
        self.assertEqual(cells.symmetric_scale([0]), (-1, 1))
        self.assertEqual(cells.scale([3, 7]), (0, 7))
        self.assertEqual(cells.scale([0, 0]), (-1, 1))
