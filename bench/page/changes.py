# SPDX-License-Identifier: GPL-2.0-only
"""The tables of changes of a judgement (see judge.py): its summary, and every
point for each metric.
"""

import math

from bench import format
from bench.compare.significance import is_significant
from bench.compare.words import VERDICTS, side_names
from bench.metrics import HEADLINE, named
from . import columns, html, panels, strip
from .html import tag

# More rows than that do not help on a page; the most significant are shown.
MOST = 1000


def change_cells(judgement, row, number, ends):
    """Change, interval, picture, p and verdict of one side."""
    change = row['changes'][number]
    percent, verdict = change['percent'], change['verdict']
    if percent is None:
        return [html.cell('', '', 'n'), html.cell(''), html.cell('', ''),
                p_cell(change), verdict_cell(verdict)]
    interval = change['interval']
    low, high = interval or (None, None)
    words = f'{format.change(percent)} ({format.interval(interval)})'
    style = {'better': 'good', 'worse': 'bad'}.get(verdict, 'axis')
    picture = strip.interval(ends, low, percent, high, style, words)
    return [html.cell(format.change(percent), f'{percent:.9g}',
                      f'n {verdict or ""}'.strip()),
            html.cell(format.interval(interval), None, 'muted'),
            html.cell(picture, f'{percent:.9g}', 'picture'),
            p_cell(change), verdict_cell(verdict)]


def p_cell(change):
    found = change.get('adjusted')
    if found is None:
        return html.cell('', '', 'n')
    return html.cell(format.probability(found), f'{found:.6g}', 'n')


def verdict_cell(verdict):
    return html.cell(VERDICTS[verdict].page, None, verdict)


def change_headings(judgement, number):
    whose = f' of {side_names(judgement)[number]}' \
        if len(judgement['sides']) > 2 else ''
    return [html.heading('Change' + whose, True),
            html.heading(f'{format.share(judgement["confidence"])} interval'),
            html.heading('\u2212 change +', True, 'the interval around 0'),
            html.heading('p', True, 'rank test, corrected for the many '
                         'rows'),
            html.heading('Verdict')]


def figure_cell(metric, figure):
    if not figure or figure['median'] is None:
        return html.number(None, None)
    return html.number(named(metric).show(figure['median']),
                       figure['median'])


def ends_of(rows):
    """One scale for the pictures of a table: that of nearly all intervals,
    so that one wild point does not flatten the others."""
    made = [change for row in rows for change in row['changes'][1:]
            if change['percent'] is not None]
    values = sorted(abs(each) for change in made for each in
                    change['interval'] or (change['percent'],))
    if not values:
        return -1, 1
    most = values[math.ceil((len(values) - 1) * 0.95)] * 1.15
    return strip.around_zero([max(most, 0.5)])


def summary(judgement):
    ends = ends_of(judgement['summary'])
    headings = [html.heading('Metric'), html.heading('Points', True)]
    headings += [html.heading(each, True) for each in side_names(judgement)]
    others = range(1, len(judgement['sides']))
    for number in others:
        headings += change_headings(judgement, number)
    rows = []
    for row in judgement['summary']:
        title = format.capitalized(named(row['metric']).title)
        cells = [tag('th', title, scope='row'),
                 html.cell(str(row['points']), None, 'n')]
        cells += [figure_cell(row['metric'], each) for each in row['figures']]
        for number in others:
            cells += change_cells(judgement, row, number, ends)
        rows.append(cells)
    return html.table(headings, rows, 'Geometric mean over the points that '
                      'have the figure on every side. The scale of the '
                      'pictures is '
                      f'\u00b1{format.digits(ends[1], 2)}\u202f%.')


def weight(row):
    """Significant and large changes first."""
    changes = [each for each in row['changes'][1:]
               if each['percent'] is not None]
    return (not any(map(is_significant, changes)),
            -max([abs(each['percent']) for each in changes] or [0]))


def table(judgement, metric, points):
    every = [row for row in judgement['rows'] if row['metric'] == metric]
    rows = every
    caption = 'In the order of the plan.'
    if len(every) > MOST:
        rows = sorted(every, key=weight)[:MOST]
        caption = (f'{MOST} of {len(every)} points, the significant and '
                   'largest changes; all are in the formats csv and json.')
    axes = panels.varying(list(points.values()))
    ends = ends_of(rows)
    caption += (' The scale of the pictures is '
                f'\u00b1{format.digits(ends[1], 2)}\u202f%.')
    caption += columns.same_for_all(list(points.values()), axes)
    headings = columns.headings(axes)
    headings += [html.heading(each, True) for each in side_names(judgement)]
    others = range(1, len(judgement['sides']))
    for number in others:
        headings += change_headings(judgement, number)
    headings.append(html.heading('Point'))
    body = []
    for row in rows:
        cells = columns.cells(points[row['point']], axes)
        cells += [figure_cell(metric, each) for each in row['figures']]
        for number in others:
            cells += change_cells(judgement, row, number, ends)
        body.append(cells + [html.cell(tag('code', row['point']))])
    return html.table(headings, body, caption)


def tables(judgement):
    points = {each['name']: each for each in judgement['points']}
    parts = []
    for metric in judgement['metrics']:
        found = [row for row in judgement['rows']
                 if row['metric'] == metric['name']]
        if not found:
            continue
        one = named(metric['name'])
        title = f'{format.capitalized(one.title)} ({one.better} is better)'
        parts.append(tag('details', [
            tag('summary', tag('b', title)),
            table(judgement, metric['name'], points)],
            open='' if metric['name'] in HEADLINE else None))
    return parts
