# SPDX-License-Identifier: GPL-2.0-only
"""Evidence of what was measured: the path that the engine reports, and the
maps, system calls and context switches of each I/O.
"""

import statistics

from bench.metrics import named
from . import html, labels
from .cells import metric_cell, range_text
from .figures import known, median_and_ends, median_cell, \
    metric_headings
from .html import tag

METRICS = ('maps', 'unmaps', 'syscalls', 'switches')
REPORTED = ('path', 'family', 'source')


def paths_table(points):
    """The planned path beside what the engine reports."""
    groups = {}
    for point in points:
        path = labels.axis_value(point, 'path') or ''
        for line in point['lines']:
            measured = line.get('measured')
            reported = measured and tuple(map(measured.get, REPORTED))
            groups.setdefault((path, reported or (None,) * 3),
                              []).append(point['name'])
    rows = [[tag('th', planned, scope='row'),
             html.cell(path or 'no report'),
             html.cell(family or ''), html.cell(source or ''),
             html.cell(str(len(set(names))), None, 'n'),
             html.cell(str(len(names)), None, 'n')]
            for (planned, (path, family, source)), names in groups.items()]
    return html.table(
        [html.heading('Planned path'), html.heading('Measured path'),
         html.heading('Interface family'), html.heading('Memory source'),
         html.heading('Points', True), html.heading('Measurements', True)],
        rows, "From the engine's report of each measurement. Paths that do "
        "not use the engine have no report.")


def proof(points):
    """Maps, system calls and switches per I/O: by path, then by point."""
    metrics = known(points, METRICS)
    if not metrics:
        return None
    rows = []
    for (path,), group in labels.group_by(points, ('path',)).items():
        rows.append([tag('th', path or '', scope='row'),
                     html.cell(str(len(group)), None, 'n')] +
                    [range_cell(metric, group) for metric in metrics])
    parts = [html.table([html.heading('Path'), html.heading('Points', True)] +
                        metric_headings(metrics), rows,
                        'Median over the points of each path, with minimum '
                        'and maximum.')]
    missing = [named(metric).title for metric in METRICS
               if metric not in metrics]
    if missing:
        parts.append(tag('p', f'Not traced: {", ".join(missing)}.',
                         class_='muted'))
    if len(points) > len(rows):
        parts.append(tag('details', [tag('summary', 'By point'),
                                     table_by_point(points, metrics)]))
    return parts


def range_cell(metric, points):
    """The median of several points, and their range where they differ."""
    values = [statistics.median(point['values'][metric]) for point in points
              if point['values'].get(metric)]
    if not values:
        return metric_cell(metric, None)
    middle, low, high = median_and_ends(values)
    more = tag('span', ' ' + range_text(metric, low, high),
               class_='muted') if high > low else ''
    return metric_cell(metric, middle, more)


def table_by_point(points, metrics):
    axes = labels.varying(points)
    rows = [labels.axis_cells(point, axes) +
            [median_cell(metric, point) for metric in metrics] +
            [html.cell(tag('code', point['name']))] for point in points]
    return html.table(labels.axis_headings(axes) + metric_headings(metrics) +
                      [html.heading('Point')], rows)
