# SPDX-License-Identifier: GPL-2.0-only
"""Run charts: values of one or more sides on one time axis."""

import re
import unittest
from xml.etree import ElementTree

from bench.page import cells, looks, runs


def chart(*lines, ends=(-5, 5), times=(0, 10), **more):
    return runs.chart([(looks.of_side(number), list(line))
                       for number, line in enumerate(lines)], ends, times,
                      'a<b', **more)


class Chart(unittest.TestCase):
    def marks(self, picture):
        """Where each line has its marks, left to right."""
        paths = [path.get('d') for path in ElementTree.fromstring(
            picture).iter('path') if path.get('fill', '').startswith('var(')]
        return [[tuple(map(float, place)) for place in
                 re.findall(r'M([\d.]+),([\d.]+)', path)] for path in paths]

    def test_in_the_order_of_time(self):
        marks, = self.marks(chart([(10, 1), (0, -1), (5, 0)]))
        self.assertEqual(len(marks), 3)
        self.assertEqual(marks, sorted(marks))
        # a larger value is higher up
        self.assertEqual([y for _, y in marks],
                         sorted((y for _, y in marks), reverse=True))

    def test_sides_share_the_axes_and_differ_in_colour_and_mark(self):
        picture = chart([(0, 1), (4, 1)], [(2, 1), (6, 1)])
        one, two = self.marks(picture)
        self.assertEqual({y for _, y in one + two}, {one[0][1]})
        self.assertEqual([x for x, _ in sorted(one + two)],
                         [one[0][0], two[0][0], one[1][0], two[1][0]])
        for number in range(2):
            look = looks.of_side(number)
            self.assertIn(f'var(--{look.ink})', picture)
            self.assertIn(look.small_mark(), picture)

    def test_beyond_the_scale_is_an_arrow(self):
        arrow = 'm-3,0l3-4l3,4z'
        self.assertNotIn(arrow, chart([(0, 5)]))
        self.assertIn(arrow, chart([(0, 6)]))
        marks, = self.marks(chart([(0, 60)]))
        self.assertEqual(marks[0][1], runs.EDGE)

    def test_one_moment(self):
        marks, = self.marks(chart([(3, 0)], times=(3, 3)))
        self.assertTrue(runs.LEFT < marks[0][0] < runs.WIDTH)

    def test_a_new_boot_is_a_line(self):
        self.assertEqual(chart([(0, 1)], breaks=[2, 3]).count('dasharray'), 2)

    def test_what_was_left_out_is_a_cross_beside_the_line(self):
        picture = chart([(0, 1), (8, 1)],
                        left_out=[(looks.of_side(1), 4, 60)])
        self.assertEqual(picture.count(cells.CROSS), 1)
        marks, = self.marks(picture)
        self.assertEqual(len(marks), 2)
        self.assertIn(f'stroke="var(--{looks.of_side(1).ink})" fill="none"',
                      picture)

    def test_words_are_text(self):
        self.assertIn('aria-label="a&lt;b"', chart([(0, 1)]))


class Words(unittest.TestCase):
    def test_few_and_many(self):
        self.assertEqual(runs.told([('round 1', '5'), ('round 2', '6')]),
                         'round 1: 5, round 2: 6')
        many = runs.told((number, number) for number in range(100))
        self.assertTrue(many.startswith('0: 0, ') and many.endswith('99: 99'))
        self.assertEqual(many.count(','), runs.TOLD)


class Axes(unittest.TestCase):
    def test_have_ticks_of_values_and_times(self):
        axes = runs.axes((-5, 5), (1, 7), str, '{:g}'.format)
        texts = [text.text for text in
                 ElementTree.fromstring(axes).iter('text')]
        self.assertEqual(texts[:3], ['-5', '0', '5'])
        self.assertGreaterEqual(len(texts), 3 + 2)
