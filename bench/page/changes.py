# SPDX-License-Identifier: GPL-2.0-only
"""The tables of changes of a judgement (see compare/judge.py): its summary,
and every point for each metric, the worst first.
"""

from bench import format
from bench.compare import ranking
from bench.compare.words import ANSWERS, side_names
from bench.metrics import HEADLINE, named
from bench.units import count
from . import html, labels
from .change_columns import columns
from .html import tag

# More rows in a table, and more marks in the pictures of a page, help nobody
# and make it slow; the worst rows are shown, and never fewer than FEWEST.
MOST, MARKS, FEWEST = 1000, 60000, 50


def of_each_side(judgement, make):
    """What make(number) gives for each side but the base, under its name if
    there are several.
    """
    names = side_names(judgement)
    parts = []
    for number in range(1, len(names)):
        if len(names) > 2:
            parts.append(tag('h3', f'{names[number]} compared with '
                             f'{names[0]}'))
        parts.append(make(number))
    return parts


# ---- all points together ----

def summary_table(judgement, number):
    rows = judgement['summary']
    shown = columns(judgement, rows, number)
    body = [[tag('th', summary_title(row, len(judgement['points'])),
                 scope='row')] + [column.cell(row) for column in shown]
            for row in rows]
    return html.table([html.heading('Metric')] +
                      [column.heading() for column in shown], body)


def summary_title(row, points):
    title = format.capitalized(named(row['metric']).title)
    if row['points'] == points:
        return title
    return [title, tag('span', f' ({row["points"]} of {points} points)',
                       class_='muted')]


def summary(judgement):
    if not judgement['summary']:
        return tag('p', 'No metric has figures of every point.')
    return [tag('p', 'Geometric means over the points that were measured on '
                'every side.', class_='muted'),
            of_each_side(judgement, lambda number: summary_table(judgement,
                                                                 number))]


# ---- every point ----

def most_rows(judgement):
    """How many rows a table of points may have."""
    tables = len(judgement['metrics']) * (len(judgement['sides']) - 1) or 1
    marks = 2 * max(judgement['design']['samples'])
    return min(MOST, max(FEWEST, MARKS // (tables * marks or 1)))


def metric_table(judgement, all_rows, number):
    rows = sorted(all_rows, key=lambda row: ranking.badness(row, number))
    caption = 'The worst first.'
    most = most_rows(judgement)
    if len(rows) > most:
        rows = rows[:most]
        caption = (f'The worst {most} of {len(all_rows)} points; the formats '
                   'csv and json have all points.')
    every = judgement['points']
    caption += labels.same_for_all(every, labels.varying(every))
    shown = columns(judgement, rows, number)
    body = [[tag('th', tag('code', row['point']), scope='row')] +
            [column.cell(row) for column in shown] for row in rows]
    return html.table([html.heading('Point')] +
                      [column.heading() for column in shown], body, caption)


def tally(rows, number):
    """How many of the rows have each answer, in words; empty without a
    verdict.
    """
    changes = [row['changes'][number] for row in rows]
    words = []
    for answer, word in ANSWERS.items():
        some = [change for change in changes if change['answer'] == answer]
        drifting = sum(change['drift'] for change in some)
        if answer and some:
            words.append(f'{len(some)} {word.points}' + (
                f' ({drifting} perhaps a drift)' if drifting else ''))
    return ', '.join(words)


def side_tables(judgement, number):
    """One for each metric, folded but for the headline metrics."""
    parts = []
    for name in (metric['name'] for metric in judgement['metrics']):
        rows = [row for row in judgement['rows'] if row['metric'] == name]
        if not rows:
            continue
        metric = named(name)
        found = tally(rows, number)
        parts.append(tag('details', [
            tag('summary', [
                tag('b', f'{format.capitalized(metric.title)} '
                    f'({metric.better} is better)'),
                f': {found}' if found else '']),
            metric_table(judgement, rows, number)],
            open='' if name in HEADLINE else None))
    return parts


def point_tables(judgement):
    if not judgement['points']:
        return tag('p', 'No point was measured on every side.')
    return of_each_side(judgement, lambda number: side_tables(judgement,
                                                              number))


# ---- the headline ----

def tallies(judgement, number):
    """A list of the answers by metric, for the headline metrics."""
    lines = []
    for name in (metric['name'] for metric in judgement['metrics']):
        rows = [row for row in judgement['rows'] if row['metric'] == name]
        found = tally(rows, number)
        if name in HEADLINE and found:
            lines.append(tag('li', [
                tag('b', format.capitalized(named(name).title)), ', ',
                count(len(rows), 'point'), ': ', found]))
    return tag('ul', lines) if lines else ''
