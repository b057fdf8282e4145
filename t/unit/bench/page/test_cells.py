# SPDX-License-Identifier: GPL-2.0-only
"""Cells of a table, and the small pictures in them."""

import re
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
        self.assertIn('M6.0,4v12H95.0v-12z', bar)

    def test_a_dot_for_each_sample_below_the_line(self):
        text = cells.whisker((-5, 5), -1, 0, 1, 's1', 'a', samples=(-1, 0, 1))
        self.assertEqual(text.count('h0'), 3)
        self.assertNotIn('z"', text)
        # on the scale of the line: from the least to the greatest
        line = re.search(r'd="M([\d.]+),6H([\d.]+)"', text).groups()
        dots = re.findall(r'M([\d.]+),16h0', text)
        self.assertEqual((dots[0], dots[-1]), line)

    def test_samples_beyond_the_scale_are_arrows(self):
        text = cells.whisker((-5, 5), -1, 0, 1, 's1', 'a', samples=(-9, 0, 9))
        self.assertEqual((text.count('h0'), text.count('z"')), (1, 2))

    def test_samples_left_out_are_crosses(self):
        text = cells.whisker((-5, 5), -1, 0, 1, 's1', 'a', samples=(1, 2),
                             left_out=(3,))
        self.assertEqual((text.count('h0'), text.count(cells.CROSS)), (2, 1))

    def test_margin_is_a_band_around_0(self):
        text = cells.whisker((-5, 5), -1, 0, 1, 's1', 'a', margin=2.5)
        band = re.search(r'd="M([\d.]+),0H([\d.]+)V20H', text).groups()
        self.assertEqual(sum(map(float, band)), cells.WIDTH)
        # half of the scale
        self.assertEqual(float(band[1]) - float(band[0]),
                         cells.WIDTH / 2 - cells.EDGE)

    def test_a_value_alone_beyond_the_scale_is_an_arrow(self):
        text = cells.whisker((-5, 5), None, 9, None, 's1', 'a')
        self.assertEqual((text.count('z"'), text.count('<circle')), (1, 0))

    def test_heading_has_the_axis(self):
        text = cells.whisker_heading('IOPS', (0, 10), '{:g}'.format)
        self.assertIn('IOPS<svg class="axis"', text)
        self.assertIn('>0</text>', text)
