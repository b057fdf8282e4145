# SPDX-License-Identifier: GPL-2.0-only
"""The frame of a page: markup is whole, text is text, nothing is outside."""

import itertools
import math
import re
import unittest

import page_check
from bench.page import html, looks
from bench.page.html import Markup, cell, markup, tag


class Text(unittest.TestCase):
    def test_text_is_escaped_once(self):
        self.assertEqual(markup('<b>&"\''), '&lt;b&gt;&amp;&quot;&#x27;')
        self.assertEqual(markup(markup('<b>')), '&lt;b&gt;')
        self.assertEqual(markup(['a<', Markup('<br>')]), 'a&lt;<br>')

    def test_characters_that_no_page_may_have(self):
        self.assertEqual(markup('a\0b\x1b[1m\n'), 'a\ufffdb\ufffd[1m\n')
        self.assertEqual(markup('\udc80'), '?')

    def test_attributes(self):
        self.assertEqual(tag('a', 'x', class_='"', data_v=0, title=None),
                         '<a class="&quot;" data-v="0">x</a>')


class Table(unittest.TestCase):
    def test_unknown_is_empty_and_not_0(self):
        self.assertEqual(html.number(None, None),
                         '<td class="n" data-v="" aria-label="unknown">'
                         '</td>')
        self.assertIn('data-v="0"', html.number(('0', ''), 0))

    def test_sorted_by_the_value_and_not_by_its_words(self):
        self.assertIn('data-v="1200000"', html.number(('1.20', 'M'), 1.2e6))

    def test_long_ones_scroll_by_themselves(self):
        for count, tall in ((html.TALL, False), (html.TALL + 1, True)):
            text = html.table([html.heading('a')], [[cell('x')]] * count)
            self.assertEqual('class="wide tall"' in text, tall)
            self.assertIn('tabindex="0"', text)

    def test_headings_say_what_they_are(self):
        self.assertEqual(html.heading('a', True),
                         '<th scope="col" class="n">a</th>')


class Whole(unittest.TestCase):
    def test_is_whole_and_alone(self):
        content = [html.contents([('a', 'A')]),
                   html.section('a', 'A', tag('p', '</main><script>'))]
        page = page_check.check(html.page('<title>', content, 'made'))
        self.assertEqual(page.wrong, [])
        self.assertEqual(page.counts['script'], 1)
        self.assertIn('</main><script>', page.text)

    def test_the_check_sees_what_is_wrong(self):
        for text in ('<p>', '</p>', '<img src="x.png">', '<p id=a><p id=a>',
                     '<a href="#b"></a>', '<p onclick="x()"></p>',
                     '<style>@import "x"</style>',
                     '<a href="https://a"></a>'):
            self.assertTrue(page_check.check(text).wrong, text)

    def test_policy_lets_nothing_in(self):
        self.assertIn("default-src 'none'", html.page('', '', ''))


def linear(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.03928 else
            ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def oklab(colour):
    """Coordinates in which equal distances look alike; bottosson.github.io.
    """
    def times(matrix, vector):
        return [sum(a * b for a, b in zip(row, vector)) for row in matrix]
    cones = times(((0.41222, 0.53633, 0.05145), (0.21190, 0.68070, 0.10740),
                   (0.08830, 0.28172, 0.62998)), linear(colour))
    return times(((0.21045, 0.79362, -0.00407), (1.97800, -2.42859, 0.45059),
                  (0.02590, 0.78277, -0.80868)),
                 [cone ** (1 / 3) for cone in cones])


def luminance(colour):
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


class Colours(unittest.TestCase):
    def test_can_be_read_in_light_and_dark(self):
        """As the guidelines for web content have it: 4.5 for text, 3 for
        lines."""
        css = html.asset('page.css')
        light, dark = [dict(re.findall(r'--(\w+): (#\w{6})', part))
                       for part in css.split('@media')[:2]]
        self.assertEqual(light.keys(), dark.keys())
        for colours in (light, dark):
            paper = colours['paper']
            for name in ('ink', 'muted', 'good', 'bad', 'link'):
                for below in (paper, colours['shade']):
                    self.assertGreater(contrast(colours[name], below), 4.5,
                                       name)
            for name in ('axis', *looks.INKS):
                self.assertGreater(contrast(colours[name], paper), 3, name)

    def test_of_paths_and_sides_can_be_told_apart(self):
        css = html.asset('page.css')
        for part in css.split('@media')[:2]:
            colours = dict(re.findall(r'--(\w+): (#\w{6})', part))
            for kind in (looks.PATHS.values(), looks.SIDES):
                for one, other in itertools.combinations(kind, 2):
                    self.assertGreater(math.dist(
                        oklab(colours[one.ink]), oklab(colours[other.ink])),
                        0.09, (one.ink, other.ink))
