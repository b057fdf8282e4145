# SPDX-License-Identifier: GPL-2.0-only
"""The distribution of the latency: what is read, and what is drawn of it."""

import json
import os
import re
import tempfile
import unittest
from xml.etree import ElementTree

import page_check
import sample
from bench.page import command as report, latency, looks


def bins(*pairs):
    return {'lat_ns': {'bins': dict(pairs)}, 'total_ios': 1}


class Bins(unittest.TestCase):
    def test_jobs_and_directions_together(self):
        result = {'jobs': [{'read': bins(('100', 3)),
                            'write': bins(('100', 1), ('200', 2))},
                           {'read': bins(('50', 4)),
                            'write': {'total_ios': 0}}]}
        self.assertEqual(latency.bins_of(result),
                         [{100: 3}, {100: 1, 200: 2}, {50: 4}])

    def test_one_without_is_none_at_all(self):
        for other in ({'lat_ns': {}, 'total_ios': 1},
                      {'lat_ns': {'bins': {}}, 'total_ios': 1},
                      {'lat_ns': {'bins': 7}, 'total_ios': 1},
                      {'lat_ns': {'bins': {'x': 1}}, 'total_ios': 1}):
            self.assertEqual(latency.bins_of({'jobs': [
                {'read': bins(('100', 3)), 'write': other}]}), [])

    def test_what_fio_does_not_write(self):
        for result in ({}, {'jobs': 3}, {'jobs': [3]}, {'jobs': None}):
            self.assertEqual(latency.bins_of(result), [])


class Picture(unittest.TestCase):
    LINES = [('direct', looks.of_path('direct'),
              [(1000, 50), (10000, 49), (100000, 1)]),
             ('host', looks.of_path('host'), [(2000, 100)])]

    def test_shares_are_cumulative(self):
        self.assertEqual(latency.cumulative(self.LINES[0][2]),
                         [(1000, 0.5), (10000, 0.99), (100000, 1)])

    def test_axes_are_logarithmic(self):
        axes = latency.Axes(self.LINES)
        places = [axes.across(ns) for ns in (1000, 10000, 100000)]
        self.assertAlmostEqual(places[1] - places[0], places[2] - places[1])
        heights = [axes.up(share) for share in (0, 0.9, 0.99)]
        self.assertAlmostEqual(heights[1] - heights[0],
                               heights[2] - heights[1])

    def test_marks_are_at_the_percentiles(self):
        root = ElementTree.fromstring(latency.picture('4k', self.LINES))
        said = [title.text.replace('\u202f', ' ')
                for title in root.iter('title')]
        # no more nines than 100 I/Os can have
        self.assertEqual(said, [
            'direct: 50 % within 1.00 \u00b5s',
            'direct: 99 % within 10.0 \u00b5s',
            'host: 50 % within 2.00 \u00b5s',
            'host: 99 % within 2.00 \u00b5s'])
        self.assertIn('host: 50\u202f% within 2.00', root.get('aria-label'))

    def test_ticks(self):
        root = ElementTree.fromstring(latency.picture('4k', self.LINES))
        said = [text.text.replace('\u202f', ' ')
                for text in root.iter('text')]
        self.assertEqual(said, ['0 %', '50 %', '90 %', '99 %', '1 \u00b5s',
                                '10 \u00b5s', '100 \u00b5s', 'latency'])

    def test_one_bin(self):
        for some in ([(1000, 1)], [(0, 5)], [(1000, 10 ** 9)]):
            ElementTree.fromstring(latency.picture(
                '', [('a', looks.of_side(0), some)]))

    def test_many_bins_take_little_room(self):
        many = [(1000 + number, 1 + number % 7) for number in range(100000)]
        text = latency.picture('', [('a', looks.of_side(0), many)])
        self.assertLess(len(text), 12000)


class Section(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.TemporaryDirectory()
        self.addCleanup(self.top.cleanup)
        self.path = os.path.join(self.top.name, 'd')

    def edit(self, name, function):
        """A file of fio and its size in the index."""
        file = os.path.join(self.path, name)
        with open(file, encoding='utf-8') as f:
            text = function(f.read())
        with open(file, 'w', encoding='utf-8') as f:
            f.write(text)
        index = os.path.join(self.path, 'index.jsonl')
        with open(index, encoding='utf-8') as f:
            lines = [json.loads(line) for line in f]
        with open(index, 'w', encoding='utf-8') as f:
            for line in lines:
                if line['file'] == name:
                    line['bytes'] = os.stat(file).st_size
                f.write(json.dumps(line) + '\n')

    def section(self):
        page = page_check.check(report.page_of(self.path))
        self.assertEqual(page.wrong, [])
        return page.text

    def test_of_the_rounds_together(self):
        sample.directory(self.path, sample.points(1), rounds=2)
        results = report.load(self.path)
        histogram, = results['histograms'].values()
        total = sum(int(line['metrics']['iops'])
                    for line in results['points'][0]['lines'])
        self.assertEqual(sum(number for _, number in histogram.bins), total)

    def test_a_damaged_file_is_left_out_and_said_once(self):
        sample.directory(self.path, sample.points(1), rounds=2)
        whole, = report.load(self.path)['histograms'].values()
        name = 'direct-randread-4k-q1-j1/r02.json'
        os.truncate(os.path.join(self.path, name), 10)
        part, = report.load(self.path)['histograms'].values()
        self.assertLess(sum(number for _, number in part.bins),
                        sum(number for _, number in whole.bins) * 0.6)
        self.assertEqual(self.section().count(name), 1)
        os.unlink(os.path.join(self.path, name))
        self.assertEqual(self.section().count(name), 1)

    def test_a_file_of_its_size_that_is_no_json(self):
        sample.directory(self.path, sample.points(1), rounds=2)
        name = 'direct-randread-4k-q1-j1/r01.json'
        self.edit(name, lambda text: text[:-9])
        self.assertRegex(self.section(), name + ': empty, cut off or not JSON')

    def test_files_without_histograms(self):
        sample.directory(self.path, sample.points(2), rounds=2)
        for number in (1, 2):
            self.edit(f'direct-randread-4k-q1-j1/r0{number}.json',
                      lambda text: re.sub('"bins": {[^}]*}', '"bins": {}',
                                          text))
        text = self.section()
        self.assertIn('2 measurements without a histogram left out', text)
        self.assertIn('Latency distribution', text)

    def test_no_file_at_all(self):
        sample.directory(self.path, sample.points(2), rounds=1, files=False)
        self.assertNotIn('Latency distribution:', self.section())

    def test_many_groups_are_folded_and_some_left_out(self):
        sample.directory(self.path, sample.points(200), rounds=1)
        text = self.section()
        self.assertIn(f'{latency.MOST} plots', text)
        self.assertIn(f'{67 - latency.MOST} more groups of points not drawn',
                      text)

    def test_depths_are_lines_where_there_is_one_path(self):
        sample.directory(self.path, sample.points(8, ['host']), rounds=1)
        group, *_ = latency.groups(report.load(self.path)['points'])
        self.assertEqual({point['axes']['path'] for point in group}, {'host'})
        self.assertGreater(len(group), 1)
