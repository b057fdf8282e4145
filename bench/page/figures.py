# SPDX-License-Identifier: GPL-2.0-only
"""The table of every point with its figures. A point here has 'values',
{metric: [one of each round]}, beside what points.json says of it.
"""

import statistics

from bench import format
from bench.metrics import named
from . import columns, html, panels, plots, strip
from .html import tag

FIGURES = ('iops', 'bw', 'lat_mean', 'lat_p50', 'lat_p99', 'lat_p999', 'cpu')


def median_and_ends(values):
    return statistics.median(values), min(values), max(values)


def spread(values):
    """From the least to the greatest, in percent of the median; None where
    there is but one."""
    middle = statistics.median(values)
    if len(values) < 2 or not middle:
        return None
    return (max(values) - min(values)) / middle * 100


def figure(name, values, with_spread=True):
    """A cell: the median, and how far rounds lie apart."""
    if not values:
        return html.number(None, None)
    middle = statistics.median(values)
    apart = spread(values)
    more = ''
    if with_spread:
        more = tag('span', '' if apart is None else
                   format.percent(apart), class_='spread')
    return html.number(named(name).show(middle), middle, more)


def known(points, metrics):
    return [metric for metric in metrics
            if any(each['values'].get(metric) for each in points)]


def samples(point, rounds):
    short = point['counted'] < rounds
    return html.cell(f'{point["counted"]} of {rounds}' if short
                     else str(point['counted']), point['counted'],
                     'n worse' if short else 'n')


def table(points, rounds, which):
    """Every point: medians of its rounds, of which there should be so many;
    `which` says which rounds, where it is not all of them."""
    axes = panels.varying(points)
    metrics = known(points, FIGURES)
    # Where there are no lines to draw, the table has the picture.
    strips = len(points) > 1 and not plots.has_any(points)
    headings = columns.headings(axes)
    headings += [html.heading(named(each).heading, True,
                              named(each).title) for each in metrics]
    if strips:
        headings.append(html.heading('IOPS, least to greatest'))
        ends = strip.scale(each for point in points
                           for each in point['values'].get('iops', ()))
    headings += [html.heading('n', True, 'samples: rounds measured'),
                 html.heading('Point')]
    rows = []
    for each in points:
        row = columns.cells(each, axes)
        row += [figure(metric, each['values'].get(metric), metric != 'bw')
                for metric in metrics]
        if strips:
            row.append(iops_strip(ends, each['values'].get('iops')))
        row += [samples(each, rounds),
                html.cell(tag('code', each['name']))]
        rows.append(row)
    caption = (f'Median of the {which}rounds; the small figure is the spread, '
               '(greatest \u2212 least) / median. Latencies are fio\'s lat, '
               'from the beginning of an I/O to its end, of reads and writes '
               'together. n: samples.' +
               columns.same_for_all(points, axes))
    return html.table(headings, rows, caption)


def iops_strip(ends, values):
    if not values:
        return html.cell('', '')
    middle, low, high = median_and_ends(values)
    words = (f'{named("iops").text(middle)}, '
             f'{named("iops").text(low)} to {named("iops").text(high)}')
    return html.cell(strip.interval(ends, low, middle, high, 's1', words),
                     f'{middle:.9g}', 'picture')
