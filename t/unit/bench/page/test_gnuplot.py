# SPDX-License-Identifier: GPL-2.0-only
"""Pictures: what gnuplot is told, and what becomes of its answer."""

import os
import tempfile
import unittest
from unittest import mock
from xml.etree import ElementTree

from bench.page import gnuplot, looks
from vm.problem import Problem

HOSTILE = '\'"; system("touch /tmp/x"); <script>&'


def one(**changes):
    plot = {'title': 'IOPS', 'x': 'queue depth', 'logx': True,
            'xticks': [(1, '1'), (32, '32')], 'yticks': str,
            'series': [{'name': 'host', 'look': looks.of_path('host'),
                        'points': [(1, 10, 9, 12), (32, 50, 40, 51)]},
                       {'name': HOSTILE, 'look': looks.of_path('direct'),
                        'points': [(1, 20, 20, 20)]}],
            'tooltip': lambda name, point: f'{name} at {point[0]}: {point[1]}',
            'alternative': f'All of {HOSTILE}.'}
    return plot | changes


def elements(picture, name):
    return ElementTree.fromstring(picture).iter(name)


class Steps(unittest.TestCase):
    def test_reach_from_0_unless_asked(self):
        plot = one(series=[{'points': [(1, 90, 80, 100)]}])
        self.assertEqual(gnuplot.y_steps(plot)[0], 0)
        self.assertEqual(gnuplot.y_steps(plot | {'zoom': True})[0], 80)

    def test_reach_of_nothing_but_0(self):
        plot = one(series=[{'points': [(1, 0, 0, 0)]}])
        self.assertGreater(gnuplot.y_steps(plot)[-1], 0)


class Draw(unittest.TestCase):
    def test_nothing_to_draw_needs_no_gnuplot(self):
        with mock.patch.dict(os.environ, PATH=''):
            self.assertEqual(gnuplot.draw([]), [])

    def test_a_picture_of_each(self):
        pictures = gnuplot.draw([one(), one(logy=True), one(logx=False),
                              one(side_by_side=True, zoom=True,
                                  lines=[(1, 10, 32, 50, True)],
                                  window=(1, 32))])
        self.assertEqual(len(pictures), 4)
        for picture in pictures:
            root = ElementTree.fromstring(picture)
            self.assertEqual(root.get('role'), 'img')
            self.assertEqual(root.get('aria-label'), f'All of {HOSTILE}.')
            said = [element.text for element in root.iter('title')]
            self.assertEqual(said, ['host at 1: 10', 'host at 32: 50',
                                    f'{HOSTILE} at 1: 20'])

    def test_colours_are_those_of_the_page(self):
        picture, = gnuplot.draw([one()])
        self.assertIn('var(--s1)', picture)
        self.assertIn('var(--s3)', picture)
        self.assertNotIn('rgb(', picture)

    def test_has_no_names_and_nothing_from_outside(self):
        picture, = gnuplot.draw([one()])
        for text in (' id=', 'href', 'http', 'xmlns', '<use'):
            self.assertNotIn(text, picture)

    def test_no_word_of_a_user_reaches_gnuplot(self):
        self.assertNotIn('system', gnuplot.commands(one(), '0.svg'))

    def test_labels_are_no_formats(self):
        plot = one(yticks=lambda value: f"{value:g}%s it's")
        picture, = gnuplot.draw([plot])
        said = [element.text for element in elements(picture, 'text')]
        self.assertIn("0%s it's", said)

    def test_one_point_at_0(self):
        plot = one(logx=False, xticks=[(0, '0')],
                   series=[{'name': 'a', 'look': looks.of_side(0),
                            'points': [(0, 0, 0, 0)]}])
        self.assertIn('a at 0: 0', gnuplot.draw([plot])[0])


class Gnuplot(unittest.TestCase):
    def fails(self, script, regex):
        with tempfile.TemporaryDirectory() as path:
            if script:
                file = os.path.join(path, 'gnuplot')
                with open(file, 'w', encoding='utf-8') as output:
                    output.write(script)
                os.chmod(file, 0o755)
            with mock.patch.dict(os.environ, PATH=path):
                with self.assertRaisesRegex(Problem, regex):
                    gnuplot.draw([one()])

    def test_missing(self):
        self.fails(None, '^gnuplot: not found; install the package '
                         'gnuplot-nox$')

    def test_fails(self):
        self.fails('#!/bin/sh\necho "unknown terminal" >&2\nexit 1\n',
                   'exit status 1: unknown terminal; check that gnuplot '
                   'has the svg terminal$')

    def test_cannot_be_run(self):
        self.fails('#!/nowhere\n', 'No such file')

    def test_writes_nothing(self):
        self.fails('#!/bin/sh\nexec /bin/cat >/dev/null\n',
                   'drew nothing; check that gnuplot has the svg terminal$')
