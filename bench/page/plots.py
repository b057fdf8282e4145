# SPDX-License-Identifier: GPL-2.0-only
"""The plots of a page: each metric against queue depth and block size, with a
line for each path. Points that differ in more than one plot can show are
spread over several panels: the plots of one group of points under one title,
with one legend.

A point here is {'name', 'axes', 'figures': {metric: (median, low, high)}}. If
it has an axis "side", lines are sides in place of paths.
"""

import math

from bench import format, units
from bench.metrics import named
from . import gnuplot, labels, looks
from .html import tag
from .labels import axis_value

METRICS = ('iops', 'bw', 'lat_p99', 'cpu')
# What a metric is plotted against
AGAINST = {'iodepth': 'queue depth', 'bs': 'block size'}
# The order of axes in the title of a panel
TITLE_ORDER = ('rw', 'rwmixread', 'bs', 'iodepth', 'numjobs', 'drives', 'path',
               'source', 'place')
# The axes that panels are made for, if there are too many lines: first to last
PANEL_ORDER = ('path', 'rw', 'rwmixread', 'numjobs', 'drives', 'place',
               'source')
# More plots than that do not help anybody.
MOST = 200


# ---- panels ----

def position(point, x):
    """Where a point is on the x axis, or None."""
    value = axis_value(point, x)
    if x == 'bs' and value is not None:
        return labels.size_in_bytes(value)
    return value if isinstance(value, (int, float)) else None


def split(points, x):
    """(axes of a panel, axes of its lines)"""
    axes = [axis for axis in labels.varying(points) if axis != x]
    other = 'iodepth' if x == 'bs' else 'bs'
    panel = [axis for axis in axes if axis == other]
    spare = [axis for axis in PANEL_ORDER if axis in axes]
    if 'side' in axes:
        panel, spare = panel + spare, []
    elif 'path' in axes:
        spare.remove('path')
        while spare and spare[0] not in ('place', 'source'):
            panel.append(spare.pop(0))
        spare.append('path')

    def most_lines():
        lines = [axis for axis in axes if axis not in panel]
        return max(len(labels.group_by(group, lines))
                   for group in labels.group_by(points, panel).values())

    while spare and most_lines() > looks.MOST:
        panel.append(spare.pop(0))
    return ([axis for axis in TITLE_ORDER if axis in panel],
            [axis for axis in axes if axis not in panel])


def panels(points, x):
    """[{'title', 'x', 'lines': [(name, look, points)]}], of the groups in
    which a line has more than one point.
    """
    points = [point for point in points if position(point, x) is not None]
    if len({position(point, x) for point in points}) < 2:
        return []
    panel_axes, line_axes = split(points, x)
    all_lines = list(labels.group_by(points, line_axes))
    result = []
    for group in labels.group_by(points, panel_axes).values():
        lines = labels.group_by(group, line_axes)
        if all(len(line) < 2 for line in lines.values()):
            continue
        # a line looks the same in every panel, if there are enough looks
        keys = all_lines if len(all_lines) <= looks.MOST else list(lines)
        look = line_looks(keys, line_axes)
        result.append({
            'x': x, 'title': labels.describe(group[0], panel_axes),
            'lines': [(line_name(line[0], line_axes), look[key],
                       sorted(line, key=lambda point: position(point, x)))
                      for key, line in lines.items()]})
    return result


def line_looks(keys, axes):
    """{key: Look} of lines, which are keys of group_by(): the look of a side,
    the colour of a path, or any, where the lines are of one path or too many.
    """
    if 'side' in axes:
        sides = list(dict.fromkeys(key[axes.index('side')] for key in keys))
        return {key: looks.of_side(sides.index(key[axes.index('side')]))
                for key in keys}
    groups = {}
    for key in keys if 'path' in axes else ():
        groups.setdefault(key[axes.index('path')], []).append(key)
    if not groups or max(map(len, groups.values())) > len(looks.SHAPES):
        return dict(zip(keys, looks.of_others(len(keys))))
    result = {}
    for path, look in looks.of_paths(groups).items():
        result |= zip(groups[path], looks.variants(look, len(groups[path])))
    return result


def line_name(point, axes):
    return labels.describe(point, axes) or \
        labels.describe(point, ['path']) or 'all'


def has_any(points):
    """Whether there is anything to plot, with a gnuplot or without."""
    return any(panels(points, x) for x in AGAINST)


def without(points):
    """Why the plots of these points are missing, in a line, or None."""
    return gnuplot.missing() if has_any(points) else None


# ---- one plot ----

def tick_label(x, value):
    return format.size_text(value) if x == 'bs' else f'{value:g}'


def ticks(x, values, logarithmic):
    """Those of the values measured that have room for their labels."""
    values = sorted(values)
    scale = math.log2 if logarithmic else float
    low, high = scale(values[0]), scale(values[-1])
    chosen, free = [], -1e9
    for value in values:
        label = tick_label(x, value)
        at = (scale(value) - low) / ((high - low) or 1) * gnuplot.WIDTH * 0.75
        half = 3.8 * len(label) + 3
        if at - half >= free:
            chosen.append((value, label))
            free = at + half
    return chosen


def series(panel, metric):
    lines = []
    for name, look, points in panel['lines']:
        points = [(position(point, panel['x']), *point['figures'][metric])
                  for point in points if point['figures'].get(metric)]
        if points:
            lines.append({'name': name, 'look': look, 'points': points})
    return lines


def metric_plot(panel, metric, text=None, tick=None, title=None):
    """The plot of a metric for gnuplot.py, or None where it is not known of
    any point. Values and ticks are written as the metric has it, unless text
    and tick are given.
    """
    lines = series(panel, metric)
    if not lines:
        return None
    text = text or named(metric).text
    title = title or named(metric).title
    x = panel['x']
    places = {point[0] for line in lines for point in line['points']}
    heights = [value for line in lines for point in line['points']
               for value in point[1:]]
    logx = min(places) > 0 and max(places) >= 8 * min(places)
    logy = metric.startswith('lat') and min(heights) > 0 and \
        max(heights) > 30 * min(heights)

    def tooltip(line, point):
        at, middle, low, high = point
        return (f'{line}, {AGAINST[x]} {tick_label(x, at)}: {text(middle)} '
                f'({text(low)} to {text(high)})')

    return {'title': title + (' (logarithmic)' if logy else ''),
            'x': AGAINST[x], 'logx': logx, 'logy': logy,
            'xticks': ticks(x, places, logx),
            'yticks': tick or named(metric).tick,
            'series': lines, 'tooltip': tooltip,
            'alternative': alternative(panel, lines, title, text)}


def alternative(panel, lines, title, text):
    """For someone who cannot see the plot: where each line begins and ends."""
    x = panel['x']
    group = f', {panel["title"]}' if panel['title'] else ''
    ends = '; '.join(
        f'{line["name"]}: {text(line["points"][0][1])} at '
        f'{tick_label(x, line["points"][0][0])} to '
        f'{text(line["points"][-1][1])} at '
        f'{tick_label(x, line["points"][-1][0])}' for line in lines)
    return f'{title} by {AGAINST[x]}{group}. {ends}.'


# ---- sections of a page ----

def draw_panels(all_panels, make_plot):
    """[(panel, [(plot, picture)])], all by one run of gnuplot."""
    plots = [(panel, make_plot(panel, metric))
             for panel in all_panels for metric in METRICS]
    plots = [(panel, plot) for panel, plot in plots if plot]
    pictures = gnuplot.draw([plot for _, plot in plots])
    rows = {}
    for (panel, plot), picture in zip(plots, pictures):
        rows.setdefault(id(panel), (panel, []))[1].append((plot, picture))
    return list(rows.values())


def panel_markup(panel, plots):
    title = tag('h3', panel['title']) if panel['title'] else ''
    legend = looks.legend_list([(name, look)
                                for name, look, _ in panel['lines']])
    figures = [tag('figure', [
        tag('figcaption', tag('b', format.capitalized(plot['title']))),
        picture]) for plot, picture in plots]
    return tag('div', [title, legend, tag('div', figures, class_='plots')],
               class_='panel')


def sections(points, caption, make_plot=metric_plot, what=None, most=MOST):
    """[(name, title, content)]: against depth, and against block size, no
    more plots than `most`; nothing without a gnuplot. `what` they show if it
    is not the metrics themselves.
    """
    if gnuplot.missing():
        return []
    by_axis = {x: panels(points, x) for x in AGAINST}
    all_panels = [panel for some in by_axis.values() for panel in some]
    rows = draw_panels(all_panels[:most // len(METRICS)], make_plot)
    result = []
    for x, title in AGAINST.items():
        drawn = [(panel, plots) for panel, plots in rows if panel['x'] == x]
        parts = [tag('p', caption, class_='muted')]
        parts += [panel_markup(panel, plots) for panel, plots in drawn]
        left = len(by_axis[x]) - len(drawn)
        if left:
            groups = units.count(left, 'more group')
            parts.append(tag('p', f'{groups} of points not drawn; see the '
                             'table.'))
        if by_axis[x]:
            name = f'{what}-{x}' if what else x
            title = f'{what} by {title}' if what else f'By {title}'
            result.append((name.lower(), title, parts))
    return result
