# SPDX-License-Identifier: GPL-2.0-only
"""Figures as people read them."""

import unittest

from bench import format
from bench.page import display, strip


class Shown(unittest.TestCase):
    def test_three_digits_and_the_unit_that_fits(self):
        for name, value, expected in (
                ('iops', 0, '0'), ('iops', 0.5, '0.500'), ('iops', 87, '87.0'),
                ('iops', 1234, '1234'), ('iops', 9999, '9999'),
                ('iops', 9999.7, '10.0 k'), ('iops', 123456, '123 k'),
                ('iops', 999600, '1.00 M'), ('iops', 12345678, '12.3 M'),
                ('bw', 3.21e9, '3.21 GB/s'), ('bw', 4e6, '4.00 MB/s'),
                ('bw', 12, '0.0120 kB/s'),
                ('lat_p99', 850, '0.850 \u00b5s'),
                ('lat_p99', 84300, '84.3 \u00b5s'),
                ('lat_p99', 999600, '1.00 ms'), ('lat_p99', 2.5e9, '2.50 s'),
                ('cpu', 1.234, '1.23 \u00b5s'), ('cpu', 1500, '1.50 ms'),
                ('maps', 1.003, '1.00'), ('maps', 0, '0'),
                ('maps', 0.0004, '0'), ('maps', 0.0123, '0.012'),
                ('unheard', 2, '2.00')):
            self.assertEqual(display.shown(name, value), expected)

    def test_large_numbers_are_grouped(self):
        self.assertEqual(format.digits(1234567), '1\u202f230\u202f000')
        self.assertEqual(format.digits(-12345), '\u221212\u202f300'
                         .replace('\u2212', '-'))

    def test_ticks_are_short(self):
        for name, value, expected in (
                ('iops', 0, '0'), ('iops', 150000, '150 k'),
                ('bw', 0, '0'), ('bw', 2.5e9, '2.5 GB/s'),
                ('lat_p99', 1e6, '1 ms')):
            self.assertEqual(display.tick(name, value), expected)

    def test_percent(self):
        for value, expected in (
                (0, '0.0\u202f%'), (0.04, '0.0\u202f%'),
                (-0.04, '0.0\u202f%'), (5.26, '+5.3\u202f%'),
                (-5.26, '\u22125.3\u202f%'), (9.96, '+10\u202f%'),
                (123.4, '+123\u202f%')):
            self.assertEqual(format.change(value), expected)

    def test_probability(self):
        for value, expected in ((0.00004, '< 0.001'), (0.0123, '0.012'),
                                (0.0502, '0.0502'), (0.04996, '0.0500'),
                                (1, '1.000')):
            self.assertEqual(format.probability(value), expected)

    def test_spread(self):
        self.assertAlmostEqual(display.spread([9, 10, 12]), 30)
        self.assertIsNone(display.spread([9]))
        self.assertIsNone(display.spread([0, 0, 9]))

    def test_sizes(self):
        self.assertEqual(format.block_size(4096), '4k')
        self.assertEqual(format.block_size('4k,64k'), '4k,64k')
        self.assertEqual(display.size_bytes('128k'), 131072)
        self.assertIsNone(display.size_bytes('4k,64k'))


class Strip(unittest.TestCase):
    def test_what_is_beyond_the_scale_is_an_arrow(self):
        inside = strip.interval((-5, 5), -1, 0, 4, 's1', 'words')
        beyond = strip.interval((-5, 5), -9, 0, 9, 's1', 'words')
        self.assertEqual(inside.count('z"'), 0)
        self.assertEqual(beyond.count('z"'), 2)

    def test_without_an_interval_there_is_a_dot(self):
        text = strip.interval((-5, 5), None, 1, None, 's1', 'a<b')
        self.assertEqual(text.count('<circle'), 1)
        self.assertIn('aria-label="a&lt;b"', text)

    def test_bar_is_from_0(self):
        bar = strip.interval((0, 10), 4, 5, 6, 's1', 'a', bar=True)
        self.assertIn('M6.0,4V16H95.0V4z', bar)

    def test_scale(self):
        self.assertEqual(strip.around_zero([3, -7]), (-7, 7))
        self.assertEqual(strip.around_zero([0]), (-1, 1))
        self.assertEqual(strip.scale([3, 7]), (0, 7))
        self.assertEqual(strip.scale([0, 0]), (-1, 1))
