# SPDX-License-Identifier: GPL-2.0-only
"""Every format of the judgement, read again."""

import copy
import csv
import io
import json
import unittest
import xml.etree.ElementTree as xml

import sample
from bench.compare import command as compare, judge, text, words
from sides import fake


def judgement():
    """Three sides: one point of B is worse, one is missing there, C has
    too few rounds, and all sorts of things differ.
    """
    plan = sample.points(4)
    worse = {plan[0]['name']: {'speed': 0.8}}
    sides = [fake('top/old', plan, rounds=9),
             fake('top/new', plan[:3], 2, rounds=9, changes=worse),
             fake('top/short', plan, 3, rounds=1)]
    return judge.judge(sides, [
        {'side': 1, 'what': 'drive model', 'base': 'A | B', 'other': '<C>',
         'kind': 'refused'},
        {'side': 1, 'what': 'drives controllers iommu', 'base': 'DMA',
         'other': 'identity', 'kind': 'loud'},
        {'side': 2, 'what': 'kernel release', 'base': '6.12',
         'other': '6.18\x01', 'kind': 'shown'}])


def written(kind, what=None):
    out = io.StringIO()
    compare.writer(kind)(what or JUDGEMENT, out)
    return out.getvalue()


JUDGEMENT = judgement()
NAME = JUDGEMENT['rows'][0]['point']
WORSE = next(row for row in JUDGEMENT['rows'] if row['metric'] == 'iops')


class Text(unittest.TestCase):
    def setUp(self):
        self.text = written('text')
        self.lines = self.text.splitlines()

    def test_what_differs_stands_at_the_top(self):
        labels = [line[:20].split('  ')[0].strip() for line in self.lines[:7]]
        self.assertEqual(labels, ['A', 'B', 'C', 'MISMATCH of B',
                                  'IOMMU MODE of B', 'differs of C',
                                  'missing in B'])
        self.assertIn('drive model: A | B | <C>', self.lines[3])

    def test_a_reason_of_many_points_is_said_once(self):
        changed = copy.deepcopy(JUDGEMENT)
        changed['missing'] = [{'side': 1, 'point': point, 'reason': reason}
                           for point, reason in (('a', 'no heap'), ('b', None),
                                                 ('c', 'no heap'))]
        self.assertEqual([line for line in words.preamble(changed)
                          if line[0].startswith('missing')],
                         [('missing in B', '2 points: a, c (no heap)'),
                          ('missing in B', '1 point: b')])

    def test_figures(self):
        at = self.lines.index('IOPS (higher is better)')
        line = next(line for line in self.lines[at:]
                    if line.startswith(NAME + ' '))
        for number in (0, 1):
            median = WORSE['figures'][number]['median']
            self.assertIn(f' {median:,.0f} ', line)
        self.assertIn(f' {WORSE["changes"][1]["percent"]:+.1f} % WORSE ',
                      line)
        self.assertRegex(line, r' \?$| \? ')

    def test_columns_are_in_line(self):
        at = self.lines.index('IOPS (higher is better)')
        ends = {len(line.split(' .. ')[0]) for line in self.lines[at:]
                if ' .. ' in line}
        self.assertEqual(len({line.index(' A ') for line in self.lines
                              if line.lstrip().startswith('A  ') and
                              'change' in line}), 1)
        self.assertLessEqual(len(ends), 8)

    def test_outcome_is_last(self):
        self.assertRegex(self.lines[-1], r'^\d+ regressions?: ')

    def test_no_regression(self):
        base = fake('a')
        output = written('text', judge.judge([base, base], fail_above=3))
        self.assertEqual(output.splitlines()[-1],
                         'No regression above 3 % (iops, lat_p99, cpu).')
        self.assertNotIn('WORSE', output)


class Markdown(unittest.TestCase):
    def test_every_row_has_every_cell(self):
        output = written('markdown')
        rows = [line for line in output.splitlines() if line.startswith('| ')]
        columns = len(text.columns(JUDGEMENT))
        for row in rows:
            self.assertEqual(row.replace('\\|', '').count('|'), columns + 1)
        self.assertGreater(len(rows), 3 * 8)

    def test_its_own_characters_are_escaped(self):
        output = written('markdown')
        self.assertIn('A \\| B \\| \\<C\\>', output)
        self.assertIn('\\~', output)


class Csv(unittest.TestCase):
    def setUp(self):
        self.rows = list(csv.DictReader(io.StringIO(written('csv'))))

    def kind(self, kind):
        return [row for row in self.rows if row['kind'] == kind]

    def test_a_line_for_each_point_metric_and_side(self):
        self.assertEqual(len(self.kind('point')),
                         2 * len(JUDGEMENT['rows']))
        self.assertEqual(len(self.kind('summary')),
                         2 * len(JUDGEMENT['summary']))

    def test_figures_are_exact(self):
        row = next(row for row in self.kind('point')
                   if (row['point'], row['metric'], row['side']) ==
                   (NAME, 'iops', 'new'))
        figures, change = WORSE['figures'], WORSE['changes'][1]
        self.assertEqual(float(row['base_median']), figures[0]['median'])
        self.assertEqual(float(row['median']), figures[1]['median'])
        self.assertEqual(float(row['low']), figures[1]['interval'][0])
        self.assertEqual(float(row['percent_high']), change['interval'][1])
        self.assertEqual((int(row['base_n']), int(row['n'])), (9, 9))
        self.assertEqual(row['verdict'], 'worse')

    def test_what_is_unknown_is_empty(self):
        row = next(row for row in self.kind('point')
                   if row['side'] == 'short')
        self.assertEqual((row['low'], row['percent_low']), ('', ''))

    def test_what_differs_and_is_missing(self):
        self.assertEqual(self.rows[0]['kind'], 'difference refused')
        self.assertEqual(self.rows[0]['text'], 'drive model: A | B | <C>')
        self.assertEqual([row['point'] for row in self.kind('missing')],
                         [JUDGEMENT['missing'][0]['point']])


class Json(unittest.TestCase):
    def test_it_is_the_judgement(self):
        expected = json.loads(json.dumps(JUDGEMENT))
        self.assertEqual(json.loads(written('json')), expected)


class Junit(unittest.TestCase):
    def setUp(self):
        self.top = xml.fromstring(written('junit').split('\n', 1)[1])

    def test_suites(self):
        suites = self.top.findall('testsuite')
        self.assertEqual([suite.get('name') for suite in suites],
                         ['new', 'short'])
        for suite in suites + [self.top]:
            cases = list(suite.iter('testcase'))
            self.assertEqual(int(suite.get('tests')), len(cases))
            for name, kind in (('failures', 'failure'),
                               ('skipped', 'skipped')):
                self.assertEqual(int(suite.get(name)), sum(
                    case.find(kind) is not None for case in cases))

    def test_failures_are_the_regressions(self):
        failed = {(case.get('classname'), case.get('name'))
                  for case in self.top.iter('testcase')
                  if case.find('failure') is not None}
        self.assertEqual(failed, {
            (f'new.{row["metric"]}', row['point'] or 'all points')
            for row in JUDGEMENT['regressions']})
        self.assertTrue(failed)

    def test_what_cannot_be_told_is_skipped(self):
        for case in self.top.findall('testsuite')[1].iter('testcase'):
            self.assertIsNotNone(case.find('skipped'))

    def test_what_differs_is_a_property(self):
        properties = {(element.get('name'), element.get('value'))
                      for element in self.top.iter('property')}
        self.assertIn(('MISMATCH of B', 'drive model: A | B | <C>'),
                      properties)
        self.assertIn(('differs of C', 'kernel release: 6.12 | 6.18?'),
                      properties)


class Odd(unittest.TestCase):
    def test_a_change_from_nothing(self):
        """Every format says it, and none divides by 0."""
        odd = copy.deepcopy(JUDGEMENT)
        for row in odd['rows']:
            row['figures'][0]['median'] = 0
            for change in row['changes'][1:]:
                change |= {'ratio': None, 'percent': None, 'interval': None,
                          'verdict': 'worse'}
        odd['regressions'] = [{'side': 1, 'point': NAME, 'metric': 'iops',
                               'percent': None}]
        for kind in ('text', 'markdown', 'csv', 'json', 'junit'):
            self.assertTrue(written(kind, odd))
        self.assertIn('from 0 WORSE', written('text', odd))
        self.assertIn(f'1 regression: iops of {NAME} in B.',
                      written('text', odd))
