# SPDX-License-Identifier: GPL-2.0-only
"""The table of every point with its figures. A point here has 'values',
{metric: [one of each round]}, and 'counted', the number of rounds, beside what
points.json has about it.
"""

import statistics

from bench import format
from bench.metrics import named
from . import html, labels, plots
from .cells import metric_cell, scale, whisker_cell
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
    counted = point['counted']
    if counted < rounds:
        return html.cell(f'{counted} of {rounds}', counted, 'n worse')
    return html.cell(str(counted), counted, 'n')


def results_table(points, rounds, which):
    """Every point: medians of its rounds, of which there should be so many;
    `which` says which rounds, where it is not all of them.
    """
    axes = labels.varying(points)
    metrics = known(points, METRICS)
    # Without a plot of the points, the table has a picture of each.
    with_whiskers = len(points) > 1 and not plots.has_any(points)
    heads = labels.axis_headings(axes)
    heads += [html.heading(named(metric).heading, True, named(metric).title)
              for metric in metrics]
    if with_whiskers:
        heads.append(html.heading('IOPS, minimum to maximum'))
        ends = scale(value for point in points
                     for value in point['values'].get('iops', ()))
    heads += [html.heading('n', True, 'number of rounds'),
              html.heading('Point')]
    rows = []
    for point in points:
        row = labels.axis_cells(point, axes)
        row += [median_cell(metric, point, metric != 'bw')
                for metric in metrics]
        if with_whiskers:
            row.append(whisker_cell('iops', point['figures'].get('iops'),
                                    ends))
        row += [rounds_cell(point, rounds),
                html.cell(tag('code', point['name']))]
        rows.append(row)
    caption = (f'Medians of the {which}rounds. The small number is the '
               'spread, (maximum \u2212 minimum) / median. Latency is fio\'s '
               'lat, from start to end of an I/O, of reads and writes '
               'together. n is the number of rounds.' +
               labels.same_for_all(points, axes))
    return html.table(heads, rows, caption)
