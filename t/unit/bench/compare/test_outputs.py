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
    """Three sides: one point of B is worse, one is lost there, one is missing
    in C, and all sorts of things differ.
    """
    plan = sample.points(4)
    worse = {plan[0]['name']: {'speed': 0.8}}
    how = {'boots': 8, 'apart': False}
    sides = [fake('top/old', plan, **how),
             fake('top/new', plan[:3], 2, changes=worse, **how),
             fake('top/short', plan[:2] + plan[3:], 3, **how)]
    sides[1].failures[plan[3]['name']] = ['dmabuf: <no> heap']
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

    def test_what_is_lost_and_differs_stands_at_the_top(self):
        labels = [line[:20].split('  ')[0].strip() for line in self.lines[:10]
                  if line[:1].strip()]
        self.assertEqual(labels, ['LOST in B', 'A', 'B', 'C', 'design',
                                  'MISMATCH of B', 'IOMMU MODE of B',
                                  'differs of C', 'missing in C'])
        self.assertIn('(no> heap', self.lines[0].replace('<', '('))

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
        at = self.lines.index('B: IOPS (higher is better)')
        line = self.lines[at + 2]
        self.assertTrue(line.startswith(NAME + ' '))
        for number in (0, 1):
            median = WORSE['figures'][number]['median']
            self.assertIn(f' {median:,.0f} ', line)
        self.assertIn(f' {WORSE["changes"][1]["percent"]:+.1f} ', line)
        self.assertTrue(line.endswith(' WORSE'))

    def test_every_row_shows_its_change(self):
        for line in self.lines:
            if line.startswith(('direct-', 'host-')) and '  ' in line:
                self.assertRegex(line, r'(?<= )([+-]\d+\.\d|0\.0) ')

    def test_no_line_is_too_long(self):
        for kind in ('text', 'markdown'):
            self.assertLessEqual(max(map(len, written(kind).splitlines())),
                                 80)

    def test_long_names_have_lines_of_their_own(self):
        plan = [dict(point, name=point['name'] + '-' + 'x' * 40)
                for point in sample.points(4)]
        lines = written('text', judge.judge(
            [fake('a', plan), fake('b', plan, 2)])).splitlines()
        self.assertIn(plan[0]['name'], lines)
        self.assertLessEqual(max(map(len, lines)), 80)

    def test_a_description_has_no_answers(self):
        output = written('text', judge.judge(
            [fake('a', boots=1), fake('b', boots=1, seed=2)]))
        self.assertIn('\nNO VERDICT  one boot a side cannot', output)
        self.assertRegex(output.splitlines()[-2], '^No verdict: one boot')
        self.assertNotIn('shows', output)
        self.assertNotIn('WORSE', output)

    def test_outcome_is_last(self):
        end = ' '.join(self.text.split('\n\n')[-1].split())
        self.assertRegex(end, r'^Lost in B: 1 point: \S+\. \d+ regressions? '
                         rf'in B: {NAME} \(.*, at least ')

    def test_no_regression(self):
        base = fake('a')
        output = written('text', judge.judge([base, base], fail_above=3))
        self.assertEqual(output.splitlines()[-1],
                         'No regression above 3 % (iops, lat_p99, cpu).')
        self.assertNotIn('WORSE', output)


class Markdown(unittest.TestCase):
    def test_every_row_has_every_cell(self):
        rows = [line for line in written('markdown').splitlines()
                if line.startswith('|')]
        columns = len(text.columns(JUDGEMENT, 1))
        for row in rows:
            self.assertEqual(row.replace('\\|', '').count('|'), columns + 1)
        self.assertGreater(len(rows), 3 * 8)

    def test_its_own_characters_are_escaped(self):
        self.assertIn('A \\| B \\| \\<C\\>', written('markdown'))


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
        self.assertEqual(float(row['percent_high']), change['interval'][1])
        self.assertEqual((int(row['base_n']), int(row['n'])), (8, 8))
        self.assertEqual(row['answer'], 'worse')

    def test_what_is_unknown_is_empty(self):
        rows = csv.DictReader(io.StringIO(written('csv', judge.judge(
            [fake('a', boots=1), fake('b', boots=1, seed=2)]))))
        row = next(row for row in rows if row['kind'] == 'point')
        self.assertEqual((row['answer'], row['percent_low']), ('', ''))
        self.assertNotEqual(row['percent'], '')

    def test_what_differs_is_lost_and_missing(self):
        self.assertEqual(self.rows[0]['kind'], 'difference refused')
        self.assertEqual(self.rows[0]['text'], 'drive model: A | B | <C>')
        for kind in ('lost', 'missing'):
            self.assertEqual([row['point'] for row in self.kind(kind)],
                             [JUDGEMENT[kind][0]['point']])


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
                               ('errors', 'error'),
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
        skipped = {(case.get('classname'), case.get('name'))
                   for case in self.top.iter('testcase')
                   if case.find('skipped') is not None}
        self.assertEqual(skipped, {
            (f'{JUDGEMENT["sides"][number]["name"]}.{row["metric"]}',
             row['point'] or 'all points')
            for row in JUDGEMENT['summary'] + JUDGEMENT['rows']
            for number in (1, 2)
            if row['metric'] in ('iops', 'lat_p99', 'cpu') and
            row['changes'][number]['answer'] == 'undetermined'})
        self.assertTrue(skipped)

    def test_what_is_lost_is_an_error(self):
        error, = self.top.iter('error')
        self.assertEqual(error.get('message'), 'cannot be measured any more: '
                         'dmabuf: <no> heap')

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
                change |= {'percent': None, 'interval': None, 'least': None,
                          'answer': 'worse'}
        odd['regressions'] = [{'side': 1, 'point': NAME, 'metric': 'iops',
                               'percent': None, 'interval': None}]
        for kind in ('text', 'markdown', 'csv', 'json', 'junit'):
            self.assertTrue(written(kind, odd))
        self.assertRegex(written('text', odd), 'from 0 +WORSE')
        self.assertIn(f'1 regression in B: {NAME} (IOPS from 0).',
                      ' '.join(written('text', odd).split()))
