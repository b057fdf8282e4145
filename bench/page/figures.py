# SPDX-License-Identifier: GPL-2.0-only
"""The table of every point with its figures. A point here has what points.json
has about it, and what counts of it: 'counted', lines of the index, and
'values', {metric: [one of each round]}.
"""

import statistics

from bench import format
from bench.metrics import named
from . import html, labels, looks, plots, runs, scales
from .cells import metric_cell, picture_heading, whisker_cell, \
    whisker_heading
from .html import tag

METRICS = ('iops', 'bw', 'lat_mean', 'lat_p50', 'lat_p99', 'lat_p999', 'cpu')


def median_and_ends(values):
    return statistics.median(values), min(values), max(values)


def spread(values):
    """From minimum to maximum, in percent of the median; None where
    there is but one.
    """
    middle = statistics.median(values)
    if len(values) < 2 or not middle:
        return None
    return (max(values) - min(values)) / middle * 100


def known(points, metrics):
    """Those of the metrics that some point has values of."""
    return [metric for metric in metrics
            if any(point['values'].get(metric) for point in points)]


def metric_headings(metrics):
    return [html.heading(named(metric).heading, True) for metric in metrics]


def median_cell(metric, point, with_spread=True):
    """The median of a point's rounds, and how far they lie apart."""
    values = point['values'].get(metric)
    if not values:
        return metric_cell(metric, None)
    more = ''
    if with_spread:
        apart = spread(values)
        more = tag('span', '' if apart is None else format.percent(apart),
                   class_='spread')
    return metric_cell(metric, statistics.median(values), more)


def rounds_cell(point, rounds):
    counted = len(point['counted'])
    if counted < rounds:
        return html.cell(f'{counted} of {rounds}', counted, 'n worse')
    return html.cell(str(counted), counted, 'n')


# ---- pictures of a row ----

def ink_of(point):
    return looks.of_path(labels.axis_value(point, 'path')).ink


class Whiskers:
    """A column with the least, the median, the greatest and all values."""

    def __init__(self, points, metric):
        self.metric = metric
        self.ends = scales.from_zero(
            value for point in points
            for value in point['values'].get(metric, ()))

    def heading(self):
        metric = named(self.metric)
        return whisker_heading(f'{metric.title}, minimum to maximum',
                               self.ends, metric.tick)

    def cell(self, point):
        return whisker_cell(self.metric, point['figures'].get(self.metric),
                            self.ends, ink_of(point),
                            point['values'].get(self.metric, ()))


class Runs:
    """A column with the values of a metric by round, in percent of their
    median.
    """

    def __init__(self, points, metric):
        self.metric = metric
        charts = [self.changes(point) for point in points]
        self.ends = scales.symmetric_for_most(
            change for chart in charts for _, change in chart)
        rounds = [number for chart in charts for number, _ in chart]
        self.times = (min(rounds), max(rounds)) if rounds else (1, 1)

    def values(self, point):
        """[(round, value)]"""
        return [(line['round'], line['metrics'][self.metric])
                for line in point['counted'] if self.metric in line['metrics']]

    def changes(self, point):
        """[(round, percent)]; empty where the median is 0."""
        values = self.values(point)
        middle = values and statistics.median(value for _, value in values)
        return [(number, (value / middle - 1) * 100)
                for number, value in values] if middle else []

    def heading(self):
        return picture_heading(
            f'{named(self.metric).title} by round',
            runs.axes(self.ends, self.times, scales.change_tick,
                      '{:g}'.format),
            'each round in percent of the median')

    def cell(self, point):
        changes = self.changes(point)
        if not changes:
            return html.cell('', '', 'picture')
        words = runs.told((f'round {number}', named(self.metric).text(value))
                          for number, value in self.values(point))
        look = looks.of_path(labels.axis_value(point, 'path'))
        picture = runs.chart([(look, changes)], self.ends, self.times, words,
                             new_boots(point['counted']))
        return runs.cell(picture, spread(point['values'][self.metric]))


def new_boots(lines):
    """Where in the rounds another boot begins."""
    return [after['round'] - 0.5 for before, after in zip(lines, lines[1:])
            if before.get('boot') != after.get('boot')]


# ---- the table ----

def pictures(points):
    """The columns of pictures. Where no plot shows the points beside each
    other, the table does.
    """
    columns = [Runs(points, 'iops')]
    if len(points) > 1 and (not plots.has_any(points) or
                            plots.without(points)):
        columns.append(Whiskers(points, 'iops'))
    return columns if known(points, ['iops']) else []


def results_table(points, rounds, which):
    """Every point: medians of its rounds, of which there should be so many;
    `which` says which rounds, where it is not all of them.
    """
    axes = labels.varying(points)
    metrics = known(points, METRICS)
    columns = pictures(points)
    heads = labels.axis_headings(axes)
    heads += [html.heading(named(metric).heading, True, named(metric).title)
              for metric in metrics]
    heads[len(axes) + 1:len(axes) + 1] = [column.heading()
                                          for column in columns]
    heads += [html.heading('n', True, 'number of rounds'),
              html.heading('Point')]
    rows = []
    for point in points:
        row = labels.axis_cells(point, axes)
        row += [median_cell(metric, point, metric != 'bw')
                for metric in metrics]
        row[len(axes) + 1:len(axes) + 1] = [column.cell(point)
                                            for column in columns]
        row += [rounds_cell(point, rounds),
                html.cell(tag('code', point['name']))]
        rows.append(row)
    return html.table(heads, rows, caption(points, axes, which, columns))


def caption(points, axes, which, columns):
    text = (f'Medians of the {which}rounds. The small number is the '
            'spread, (maximum \u2212 minimum) / median. Latency is fio\'s '
            'lat, from start to end of an I/O, of reads and writes '
            'together. n is the number of rounds.')
    if columns:
        text += (' IOPS by round shows each round in percent of the median; '
                 'the axes are in the heading')
        text += '; a dashed line is a new boot.' if any(
            new_boots(point['counted']) for point in points) else '.'
    return text + labels.same_for_all(points, axes)
