# SPDX-License-Identifier: GPL-2.0-only
"""Paths side by side, as the steps of the ladder: what each of them copies,
asks of the kernel and costs, beside its speed. For plans of several paths and
of few other points.
"""

from bench.metrics import named
from bench.plan import paths
from . import html, panels, strip
from .figures import known
from .html import tag

# Fewer paths, or more groups of them, are better seen in other pictures.
FEWEST, MOST = 3, 6
DRAWN = ('iops', 'cpu')
COUNTED = ('syscalls', 'switches', 'maps')


def groups(points):
    """Those that differ in their path alone."""
    axes = [axis for axis in panels.varying(points) if axis != 'path']
    return [(panels.name(each[0], axes), each)
            for each in panels.grouped(points, axes).values()]


def sections(points):
    """[(name, title, content)], or nothing."""
    found = groups(points)
    if len(found) > MOST or max(len(each) for _, each in found) < FEWEST:
        return []
    parts = [[tag('h3', title) if title else '', table(each)]
             for title, each in found if len(each) > 1]
    return [('steps', 'Path by path', [tag(
        'p', 'Medians, as bars from 0; the line reaches from the least to the '
        'greatest. Copies: how often a CPU copies each byte on its '
        'way, a fact of the method.', class_='muted'), parts])]


def copies(point):
    path = paths.PATHS.get(panels.value(point, 'path'))
    if path is None:
        return html.cell('', '', 'n')
    return html.cell(str(path.copies), path.copies, 'n')


def table(points):
    drawn, counted = known(points, DRAWN), known(points, COUNTED)
    headings = [html.heading('Path'), html.heading('Copies', True)]
    for metric in drawn:
        headings += [html.heading(named(metric).heading, True),
                     html.heading('from 0')]
    headings += [html.heading(named(each).heading, True)
                 for each in counted]
    ends = {metric: (0, max(each['figures'][metric][2] for each in points
                            if metric in each['figures']) or 1)
            for metric in drawn}
    rows = []
    for each in points:
        row = [tag('th', panels.value(each, 'path') or '', scope='row'),
               copies(each)]
        for metric in drawn:
            row += [figure(metric, each), picture(metric, each, ends[metric])]
        row += [figure(metric, each) for metric in counted]
        rows.append(row)
    return html.table(headings, rows)


def figure(metric, point):
    if metric not in point['figures']:
        return html.number(None, None)
    middle = point['figures'][metric][0]
    return html.number(named(metric).show(middle), middle)


def picture(metric, point, ends):
    if metric not in point['figures']:
        return html.cell('', '')
    middle, low, high = point['figures'][metric]
    words = (f'{named(metric).text(middle)}, '
             f'{named(metric).text(low)} to {named(metric).text(high)}')
    return html.cell(strip.interval(ends, low, middle, high, 's1', words,
                                    bar=True), f'{middle:.9g}', 'picture')
