# SPDX-License-Identifier: GPL-2.0-only
"""The tables of changes of a judgement (see judge.py): its summary, and every
point for each metric.
"""

from bench import format
from bench.compare.significance import is_significant
from bench.compare.words import VERDICTS, side_names
from bench.metrics import HEADLINE, named
from . import html, labels, scales
from .cells import metric_cell, whisker, whisker_heading
from .html import tag

# More rows than that do not help on a page; the most significant are shown.
MOST = 1000
COLOURS = {'better': 'good', 'worse': 'bad'}


# ---- columns ----

def side_headings(judgement, ends):
    """The figures of all sides, then the changes of each but the base, whose
    pictures have the scale `ends`.
    """
    names = side_names(judgement)
    heads = [html.heading(name, True) for name in names]
    for name in names[1:]:
        heads += change_headings(judgement, ends,
                                 f' of {name}' if len(names) > 2 else '')
    return heads


def change_headings(judgement, ends, whose):
    return [html.heading('Change' + whose, True),
            html.heading(f'{format.share(judgement["confidence"])} interval'),
            whisker_heading('\u2212 change +', ends, scales.change_tick,
                            'the interval on a scale around 0'),
            html.heading('p', True, 'rank test, corrected for the '
                         'number of rows'),
            html.heading('Verdict')]


def side_cells(row, ends):
    cells = [metric_cell(row['metric'], figure and figure['median'])
             for figure in row['figures']]
    for change in row['changes'][1:]:
        cells += change_cells(change, ends)
    return cells


def change_cells(change, ends):
    """Change, interval, picture, p and verdict of one side."""
    percent, verdict = change['percent'], change['verdict']
    p = change['adjusted']
    cells = [html.cell('', '', 'n') if p is None else
             html.cell(format.probability(p), f'{p:.6g}', 'n'),
             html.cell(VERDICTS[verdict].page, None, verdict)]
    if percent is None:
        return [html.cell('', '', 'n'), html.cell(''), html.cell('', '')] + \
            cells
    low, high = change['interval'] or (None, None)
    size, interval = format.change(percent), format.interval(
        change['interval'])
    picture = whisker(ends, low, percent, high, COLOURS.get(verdict, 'axis'),
                      f'{size} ({interval})')
    return [html.cell(size, f'{percent:.9g}', f'n {verdict or ""}'.strip()),
            html.cell(interval, None, 'muted'),
            html.cell(picture, f'{percent:.9g}', 'picture')] + cells


def common_scale(rows):
    """One scale for the pictures of a table: that of nearly all intervals.
    """
    changes = [change for row in rows for change in row['changes'][1:]
               if change['percent'] is not None]
    return scales.symmetric_for_most(
        value for change in changes
        for value in change['interval'] or (change['percent'],))


# ---- tables ----

def summary_table(judgement):
    ends = common_scale(judgement['summary'])
    rows = [[tag('th', format.capitalized(named(row['metric']).title),
                 scope='row'),
             html.cell(str(row['points']), None, 'n')] + side_cells(row, ends)
            for row in judgement['summary']]
    return html.table([html.heading('Metric'), html.heading('Points', True)] +
                      side_headings(judgement, ends), rows,
                      'Geometric means over the points that were measured '
                      'on every side.')


def weight(row):
    """Significant and large changes first."""
    changes = [change for change in row['changes'][1:]
               if change['percent'] is not None]
    return (not any(map(is_significant, changes)),
            -max([abs(change['percent']) for change in changes] or [0]))


def metric_table(judgement, all_rows, points):
    rows = all_rows
    caption = 'In the order of the plan.'
    if len(all_rows) > MOST:
        rows = sorted(all_rows, key=weight)[:MOST]
        caption = (f'{MOST} of {len(all_rows)} points, the significant and '
                   'largest changes first; the formats csv and json have all '
                   'points.')
    axes = labels.varying(list(points.values()))
    ends = common_scale(rows)
    caption += labels.same_for_all(list(points.values()), axes)
    body = [labels.axis_cells(points[row['point']], axes) +
            side_cells(row, ends) +
            [html.cell(tag('code', row['point']))] for row in rows]
    return html.table(labels.axis_headings(axes) +
                      side_headings(judgement, ends) +
                      [html.heading('Point')], body, caption)


def point_tables(judgement):
    """One for each metric, folded but for the headline metrics."""
    points = {point['name']: point for point in judgement['points']}
    parts = []
    for name in (metric['name'] for metric in judgement['metrics']):
        rows = [row for row in judgement['rows'] if row['metric'] == name]
        if not rows:
            continue
        metric = named(name)
        title = (f'{format.capitalized(metric.title)} ({metric.better} is '
                 'better)')
        parts.append(tag('details', [
            tag('summary', tag('b', title)),
            metric_table(judgement, rows, points)],
            open='' if name in HEADLINE else None))
    return parts
