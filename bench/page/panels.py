# SPDX-License-Identifier: GPL-2.0-only
"""Which pictures show the points of a plan: a metric against depth or block
size, a line for each path. Points that differ in more than a picture can hold
stand in several, side by side in panels.

A point here is {'name', 'axes', 'figures': {metric: (median, low, high)}}. An
axis "side" makes lines of what is compared, in place of paths.
"""

import math

from bench import format, units
from bench.metrics import named
from . import gnuplot

AXES = ('side', 'path', 'source', 'place', 'rw', 'rwmixread', 'bs', 'iodepth',
        'numjobs', 'drives')
# In the title of a panel
ORDER = ('rw', 'rwmixread', 'bs', 'iodepth', 'numjobs', 'drives', 'path',
         'source', 'place')
METRICS = ('iops', 'bw', 'lat_p99', 'cpu')
# What a panel is about rather than a line of it, where paths are compared
APART = ('path', 'rw', 'rwmixread', 'numjobs', 'drives', 'place', 'source')
# More pictures than that are no help to anybody.
MOST = 200
SIZES = {'iodepth': 'queue depth', 'bs': 'block size'}
NAMES = {'iodepth': 'depth', 'bs': 'block size', 'numjobs': 'jobs',
         'rwmixread': '% reads', 'drives': 'drives', 'rw': 'rw',
         'side': 'side', 'path': 'path',
         'source': 'source', 'place': 'place'}


def value(point, axis):
    """That of an axis that applies, else None."""
    found = point['axes'].get(axis)
    return None if found in ('', None) else found


def varying(points):
    """The axes in which points differ. Where each path has a source or place
    of its own, that tells nothing."""
    axes = [axis for axis in AXES
            if len({value(each, axis) for each in points}) > 1]
    paths = {value(each, 'path') for each in points}
    return [axis for axis in axes if axis not in ('source', 'place') or len(
        {(value(each, 'path'), value(each, axis)) for each in points})
        > len(paths)]


def words(axis, found):
    """A value of an axis as a name has it."""
    if found is None:
        return f'no {NAMES[axis]}'
    if axis == 'bs':
        return format.block_size(found)
    if axis == 'iodepth':
        return f'depth {found}'
    if axis == 'numjobs':
        return format.count(found, 'job')
    if axis == 'rwmixread':
        return f'{found} % reads'
    if axis == 'drives':
        return format.count(found, 'drive')
    return str(found)


def name(point, axes):
    return ', '.join(words(axis, value(point, axis)) for axis in axes
                     if value(point, axis) is not None)


def position(point, x):
    found = value(point, x)
    if x == 'bs' and found is not None:
        return size_bytes(found)
    return found if isinstance(found, (int, float)) else None


def size_bytes(value):
    """Bytes, or None for what is no one size."""
    if isinstance(value, int):
        return value
    try:
        return units.parse_size(str(value))
    except ValueError:
        return None


def key(point, axes):
    return tuple(value(point, axis) for axis in axes)


def grouped(points, axes):
    """Points by their values on these axes, in their order."""
    groups = {}
    for each in points:
        groups.setdefault(key(each, axes), []).append(each)
    return groups


def split(points, x):
    """(axes of a panel, axes of its lines)"""
    axes = [axis for axis in varying(points) if axis != x]
    other = 'iodepth' if x == 'bs' else 'bs'
    apart = [axis for axis in axes if axis == other]
    spare = [axis for axis in APART if axis in axes]
    if 'side' in axes:
        apart, spare = apart + spare, []
    elif 'path' in axes:
        spare.remove('path')
        while spare and spare[0] not in ('place', 'source'):
            apart.append(spare.pop(0))
        spare.append('path')

    def most():
        lines = [axis for axis in axes if axis not in apart]
        return max(len(grouped(group, lines))
                   for group in grouped(points, apart).values())

    while spare and most() > gnuplot.STYLES:
        apart.append(spare.pop(0))
    return ([axis for axis in ORDER if axis in apart],
            [axis for axis in axes if axis not in apart])


def of_axis(points, x):
    """Panels against x: [{'title', 'x', 'lines': [(name, style, points)]}].
    Only of groups where a line has more than one point."""
    points = [each for each in points if position(each, x) is not None]
    if len({position(each, x) for each in points}) < 2:
        return []
    apart, along = split(points, x)
    every = list(grouped(points, along))
    panels = []
    for group in grouped(points, apart).values():
        lines = grouped(group, along)
        if all(len(line) < 2 for line in lines.values()):
            continue
        keys = every if len(every) <= gnuplot.STYLES else list(lines)
        shown = [(name(line[0], along) or name(line[0], ['path']) or 'all',
                  keys.index(each),
                  sorted(line, key=lambda one: position(one, x)))
                 for each, line in lines.items()]
        panels.append({'x': x, 'title': name(group[0], apart),
                       'lines': shown})
    return panels


def tick_label(x, place):
    return format.block_size(place) if x == 'bs' else f'{place:g}'


def ticks(x, places, logarithmic):
    """Those of the values measured that have room for their labels."""
    places = sorted(places)
    scale = math.log2 if logarithmic else float
    low, high = scale(places[0]), scale(places[-1])
    chosen, free = [], -1e9
    for each in places:
        label = tick_label(x, each)
        at = (scale(each) - low) / ((high - low) or 1) * gnuplot.WIDTH * 0.75
        half = 3.8 * len(label) + 3
        if at - half >= free:
            chosen.append((each, label))
            free = at + half
    return chosen


def series(panel, metric):
    lines = []
    for line, style, points in panel['lines']:
        found = [(position(each, panel['x']), *each['figures'][metric])
                 for each in points if each['figures'].get(metric)]
        if found:
            lines.append({'name': line, 'style': style, 'points': found})
    return lines


def picture(panel, metric, shown=None, tick=None, title=None):
    """The plot of a metric, or None where nothing is known of it. Values are
    shown and axes labelled as that metric is, unless told otherwise."""
    lines = series(panel, metric)
    if not lines:
        return None
    shown = shown or named(metric).text
    title = title or named(metric).title
    x = panel['x']
    places = {point[0] for line in lines for point in line['points']}
    heights = [each for line in lines for point in line['points']
               for each in point[1:]]
    logx = min(places) > 0 and max(places) >= 8 * min(places)
    logy = metric.startswith('lat') and min(heights) > 0 and \
        max(heights) > 30 * min(heights)

    def say(line, point):
        at, middle, low, high = point
        return (f'{line}, {SIZES[x]} {tick_label(x, at)}: {shown(middle)} '
                f'({shown(low)} to {shown(high)})')

    told = '; '.join(
        f'{line["name"]}: {shown(line["points"][0][1])} at '
        f'{tick_label(x, line["points"][0][0])} to '
        f'{shown(line["points"][-1][1])} at '
        f'{tick_label(x, line["points"][-1][0])}' for line in lines)
    group = f', {panel["title"]}' if panel['title'] else ''
    return {'title': title + (' (logarithmic)' if logy else ''),
            'x': SIZES[x], 'logx': logx, 'logy': logy,
            'xticks': ticks(x, places, logx),
            'yticks': tick or named(metric).tick,
            'series': lines, 'say': say,
            'alternative': f'{title} against {SIZES[x]}{group}. {told}.'}
