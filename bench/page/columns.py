# SPDX-License-Identifier: GPL-2.0-only
"""The columns of a table that say which point a row is."""

from bench import format
from . import html, panels

NUMBERS = ('bs', 'iodepth', 'numjobs', 'drives', 'rwmixread')


def kind(axis):
    return 'n' if axis in NUMBERS else None


def heading(axis):
    name = panels.NAMES[axis]
    if axis != 'rw':    # fio's own word
        name = format.capitalized(name)
    return html.heading(name, axis in NUMBERS)


def headings(axes):
    return [heading(axis) for axis in axes]


def cell(point, axis):
    found = panels.value(point, axis)
    if found is None:
        return html.cell('', '', kind(axis))
    if axis == 'bs':
        size = panels.size_bytes(found)
        return html.cell(format.block_size(found),
                         '' if size is None else size, 'n')
    return html.cell(str(found), None, kind(axis))


def cells(point, axes):
    return [cell(point, axis) for axis in axes]


def same_for_all(points, axes):
    """What the columns leave out, as text."""
    pairs = [(axis, panels.value(points[0], axis)) for axis in panels.AXES
             if axis not in axes
             and len({panels.value(each, axis) for each in points}) == 1]
    pairs = [f'{axis}={format.block_size(found) if axis == "bs" else found}'
             for axis, found in pairs if found is not None]
    return f' Same for all: {", ".join(pairs)}.' if pairs else ''
