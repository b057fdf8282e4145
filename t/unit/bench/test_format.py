# SPDX-License-Identifier: GPL-2.0-only
"""Numbers as people read them."""

import unittest

from bench import format


class Plain(unittest.TestCase):
    def test_numbers_have_four_digits(self):
        for value, text in ((0, '0'), (1234567.8, '1,234,568'),
                            (999.96, '1,000.0'), (123.45, '123.5'),
                            (12.345, '12.35'), (1.2345, '1.234'),
                            (0.01234, '0.012'), (0.0001234, '0.00012')):
            self.assertEqual(format.plain_number(value), text)

    def test_changes_and_intervals(self):
        for value, text in ((0, '+0.0 %'), (-5.26, '-5.3 %'),
                            (1234.5, '+1234 %')):
            self.assertEqual(format.plain_change(value), text)
        self.assertEqual(format.plain_interval((-1, 2.5)),
                         '-1.0 % .. +2.5 %')
        self.assertEqual(format.plain_interval(None), '')

    def test_probability(self):
        for value, text in ((None, ''), (0.00004, '<0.0001'),
                            (0.0123, '0.012'), (0.2, '0.20'), (1, '1.00')):
            self.assertEqual(format.plain_probability(value), text)

    def test_values_are_one_printable_line(self):
        self.assertEqual(format.one_line('a\n\x1b[31m b'), 'a ?[31m b')
        self.assertEqual(format.one_line(None), 'unknown')
        self.assertEqual(len(format.one_line(['x' * 500])), 100)


class Page(unittest.TestCase):
    def test_large_numbers_are_grouped(self):
        self.assertEqual(format.digits(1234567), '1\u202f230\u202f000')
        self.assertEqual(format.digits(-12345), '\u221212\u202f300'
                         .replace('\u2212', '-'))

    def test_change(self):
        for value, expected in (
                (0, '0.0\u202f%'), (0.04, '0.0\u202f%'),
                (-0.04, '0.0\u202f%'), (5.26, '+5.3\u202f%'),
                (-5.26, '\u22125.3\u202f%'), (9.96, '+10\u202f%'),
                (123.4, '+123\u202f%')):
            self.assertEqual(format.change(value), expected)
        self.assertEqual(format.interval((-1, 2.5)),
                         '\u22121.0\u202f% to +2.5\u202f%')

    def test_percent(self):
        for value, expected in ((0, '0.0\u202f%'), (5.26, '5.3\u202f%'),
                                (9.96, '10\u202f%')):
            self.assertEqual(format.percent(value), expected)
        self.assertEqual(format.share(0.05), '5\u202f%')

    def test_probability(self):
        for value, expected in ((0.00004, '< 0.001'), (0.0123, '0.012'),
                                (0.0502, '0.0502'), (0.04996, '0.0500'),
                                (1, '1.000')):
            self.assertEqual(format.probability(value), expected)

    def test_block_sizes(self):
        self.assertEqual(format.size_text(4096), '4k')
        self.assertEqual(format.size_text('4k,64k'), '4k,64k')

    def test_capacity(self):
        self.assertEqual(format.capacity(10 ** 12),
                         '1\u202f000\u202f000\u202f000\u202f000 '
                         '(1.00 TB)')


if __name__ == '__main__':
    unittest.main()
