# SPDX-License-Identifier: GPL-2.0-only
"""Which point is which: the axes in which points differ, their values in
words, and the columns of a table that hold them.

A point here is {'name', 'axes': {axis: value}, ...}. Where sides are compared
it has one more axis, "side".
"""

from bench import format, units
from . import html

AXES = ('side', 'path', 'source', 'place', 'rw', 'rwmixread', 'bs', 'iodepth',
        'numjobs', 'drives')
NAMES = {'iodepth': 'depth', 'bs': 'block size', 'numjobs': 'jobs',
         'rwmixread': '% reads', 'drives': 'drives', 'rw': 'rw',
         'side': 'side', 'path': 'path',
         'source': 'source', 'place': 'place'}
NUMBERS = ('bs', 'iodepth', 'numjobs', 'drives', 'rwmixread')


def axis_value(point, axis):
    """None where the axis does not apply."""
    value = point['axes'].get(axis)
    return None if value in ('', None) else value


def varying(points):
    """The axes in which points differ. Source and place are left out where
    the path decides them.
    """
    axes = [axis for axis in AXES
            if len({axis_value(point, axis) for point in points}) > 1]
    paths = {axis_value(point, 'path') for point in points}
    return [axis for axis in axes if axis not in ('source', 'place') or len(
        {(axis_value(point, 'path'), axis_value(point, axis))
         for point in points}) > len(paths)]


def group_by(points, axes):
    """{values on these axes: points}, in the order of the points."""
    groups = {}
    for point in points:
        key = tuple(axis_value(point, axis) for axis in axes)
        groups.setdefault(key, []).append(point)
    return groups


# ---- words ----

def in_words(axis, value):
    if axis == 'bs':
        return format.size_text(value)
    if axis == 'iodepth':
        return f'depth {value}'
    if axis == 'numjobs':
        return units.count(value, 'job')
    if axis == 'rwmixread':
        return f'{value} % reads'
    if axis == 'drives':
        return units.count(value, 'drive')
    return str(value)


def describe(point, axes):
    return ', '.join(in_words(axis, axis_value(point, axis)) for axis in axes
                     if axis_value(point, axis) is not None)


def same_for_all(points, axes):
    """A sentence on the axes that have no column because all points have the
    same value.
    """
    values = {axis: axis_value(points[0], axis) for axis in AXES
              if axis not in axes
              and len({axis_value(point, axis) for point in points}) == 1}
    pairs = [f'{axis}={format.size_text(value) if axis == "bs" else value}'
             for axis, value in values.items() if value is not None]
    return f' Same for all points: {", ".join(pairs)}.' if pairs else ''


# ---- columns ----

def axis_headings(axes):
    # rw is fio's own word
    return [html.heading(
        NAMES[axis] if axis == 'rw' else format.capitalized(NAMES[axis]),
        axis in NUMBERS) for axis in axes]


def axis_cells(point, axes):
    return [axis_cell(axis, axis_value(point, axis)) for axis in axes]


def axis_cell(axis, value):
    kind = 'n' if axis in NUMBERS else None
    if value is None:
        return html.cell('', '', kind)
    if axis == 'bs':
        size = size_in_bytes(value)
        return html.cell(format.size_text(value),
                         '' if size is None else size, kind)
    return html.cell(str(value), None, kind)


def size_in_bytes(value):
    """None for what is not one size."""
    if isinstance(value, int):
        return value
    try:
        return units.parse_size(str(value))
    except ValueError:
        return None
