# SPDX-License-Identifier: GPL-2.0-only
"""The page of a judgement: what it says first, and that all is there."""

import copy
import io
import os
import tempfile
import unittest
from unittest import mock

import page_check
import sample
from bench.page import changes, compare

NOTHING = {'ratio': None, 'percent': None, 'interval': None, 'p': None,
           'adjusted': None, 'verdict': None}


def change(percent, verdict, interval=(1.0, 9.0), adjusted=0.0021):
    return {'ratio': 1 + percent / 100, 'percent': percent,
            'interval': interval, 'p': adjusted / 2, 'adjusted': adjusted,
            'verdict': verdict}


def row(point, metric, changes, **more):
    figures = [{'samples': [1, 2, 3], 'median': 1000.0,
                'interval': [900.0, 1100.0]}] * (len(changes) + 1)
    return {'point': point, 'metric': metric, 'figures': figures,
            'changes': [None, *changes]} | more


def judgement(every=None, sides=2, points=4, **more):
    """Of IOPS and p99 where every change is the same."""
    changes = [every or change(5.25, 'better')] * (sides - 1)
    plan = [{'name': point['name'], 'axes': point['axes']}
            for point in sample.points(points)]
    metrics = [('iops', 'IOPS', 'higher'), ('lat_p99', 'p99 latency',
                                            'lower')]
    return {
        'format': 1, 'samples': 'rounds', 'level': 0.05, 'confidence': 0.95,
        'sides': [{'name': name, 'path': '/d/' + name, 'boots': 1,
                   'directories': ['/d/' + name], 'rounds': 7,
                   'environment': sample.environment()}
                  for name in 'ABC'[:sides]],
        'metrics': [{'name': name, 'title': title, 'unit': '', 'scale': 1,
                     'better': better, 'fails': True}
                    for name, title, better in metrics],
        'points': plan, 'differences': [], 'missing': [], 'notes': [],
        'summary': [row(None, name, changes, points=points)
                    for name, _, _ in metrics],
        'rows': [row(point['name'], name, changes) for point in plan
                 for name, _, _ in metrics],
        'regressions': [], 'fail_above': None, 'status': 0} | more


class Case(unittest.TestCase):
    def look(self, result):
        file = io.StringIO()
        before = copy.deepcopy(result)
        compare.write(result, file)
        self.assertEqual(result, before)
        page = page_check.check(file.getvalue())
        self.assertEqual(page.wrong, [])
        return page

    def says(self, result, *texts):
        page = self.look(result)
        for text in texts:
            self.assertTrue(text.replace('%', '\u202f%')
                            in page.text.replace(' %', '\u202f%'), text)
        return page


class Sentence(Case):
    def test_faster(self):
        self.says(judgement(), 'B is 5.2% faster than A, a significant '
                  'difference (IOPS +5.2%, 95% confidence interval +1.0% to '
                  '+9.0%, geometric mean of 4 points).')

    def test_slower(self):
        self.says(judgement(change(-5.25, 'worse')), 'B is 5.2% slower than')

    def test_no_difference(self):
        self.says(judgement(change(0.3, 'same')),
                  'No significant difference between B and A (IOPS +0.3%')

    def test_too_few_samples(self):
        self.says(judgement(change(20, 'few', None)),
                  'Too few rounds to tell whether B differs from A (IOPS '
                  '+20%, geometric mean')

    def test_nothing_to_compare(self):
        self.says(judgement(NOTHING), 'B cannot be compared with A')
        self.says(judgement(summary=[]), 'B cannot be compared with A')

    def test_another_metric_where_there_are_no_iops(self):
        result = judgement(change(-5.25, 'better'))
        result['summary'] = result['summary'][1:]
        self.says(result, 'B is 5.2% better than A, a significant difference '
                        '(p99 latency \u22125.2%')

    def test_each_of_three_sides(self):
        result = judgement(sides=3)
        for changed in result['summary'] + result['rows']:
            changed['changes'][2] = change(-3.1, 'worse', (-4.0, -2.0), 0.003)
        page = self.says(result, 'B is 5.2% faster than A',
                          'C is 3.1% slower than A', 'Change of C')
        for text in ('\u25b2 better', '\u25bc worse'):
            # in each row of the summary and of the points, and the legend
            self.assertEqual(page.text.count(text), 2 + 2 * 4 + 1)


class Page(Case):
    def test_pictures_of_changes_and_of_sides(self):
        page = self.says(judgement(points=12), 'Change by queue depth',
                          'By block size', 'Change of p99 latency')
        # two metrics; changes: 2 sizes + 2 depths; sides: 3 paths as well
        self.assertEqual(page.counts['figure'], 2 * (4 + 12))

    def test_an_interval_in_each_row(self):
        page = self.look(judgement(points=1))
        self.assertEqual(page.counts['circle'], 2 + 2)

    def test_tables_have_no_more_rows_than_help(self):
        most, changes.MOST = changes.MOST, 3
        self.addCleanup(setattr, changes, 'MOST', most)
        self.says(judgement(points=4), '3 of 4 points, the significant')

    def test_regressions(self):
        result = judgement(change(-5.25, 'worse'), fail_above=2.5)
        self.says(result, 'No regression above 2.5%')
        result['regressions'] = [
            {'side': 1, 'point': None, 'metric': 'iops', 'percent': -5.25},
            {'side': 1, 'point': 'x', 'metric': 'lat_p99', 'percent': None}]
        self.says(result, '2 regressions above 2.5%',
                  'B, all points: IOPS \u22125.2%', 'B, x: p99 latency from 0')

    def test_notes_differences_and_missing_points(self):
        result = judgement(
            notes=['only one boot of A'], missing=[
                {'side': 0, 'point': 'n', 'reason': None},
                {'side': 1, 'point': 'n', 'reason': None},
                {'side': 1, 'point': '<m>', 'reason': 'no heap'}],
            differences=[{'side': 1, 'what': what, 'base': '<a>',
                          'other': None, 'kind': kind}
                         for what, kind in (('fio version', 'refused'),
                                            ('drive iommu', 'loud'),
                                            ('kernel release', 'shown'))])
        self.says(result, 'only one boot of A', 'fio version <a> unknown '
                  'should match; compared with --force', 'affects results',
                  '2 points not compared', '<m> : missing in B (no heap)')

    def test_base_of_0(self):
        result = judgement()
        result['rows'][0]['changes'][1] = NOTHING | {
            'p': 0.01, 'adjusted': 0.02, 'verdict': 'worse'}
        result['rows'][0]['figures'] = [{'samples': [0], 'median': 0,
                                       'interval': None}, None]
        self.says(result, '\u25bc worse')

    def test_legend(self):
        self.says(judgement(), '~ No significant change',
                  'Mann-Whitney', 'Benjamini-Hochberg')

    def test_names_are_text(self):
        result = judgement()
        result['sides'][1]['name'] = '<script>alert(1)</script>'
        result['points'][0]['axes']['path'] = '</svg><script>'
        page = self.look(result)
        self.assertEqual(page.counts['script'], 1)

    def test_gnuplot_may_be_missing(self):
        with tempfile.TemporaryDirectory() as empty, \
                mock.patch.dict(os.environ, PATH=empty), \
                mock.patch('sys.stderr', io.StringIO()) as said:
            page = self.look(judgement(points=12))
        self.assertRegex(said.getvalue(), '^[^\n]*gnuplot: not found, so the '
                         'page lacks plots; install the package gnuplot-nox'
                         '\n$')
        self.assertIn('so the page lacks plots; install', page.text)
        self.assertNotIn('figure', page.counts)
        self.assertIn('direct-randread-4k-q1-j1', page.text)

    def test_environment_may_be_missing(self):
        result = judgement()
        result['sides'][0]['environment'] = None
        self.look(result)
