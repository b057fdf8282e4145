# SPDX-License-Identifier: GPL-2.0-only
"""The page of a judgement: what it says first, and that all is there."""

import copy
import io
import os
import re
import tempfile
import unittest
from unittest import mock

import page_check
import sample
from bench.compare import judge
from bench.page import cells, change_columns, changes, compare
from sides import fake

PLAN = sample.points(4)
NAME = PLAN[0]['name']
LOSS = {NAME: {'speed': 0.9}}


def side(name, seed=1, plan=None, **how):
    """A side whose boots take turns with those of the others."""
    made = fake('/d/' + name, plan or PLAN, seed,
                **{'apart': False, 'noise': 0.003} | how)
    for entries in made.entries.values():
        entries[:] = [(key, start + seed / 10, metrics)
                      for key, start, metrics in entries]
    return made._replace(environment=sample.environment())


def judged(*others, **more):
    return judge.judge([side('A'), *others], **more)


def lost(made, point=NAME):
    """Without a point, which failed."""
    entries = {name: some for name, some in made.entries.items()
               if name != point}
    return made._replace(entries=entries, failures={point: ['no <heap>']})


def row_of(result, point, metric='iops'):
    return next(row for row in result['rows']
                if (row['point'], row['metric']) == (point, metric))


class Case(unittest.TestCase):
    def look(self, result):
        file = io.StringIO()
        before = copy.deepcopy(result)
        compare.write(result, file)
        self.assertEqual(result, before)
        self.html = file.getvalue()
        page = page_check.check(self.html)
        self.assertEqual(page.wrong, [])
        return page

    def says(self, result, *texts):
        page = self.look(result)
        for text in texts:
            self.assertTrue(text.replace('%', '\u202f%')
                            in page.text.replace(' %', '\u202f%'), text)
        return page

    def rows(self, name):
        """The rows of the first table of a section, as lists of cells."""
        text = self.html[self.html.index(f'id="{name}"'):]
        body = text[text.index('<tbody>'):text.index('</tbody>')]
        return [re.findall(r'<t[hd].*?</t[hd]>', row)
                for row in body.split('<tr>')[1:]]


class First(Case):
    def test_what_is_worse_and_where(self):
        page = self.says(
            judged(side('B', 2, changes=LOSS)),
            '7 boots a side, in turn; 4 points on all sides. Margin: \u00b12%',
            f'B is worse than A at {NAME} (', 'IOPS , 4 points: 1 worse, ')
        self.assertIn('class="verdict worse"', self.html)
        place = page.text.index
        self.assertLess(place('B is worse'), place('All points together: B'))

    def test_what_is_lost_comes_first_with_the_reason(self):
        gone = PLAN[1]['name']
        page = self.says(judged(lost(side('B', 2, changes=LOSS), gone)),
                         f'B cannot measure 1 point: {gone}, which A can. '
                         f'1 point: {gone}: no <heap> B is worse than A')
        self.assertLess(page.text.index('B cannot'),
                        page.text.index('B is worse'))

    def test_nothing_in_common(self):
        plan = PLAN[:1]
        result = judge.judge([side('A', plan=plan),
                              lost(side('B', 2, plan=plan))])
        self.says(result, 'B cannot measure 1 point', 'no <heap>',
                  'No point was measured on every side.')

    def test_better(self):
        self.says(judged(side('B', 2, changes={'*': {'speed': 1.1}})),
                  'All points together: B is better than A (IOPS +')
        self.assertIn('class="verdict better"', self.html)

    def test_what_cannot_be_told_is_no_verdict(self):
        result = judged(side('B', 2, noise=0.05))
        self.assertEqual(result['status'], 3)
        page = self.look(result)
        self.assertRegex(page.text, r'No verdict: \d+ changes of iops, .* may '
                         'be for the worse by more than 2 %')
        self.assertIn('class="verdict"', self.html)

    def test_no_regression(self):
        result = judged(side('B'), metrics=['iops'])
        self.assertEqual(result['status'], 0)
        self.says(result, 'No regression (iops).', 'IOPS , 4 points: 4 '
                  'equivalent')

    def test_notes_are_in_the_box(self):
        result = judged(side('B', 2)) | {'notes': ['drift: <much>']}
        page = self.says(result, 'drift: <much>')
        self.assertLess(page.text.index('drift: <much>'),
                        page.text.index('Geometric means'))

    def test_each_of_three_sides(self):
        page = self.says(
            judged(side('B', 2, changes=LOSS),
                   side('C', 3, changes={'*': {'speed': 1.1}})),
            'B is worse than A', 'C is better than A', 'C compared with A',
            'Change of C')
        self.assertEqual(self.html.count('<div class="verdict'), 2)
        self.assertEqual(page.text.count('compared with A'), 2 + 2 * 2)

    def test_regressions_above_a_limit(self):
        other = side('B', 2, changes=LOSS)
        self.says(judged(other, fail_above=1.0),
                  'regressions above 1%', f'B: {NAME} (p99 latency +')
        page = self.says(judged(other, fail_above=50.0),
                         'No regression above 50%')
        self.assertFalse('regressions above' in page.text)


class NoVerdict(Case):
    def test_describes_and_says_why(self):
        result = judge.judge([side('A', boots=1),
                              side('B', 2, boots=1, changes=LOSS)])
        page = self.says(result, 'No verdict: one boot a side cannot tell',
                         'B differs from A by IOPS \u2212',
                         'This page describes and does not judge')
        for text in ('Interval', 'Detectable', '\u25bc worse', 'undetermined',
                     'equivalent'):
            self.assertFalse(text in page.text, text)
        # every round is seen all the same: of 4 points, and of all
        self.assertEqual(self.html.count('class="picture"'),
                         len(result['rows']) + len(result['summary']))


class Tables(Case):
    def test_the_worst_is_first_and_the_change_the_second_column(self):
        self.look(judged(side('B', 2, changes={
            PLAN[2]['name']: {'speed': 0.9}, NAME: {'speed': 1.1}})))
        rows = self.rows('points')
        self.assertIn(PLAN[2]['name'], rows[0][0])
        self.assertIn('\u25bc worse', rows[0][1])
        self.assertIn(NAME, rows[-1][0])
        self.assertIn('\u25b2 better', rows[-1][1])

    def test_every_sample_is_seen(self):
        self.look(judged(side('B', 2)))
        for cells_ in self.rows('points'):
            self.assertEqual(cells_[2].count('h0'), 7)
            for number in range(2):
                marks = re.search(f'd="([^"]+)" fill="var.--a{number + 1}',
                                  cells_[-1])[1]
                self.assertEqual(marks.count('M'), 7)

    def test_samples_left_out_are_crosses(self):
        result = judged(side('B', 2))
        for row in result['rows']:
            row['changes'][1]['outliers'] = []
        row_of(result, NAME)['changes'][1]['outliers'] = [(1, 2)]
        self.look(result)
        row, = [row for row in self.rows('points') if NAME in row[0]]
        self.assertEqual((row[2].count('h0'), row[2].count(cells.CROSS)),
                         (6, 1))
        self.assertEqual(row[-1].count(cells.CROSS), 1)
        self.assertEqual(row[-1].count('(left out)'), 2)    # also a tooltip
        # a cross in the colour of its side
        self.assertIn('stroke="var(--a2)" fill="none"/></svg>', row[-1])

    def test_without_a_block_no_dots(self):
        result = judged(side('B', 2))
        figure = row_of(result, NAME)['figures'][1]
        del figure['samples'][3], figure['starts'][3]
        self.look(result)
        row, = [row for row in self.rows('points') if NAME in row[0]]
        self.assertEqual(row[2].count('h0'), 0)
        marks = re.search('d="([^"]+)" fill="var.--a2', row[-1])[1]
        self.assertEqual(marks.count('M'), 6)

    def test_in_order_of_time(self):
        result = judged(side('B', 2))
        row = row_of(result, NAME)
        run = change_columns.Run(result, [row], 1)
        self.assertEqual([side for side, *_ in run.samples(row)], [0, 1] * 7)
        base = row['figures'][0]
        self.assertAlmostEqual(run.samples(row)[0][2], (
            base['samples'][0] / base['median'] - 1) * 100)

    def test_a_row_that_differs_does_not_leave_its_scale(self):
        values = [[1, -1]] * 30 + [[-3, -3.5]]
        same = [False] * 31
        self.assertLess(change_columns.ends_of(values, same)[1], 2)
        differs = [False] * 30 + [True]
        self.assertGreaterEqual(change_columns.ends_of(values, differs)[1],
                                3.5)
        # nor does it flatten all others
        values[-1] = [-90, -80]
        self.assertLess(change_columns.ends_of(values, differs)[1], 10)

    def test_drift_is_said(self):
        result = judged(side('B', 2))
        row_of(result, NAME)['changes'][1].update(answer='undetermined',
                                                  drift=True)
        self.says(result, 'undetermined, drift?', '(1 perhaps a drift)')

    def test_base_of_0_and_unknown_figures(self):
        result = judged(side('B', 2))
        row = row_of(result, NAME)
        row['figures'][0].update(samples=[0] * 7, median=0)
        row['changes'][1].update(percent=None, interval=None, least=None,
                                 answer='worse')
        other = row_of(result, PLAN[1]['name'])
        other['figures'][1] = None
        other['changes'][1].update(percent=None, interval=None, least=None,
                                   p=None, answer=None)
        self.says(result, 'from 0 \u25bc worse')

    def test_tables_have_no_more_rows_than_help(self):
        with mock.patch.object(changes, 'MOST', 3):
            self.says(judged(side('B', 2)), 'The worst 3 of 4 points')
        result = judged(side('B', 2))
        with mock.patch.object(changes, 'MARKS', 3 * 14 *
                               len(result['metrics'])), \
                mock.patch.object(changes, 'FEWEST', 2):
            self.says(result, 'The worst 3 of 4 points')

    def test_a_summary_says_of_how_many_points(self):
        result = judged(side('B', 2))
        self.assertFalse('IOPS (3 of' in self.look(result).text)
        result['summary'][0]['points'] = 3
        self.says(result, 'IOPS (3 of 4 points)')


class Page(Case):
    def test_pictures_of_changes_and_of_sides(self):
        plan = sample.points(12)
        page = self.says(judge.judge([side('A', plan=plan),
                                      side('B', 2, plan=plan)]),
                         'Change by queue depth', 'By block size',
                         'Change of p99 latency', 'bars are the intervals')
        # 4 metrics; changes: 2 sizes + 2 depths; sides: 3 paths as well
        self.assertEqual(page.counts['figure'], 4 * (4 + 12))

    def test_settings_of_two_sides(self):
        ab = [side(name, number, boots=1, rounds=7)._replace(
            ab='id', settings=settings) for number, (name, settings) in
            enumerate((('A', ['scheduler=<x>', 'run=y']), ('B', [])), 1)]
        result = judge.judge(ab)
        self.assertEqual(result['design']['unit'], 'round')
        page = self.says(result, 'A: scheduler=<x>, run=y', 'B: none',
                         'Settings of --ab')
        self.assertEqual(page.text.count('scheduler=<x>, run=y'), 2)
        self.assertFalse('--ab' in self.look(judged(side('B', 2))).text)

    def test_differences_and_missing_points(self):
        result = judged(side('B', 2)) | {
            'missing': [{'side': 0, 'point': 'n', 'reason': None},
                        {'side': 1, 'point': 'n', 'reason': None},
                        {'side': 1, 'point': '<m>', 'reason': 'no heap'}],
            'differences': [{'side': 1, 'what': what, 'base': '<a>',
                             'other': None, 'kind': kind}
                            for what, kind in (('fio version', 'refused'),
                                               ('drive iommu', 'loud'),
                                               ('kernel release', 'shown'))]}
        self.says(result, 'fio version <a> unknown should match; compared '
                  'with --force', 'affects results', '2 points not compared',
                  '<m> : missing in B (no heap)')

    def test_how_to_read_it(self):
        result = judged(side('B', 2))
        self.says(result, 'maximum statistic', 'All intervals of a side '
                  'together hold with 95%', 'within \u00b12%')
        result['design'].update(looks=2, level=0.0005)
        self.says(result, 'extended 2 times', 'More was measured 2 times',
                  'hold with 99.95%', 'in at most 0.05% of comparisons')

    def test_names_are_text(self):
        result = judged(side('B', 2))
        result['sides'][1]['name'] = '<script>alert(1)</script>'
        result['points'][0]['axes'] = dict(result['points'][0]['axes'],
                                           path='</svg><script>')
        page = self.look(result)
        self.assertEqual(page.counts['script'], 1)

    def test_gnuplot_may_be_missing(self):
        plan = sample.points(12)
        with tempfile.TemporaryDirectory() as empty, \
                mock.patch.dict(os.environ, PATH=empty), \
                mock.patch('sys.stderr', io.StringIO()) as said:
            page = self.look(judge.judge([side('A', plan=plan),
                                          side('B', 2, plan=plan)]))
        self.assertRegex(said.getvalue(), '^[^\n]*gnuplot: not found, so the '
                         'page lacks plots; install the package gnuplot-nox'
                         '\n$')
        self.assertIn('so the page lacks plots; install', page.text)
        self.assertNotIn('figure', page.counts)
        self.assertIn('direct-randread-4k-q1-j1', page.text)

    def test_environment_may_be_missing(self):
        result = judged(side('B', 2))
        result['sides'][0]['environment'] = {}
        self.says(result, 'unknown')
