# SPDX-License-Identifier: GPL-2.0-only
"""Cells of a table: a value of a metric, and a whisker: a small picture of a
dot with a line over its interval, and below it a dot for each sample. All
whiskers of a column have one scale, whose axis stands in the heading.
"""

from bench.metrics import named
from . import html, scales
from .html import Markup, markup, tag

WIDTH, HEIGHT = 190, 20
EDGE = 6
# The mark of a sample that was left out, as a part of a path
CROSS = 'm-2.5-2.5l5,5m0-5l-5,5'


def metric_cell(metric, value, more=''):
    """A value with its unit, and more markup; empty for None."""
    if value is None:
        return html.number(None, None)
    return html.number(named(metric).show(value), value, more)


def range_text(metric, low, high):
    return f'{named(metric).text(low)} to {named(metric).text(high)}'


def picture_heading(text, axis, title=None):
    """The heading of a column of pictures, with their axis."""
    return tag('th', [text, axis], scope='col', class_='n picture',
               title=title)


# ---- whiskers ----

def whisker_heading(text, ends, tick, title=None):
    """Of a column of whiskers on the scale `ends`; tick: value -> label."""
    return picture_heading(text, scales.axis(ends, tick, WIDTH, EDGE), title)


def whisker_cell(metric, figure, ends, ink, samples=(), bar=False):
    """Of a figure, (median, low, high) or None, and the samples behind it."""
    if not figure:
        return html.cell('', '', 'picture')
    middle, low, high = figure
    words = f'{named(metric).text(middle)}, {range_text(metric, low, high)}'
    return html.cell(whisker(ends, low, middle, high, ink, words, bar,
                             samples), f'{middle:.9g}', 'picture')


def whisker(ends, low, middle, high, ink, words, bar=False, samples=(),
            left_out=(), margin=None):
    """A dot at the middle and a line from low to high, which may be None, on
    the scale `ends`, and a small dot below for each of the samples, a cross
    for those left out. What lies beyond the scale is an arrow at its end. A
    bar from 0 to the middle, and a band of +- margin, if asked for. `ink` is a
    variable of page.css; `words` say the same.
    """
    begin, end = ends
    line = HEIGHT / 2 - (4 if samples or left_out else 0)

    def place(value):
        return scales.place(value, ends, EDGE, WIDTH - EDGE)

    parts = [f'<title>{markup(words)}</title>']
    if margin:
        parts.append(f'<path d="M{place(-margin):.1f},0H{place(margin):.1f}'
                     f'V{HEIGHT}H{place(-margin):.1f}z" '
                     'fill="var(--window)"/>')
    if bar:
        parts.append(f'<path d="M{place(0):.1f},{line - 6:g}v12'
                     f'H{place(middle):.1f}v-12z" fill="var(--{ink})" '
                     'fill-opacity=".3"/>')
    if begin <= 0 <= end:
        parts.append(f'<path d="M{place(0):.1f},0V{HEIGHT}" '
                     'stroke="var(--axis)"/>')
    if low is not None:
        parts.append(f'<path d="M{place(low):.1f},{line:g}H{place(high):.1f}" '
                     f'stroke="var(--{ink})" stroke-width="2.5"/>')
        parts += [arrow(ends, place(value), line, 5, ink)
                  for value in (low, high) if not begin <= value <= end]
    if begin <= middle <= end:
        parts.append(f'<circle cx="{place(middle):.1f}" cy="{line:g}" '
                     f'r="3.6" fill="var(--{ink})"/>')
    elif low is None:
        parts.append(arrow(ends, place(middle), line, 5, ink))
    parts.append(sample_dots(ends, samples, place, ink))
    parts.append(crosses(left_out, place, ink))
    return Markup(f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 '
                  f'{WIDTH} {HEIGHT}" role="img" aria-label="{markup(words)}">'
                  f'{"".join(parts)}</svg>')


def arrow(ends, x, y, size, ink):
    """At the end of the scale where x is, pointing out of it."""
    out = size if x > WIDTH / 2 else -size
    return (f'<path d="M{x:.1f},{y - size * 0.8:g}l{out},{size * 0.8:g}'
            f'l{-out},{size * 0.8:g}z" fill="var(--{ink})"/>')


def sample_dots(ends, samples, place, ink):
    """One below the line for each sample."""
    begin, end = ends
    y = HEIGHT - 4
    inside = [value for value in samples if begin <= value <= end]
    beyond = {place(value) for value in samples if not begin <= value <= end}
    dots = ''.join(f'M{place(value):.1f},{y}h0' for value in inside)
    parts = [f'<path class="dots" d="{dots}" stroke="var(--{ink})"/>'] \
        if dots else []
    return ''.join(parts + [arrow(ends, x, y, 3, ink)
                            for x in sorted(beyond)])


def crosses(left_out, place, ink):
    """One below the line for each sample that was left out."""
    path = ''.join(f'M{place(value):.1f},{HEIGHT - 4}{CROSS}'
                   for value in left_out)
    return f'<path d="{path}" stroke="var(--{ink})" fill="none"/>' \
        if path else ''
