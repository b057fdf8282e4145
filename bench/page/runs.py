# SPDX-License-Identifier: GPL-2.0-only
"""Run charts: the values of a row in the order of time, so that a trend and an
outlier are seen. All charts of a column have one scale and one time axis; both
axes stand in the heading.
"""

from . import html, scales
from .cells import CROSS
from .html import Markup, markup

WIDTH, HEIGHT = 150, 34
# Room for the labels of the values, and around the marks
LEFT, EDGE = 32, 5
# The words of a chart say no more values than these.
TOLD = 12


def chart(lines, ends, times, words, breaks=(), left_out=()):
    """lines: [(Look, [(when, value)])], one for each side or point; ends: (low,
    high) of the values; times: (first, last) of the whole column, in any
    unit. `words` say the same. A thin line is drawn at each time in `breaks`,
    such as where a new boot begins. What lies beyond the scale is an arrow at
    its end. left_out: (Look, when, value) of samples that are crosses beside
    the lines.
    """
    def across(when):
        return scales.place(when, widened(times), LEFT + EDGE, WIDTH - EDGE)

    def up(value):
        return scales.place(value, ends, HEIGHT - EDGE, EDGE)

    parts = [f'<title>{markup(words)}</title>',
             f'<path d="M{LEFT},{EDGE}V{HEIGHT - EDGE}" '
             'stroke="var(--axis)"/>']
    if ends[0] <= 0 <= ends[1]:
        parts.append(f'<path d="M{LEFT},{up(0):.1f}H{WIDTH}" '
                     'stroke="var(--line)"/>')
    parts += [f'<path d="M{across(when):.1f},0V{HEIGHT}" '
              'stroke="var(--axis)" stroke-dasharray="2,2"/>'
              for when in breaks]
    for look, values in lines:
        places = [(across(when), up(value), value)
                  for when, value in sorted(values)]
        parts.append(line_through(places, look))
        parts.append(marks(places, ends, look))
    parts += [f'<path d="M{across(when):.1f},{up(value):.1f}{CROSS}" '
              f'stroke="var(--{look.ink})" fill="none"/>'
              for look, when, value in left_out]
    return Markup(f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 '
                  f'{WIDTH} {HEIGHT}" role="img" aria-label="{markup(words)}">'
                  f'{"".join(parts)}</svg>')


def cell(picture, value):
    """A cell with a chart; value is what the column is sorted by."""
    return html.cell(picture, '' if value is None else f'{value:.6g}',
                     'picture')


def axes(ends, times, tick, when):
    """Both axes, for the heading; tick, when: the label of a value, of a
    time.
    """
    start, stop = LEFT + EDGE, WIDTH - EDGE
    low, high = ends
    values = [low, 0, high] if low < 0 < high else [low, high]
    heights = [scales.place(value, ends, HEIGHT - EDGE, EDGE)
               for value in values]
    times = widened(times)
    moments = scales.ticks_within(times, when, stop - start, 1)
    places = [scales.place(moment, times, start, stop) for moment in moments]
    base = HEIGHT - EDGE
    path = f'M{LEFT},{EDGE}V{base}H{WIDTH}' + \
        ''.join(f'M{LEFT - 3},{y:.1f}h3' for y in heights) + \
        ''.join(f'M{x:.1f},{base}v4' for x in places)
    texts = ''.join(
        f'<text x="{LEFT - 5}" y="{y + 3:.1f}" text-anchor="end">'
        f'{markup(tick(value))}</text>' for value, y in zip(values, heights))
    texts += ''.join(scales.label(x, base + 13, when(moment), WIDTH)
                     for x, moment in zip(places, moments))
    return Markup(f'<svg class="axis" width="{WIDTH}" height="{HEIGHT + 9}" '
                  f'viewBox="0 0 {WIDTH} {HEIGHT + 9}" aria-hidden="true">'
                  f'<path d="{path}" stroke="var(--axis)" fill="none"/>'
                  f'{texts}</svg>')


def told(pairs):
    """The words of a chart: (when, value), both as text, in their order; of
    many the first and the last ones.
    """
    pairs = [f'{when}: {value}' for when, value in pairs]
    if len(pairs) > TOLD:
        pairs[TOLD // 2:-(TOLD // 2)] = ['\u2026']
    return ', '.join(pairs)


# ---- parts of a chart ----

def widened(times):
    """A single moment is in the middle of an axis."""
    first, last = times
    return (first, last) if last > first else (first - 0.5, last + 0.5)


def line_through(places, look):
    path = 'L'.join(f'{x:.1f},{y:.1f}' for x, y, _ in places)
    return f'<path d="M{path}" stroke="var(--{look.ink})" ' \
        'stroke-opacity=".5" fill="none"/>' if len(places) > 1 else ''


def marks(places, ends, look):
    """One path for the marks of a line."""
    low, high = ends
    path = ''
    for x, y, value in places:
        shape = 'm-3,0l3-4l3,4z' if value > high else \
            'm-3,0l3,4l3-4z' if value < low else look.small_mark()
        path += f'M{x:.1f},{y:.1f}{shape}'
    return f'<path d="{path}" fill="var(--{look.ink})"/>'
