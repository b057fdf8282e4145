# SPDX-License-Identifier: GPL-2.0-only
"""Cells of a table: a value of a metric, and a whisker: a small picture of a
dot with a line over its interval. All whiskers of a column have one scale.
"""

from bench.metrics import named
from . import html
from .html import Markup, markup

WIDTH, HEIGHT = 190, 20
EDGE = 6


def metric_cell(metric, value, more=''):
    """A value with its unit, and more markup; empty for None."""
    if value is None:
        return html.number(None, None)
    return html.number(named(metric).show(value), value, more)


def range_text(metric, low, high):
    return f'{named(metric).text(low)} to {named(metric).text(high)}'


# ---- whiskers ----

def whisker_cell(metric, figure, ends, bar=False):
    """Of a figure, (median, low, high) or None."""
    if not figure:
        return html.cell('', '')
    middle, low, high = figure
    words = f'{named(metric).text(middle)}, {range_text(metric, low, high)}'
    return html.cell(whisker(ends, low, middle, high, 's1', words, bar),
                     f'{middle:.9g}', 'picture')


def scale(values):
    """(low, high) of a column: all values, and 0."""
    values = [*values, 0]
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high + 1)


def symmetric_scale(values, limit=100):
    """Around 0, for changes in percent; no wider than limit."""
    most = min(max([abs(value) for value in values] or [1]), limit) or 1
    return -most, most


def whisker(ends, low, middle, high, style, words, bar=False):
    """A dot at the middle and a line from low to high, which may be None, on
    the scale `ends`. What lies beyond the scale is an arrow at its end. A bar
    from 0 to the middle if asked for. `words` say the same.
    """
    begin, end = ends

    def place(value):
        inside = min(max(value, begin), end)
        return EDGE + (inside - begin) / (end - begin) * (WIDTH - 2 * EDGE)

    half = HEIGHT / 2
    parts = [f'<title>{markup(words)}</title>']
    if bar:
        parts.append(f'<path d="M{place(0):.1f},4V{HEIGHT - 4}'
                     f'H{place(middle):.1f}V4z" fill="var(--{style})" '
                     'fill-opacity=".3"/>')
    if begin <= 0 <= end:
        parts.append(f'<path d="M{place(0):.1f},0V{HEIGHT}" '
                     'stroke="var(--axis)"/>')
    if low is not None:
        parts.append(f'<path d="M{place(low):.1f},{half}H{place(high):.1f}" '
                     f'stroke="var(--{style})" stroke-width="2.5"/>')
        for value, way in ((low, -1), (high, 1)):
            if not begin <= value <= end:
                x = place(value)
                parts.append(f'<path d="M{x:.1f},{half - 4}l{5 * way},4'
                             f'l{-5 * way},4z" fill="var(--{style})"/>')
    if begin <= middle <= end:
        parts.append(f'<circle cx="{place(middle):.1f}" cy="{half}" r="3.6" '
                     f'fill="var(--{style})"/>')
    return Markup(f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 '
                  f'{WIDTH} {HEIGHT}" role="img" aria-label="{markup(words)}">'
                  f'{"".join(parts)}</svg>')
