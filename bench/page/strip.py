# SPDX-License-Identifier: GPL-2.0-only
"""Small pictures for the cells of a table: an interval with its middle on a
common scale. Every row of a column has the same scale.
"""

from .html import Markup, markup

WIDTH, HEIGHT = 190, 20
EDGE = 6


def scale(values, zero=True):
    """(low, high) of a column: all values, and 0 where it has a meaning."""
    values = list(values) + ([0] if zero else [])
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high + 1)


def around_zero(values, limit=100):
    """A symmetric scale for changes in percent, no wider than limit."""
    most = max([abs(each) for each in values] or [1])
    return (-min(most, limit) or -1, min(most, limit) or 1)


def interval(ends, low, middle, high, style, words, bar=False):
    """The interval low..high with a dot at the middle; what lies beyond the
    ends of the scale is drawn as an arrow at its end. With a bar from 0 to
    the middle where that is asked for."""
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
