# SPDX-License-Identifier: GPL-2.0-only
"""The columns of a table of changes (see compare/judge.py): what changed from
the base to one other side, how sure that is, and every sample behind it.
"""

from bench import format
from bench.compare.rows import Scale
from bench.compare.words import ANSWERS, DRIFT, change_size, side_names
from bench.metrics import named
from . import html, looks, runs, scales
from .cells import metric_cell, picture_heading, whisker, whisker_heading
from .html import tag

# How much wider than for nearly all rows a scale may be
WIDER = 4
# The colours of answers; all others are grey.
COLOURS = {'better': 'good', 'worse': 'bad', 'equivalent': 'muted'}


def columns(judgement, rows, number):
    """Those of a side; without a verdict there are no intervals."""
    medians = [Median(judgement, side) for side in (0, number)]
    run = Run(judgement, rows, number)
    if judgement['design']['why']:
        return [Change(number), *medians, run]
    return [Change(number), Interval(judgement, rows, number), Bounds(number),
            Least(number), *medians, run]


# ---- what is known of a row ----

def samples_left_out(row, side):
    """The blocks whose sample of a side is in no change."""
    return {block for change in row['changes'] if change
            for whose, block in change['outliers'] if whose == side}


def block_changes(row, number, blocks):
    """(percent, left out) of each block; nothing where it is not known which
    samples belong to one block. blocks: how many there are.
    """
    figures = row['figures'][0], row['figures'][number]
    if any(not figure or len(figure['samples']) != blocks
           for figure in figures):
        return []
    sides = [figure['samples'] for figure in figures]
    scale = Scale(*sides)
    out = {block for _, block in row['changes'][number]['outliers']}
    changes = [scale.percent(b - a)
               for a, b in zip(*map(scale.of, sides))]
    return [(change, block in out) for block, change in enumerate(changes)
            if change is not None]


def is_different(row, number):
    return row['changes'][number]['answer'] in ('better', 'worse')


def ends_of(values, different, least=0.5):
    """The scale for the values of all rows: that of nearly all, and as far as
    it does not flatten them (by more than WIDER) of all rows that differ.
    """
    usual = scales.symmetric_for_most(
        [value for some in values for value in some], least)[1]
    most = max([abs(value) for some, differs in zip(values, different)
                if differs for value in some], default=0)
    return scales.symmetric_for_most([usual / 1.1],
                                     min(most, WIDER * usual))


# ---- the columns ----

class Change:
    """How much, and the answer."""

    def __init__(self, number):
        self.number = number

    def heading(self):
        return html.heading('Change', True)

    def cell(self, row):
        if not row['figures'][0] or not row['figures'][self.number]:
            return html.cell('', '', 'n', aria_label='unknown')
        change = row['changes'][self.number]
        percent, answer = change['percent'], change['answer']
        words = ANSWERS[answer].page + (f', {DRIFT}' if change['drift']
                                        else '')
        return html.cell(
            [change_size(percent, format.change),
             tag('span', words, class_='answer') if words else ''],
            '' if percent is None else f'{percent:.9g}',
            f'n {answer or ""}'.strip())


class Interval:
    """The picture of the interval, with the change of each block."""

    def __init__(self, judgement, rows, number):
        self.number = number
        self.blocks = judgement['design']['samples'][0]
        self.unit = judgement['design']['unit']
        self.margin = judgement['margin']
        self.ends = ends_of([self.values(row) for row in rows],
                            [is_different(row, number) for row in rows],
                            max(0.5, 2 * self.margin))

    def values(self, row):
        """What the scale is for."""
        change = row['changes'][self.number]
        if change['percent'] is None:
            return []
        return change['interval'] or [change['percent']]

    def heading(self):
        return whisker_heading(
            '\u2212 change +', self.ends, scales.change_tick,
            f'the interval, below it the change of each {self.unit}; the band '
            'is the margin')

    def cell(self, row):
        change = row['changes'][self.number]
        percent = change['percent']
        if percent is None or not change['answer']:
            return html.cell('', '', 'picture')
        low, high = change['interval'] or (None, None)
        changes = block_changes(row, self.number, self.blocks)
        words = f'{format.change(percent)} ' \
            f'({format.interval(change["interval"])})'
        if change['p'] is not None:
            words += f', p {format.probability(change["p"])}'
        picture = whisker(
            self.ends, low, percent, high,
            COLOURS.get(change['answer'], 'axis'), words,
            samples=[value for value, out in changes if not out],
            left_out=[value for value, out in changes if out],
            margin=self.margin)
        return html.cell(picture, f'{percent:.9g}', 'picture')


class Bounds:
    """The interval in figures."""

    def __init__(self, number):
        self.number = number

    def heading(self):
        return html.heading('Interval')

    def cell(self, row):
        interval = row['changes'][self.number]['interval']
        return html.cell(format.interval(interval) if interval else '', None,
                         'muted')


class Least:
    """What change would have been shown every other time."""

    def __init__(self, number):
        self.number = number

    def heading(self):
        return html.heading('Detectable', True, 'a change of this size would '
                            'have been found every other time')

    def cell(self, row):
        least = row['changes'][self.number]['least']
        if least is None:
            return html.cell('', '', 'n', aria_label='unknown')
        return html.cell(format.percent(least), f'{least:.9g}', 'n')


class Median:
    """The median of a side."""

    def __init__(self, judgement, side):
        self.name, self.side = side_names(judgement)[side], side

    def heading(self):
        return html.heading([tag('span', looks.mark(looks.of_side(self.side))),
                             ' ', self.name], True)

    def cell(self, row):
        figure = row['figures'][self.side]
        return metric_cell(row['metric'], figure and figure['median'])


class Run:
    """Every sample of both sides in the order of time, in percent of the
    base's median.
    """

    def __init__(self, judgement, rows, number):
        self.sides = 0, number
        self.names = side_names(judgement)
        self.unit = judgement['design']['unit']
        self.counts = judgement['design']['samples']
        every = [self.samples(row) for row in rows]
        self.ends = ends_of([[percent for _, _, percent, _, out in samples
                              if not out] for samples in every],
                            [is_different(row, number) for row in rows])
        self.times = 1, max(map(len, every), default=1) or 1

    def samples(self, row):
        """[(side, place in the order of time, percent, value, left out)];
        nothing where the base's median is 0 or unknown.
        """
        base = row['figures'][0]
        if not base or not base['median']:
            return []
        found = []
        for side in self.sides:
            figure = row['figures'][side] or {'starts': (), 'samples': ()}
            # of an incomplete side it is not known which sample a block has
            out = samples_left_out(row, side) \
                if len(figure['samples']) == self.counts[side] else ()
            found += [(start, side, value, block in out) for block, (
                start, value) in enumerate(zip(figure['starts'],
                                               figure['samples']))]
        return [(side, place, (value / base['median'] - 1) * 100, value, out)
                for place, (_, side, value, out)
                in enumerate(sorted(found), 1)]

    def heading(self):
        return picture_heading(
            'In order of time',
            runs.axes(self.ends, self.times, scales.change_tick,
                      '{:g}'.format),
            f'each {self.unit} of both sides, in percent of the median of '
            f'{self.names[0]}')

    def cell(self, row):
        samples = self.samples(row)
        if not samples:
            return html.cell('', '', 'picture')
        lines, words = [], []
        for side in self.sides:
            mine = [sample for sample in samples if sample[0] == side]
            lines.append((looks.of_side(side),
                          [(place, percent) for _, place, percent, _, out
                           in mine if not out]))
            words.append(f'{self.names[side]}: ' + runs.told(
                (place, named(row['metric']).text(value) +
                 (' (left out)' if out else ''))
                for _, place, _, value, out in mine))
        crosses = [(looks.of_side(side), place, percent)
                   for side, place, percent, _, out in samples if out]
        changes = [percent for _, _, percent, _, _ in samples]
        return runs.cell(
            runs.chart(lines, self.ends, self.times, '; '.join(words),
                       left_out=crosses), max(changes) - min(changes))
