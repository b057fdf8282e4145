# SPDX-License-Identifier: GPL-2.0-only
"""Paths side by side, as the steps of the ladder: their speed and CPU time,
copies, system calls, context switches and maps. For plans with several paths
and few other points.
"""

from bench.metrics import named
from bench.plan import paths
from . import html, labels, looks
from .cells import metric_cell, whisker_cell, whisker_heading
from .figures import known, metric_headings
from .html import tag

# Fewer paths, or more groups of them, are better seen in the plots.
FEWEST_PATHS, MOST_GROUPS = 3, 6
# Metrics with a bar, and those without
SPEED, COST = ('iops', 'cpu'), ('syscalls', 'switches', 'maps')


def groups(points):
    """[(title, points that differ in their path alone)]"""
    axes = [axis for axis in labels.varying(points) if axis != 'path']
    return [(labels.describe(group[0], axes), group)
            for group in labels.group_by(points, axes).values()]


def sections(points):
    """[(name, title, content)], or nothing."""
    titled = groups(points)
    if len(titled) > MOST_GROUPS or \
            max(len(group) for _, group in titled) < FEWEST_PATHS:
        return []
    parts = [[tag('h3', title) if title else '', ladder_table(group)]
             for title, group in titled if len(group) > 1]
    return [('steps', 'Comparison of paths', [tag(
        'p', 'Bars show medians, lines minimum to maximum, small dots the '
        'rounds. Copies is how often a CPU copies each byte; it follows from '
        'the path and is not measured.', class_='muted'), parts])]


def copies_cell(point):
    path = paths.PATHS.get(labels.axis_value(point, 'path'))
    if path is None:
        return html.cell('', '', 'n')
    return html.cell(str(path.copies), path.copies, 'n')


def ladder_table(points):
    speed, cost = known(points, SPEED), known(points, COST)
    ends = {metric: (0, max(point['figures'][metric][2] for point in points
                            if metric in point['figures']) or 1)
            for metric in speed}
    heads = [html.heading('Path'), html.heading('Copies', True)]
    for metric in speed:
        heads += metric_headings([metric]) + [
            whisker_heading('Rounds', ends[metric], named(metric).tick)]
    heads += metric_headings(cost)
    rows = []
    for point in points:
        figures = point['figures']
        path = labels.axis_value(point, 'path')
        row = [tag('th', path or '', scope='row'),
               copies_cell(point)]
        for metric in speed:
            row += [figure_cell(metric, figures),
                    whisker_cell(metric, figures.get(metric), ends[metric],
                                 looks.of_path(path).ink,
                                 point['values'].get(metric, ()), bar=True)]
        row += [figure_cell(metric, figures) for metric in cost]
        rows.append(row)
    return html.table(heads, rows)


def figure_cell(metric, figures):
    return metric_cell(metric, figures.get(metric, (None,))[0])
