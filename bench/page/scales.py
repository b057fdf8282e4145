# SPDX-License-Identifier: GPL-2.0-only
"""Scales: the ends of those that the pictures of a column share, round values
for ticks, and the axis of a column, which stands in its heading.
"""

import math

from bench import format
from .html import Markup, markup

# What a character of a tick's label takes, in units of the small pictures.
LETTER = 5.6
# The first digits of the ends of a scale
ENDS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)


# ---- the ends of a scale ----

def from_zero(values):
    """(low, high) of a column: all values, and 0."""
    values = [*values, 0]
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high + 1)


def symmetric(values, limit=100):
    """Around 0, for changes in percent; no wider than limit."""
    most = min(max([abs(value) for value in values] or [1]), limit) or 1
    return -most, most


def symmetric_for_most(values, least=0.5, limit=100):
    """Around 0, to a round number above nearly all values, so that one wild
    value does not flatten the others; no narrower than `least`.
    """
    values = sorted(map(abs, values))
    if not values:
        return -1, 1
    most = values[math.ceil((len(values) - 1) * 0.95)] * 1.1
    return symmetric([round_step(max(most, least), ENDS)], limit)


# ---- ticks ----

def change_tick(percent):
    """The label of a change in percent."""
    return format.change(percent).replace('.0', '')


def round_step(rough, factors=(1, 2, 2.5, 5, 10)):
    """The next round number that is not below."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in factors
                if factor * power >= rough * 0.999)


def round_steps(low, high, logarithmic=False):
    """Round values for the ticks of an axis that reaches from low or below to
    high or above.
    """
    if logarithmic:
        first, last = (math.floor(math.log10(end)) for end in (low, high))
        marks = (1,) if last - first > 2 else (1, 2, 5)
        values = [mark * 10.0 ** power for power in range(first, last + 2)
                  for mark in marks]
        begin = max(index for index, value in enumerate(values)
                    if value <= low * 1.0001)
        end = next((index for index, value in enumerate(values)
                    if value >= high), len(values) - 1)
        return values[begin:end + 1]
    step = round_step((high - low) / 4)
    begin, end = math.floor(low / step), math.ceil(high / step - 1e-9)
    return [index * step for index in range(begin, end + 1)]


def ticks_within(ends, text, room, least=0):
    """Round values from the one end to the other whose labels fit side by
    side into this room; not closer than `least`. Ends that are round have
    ticks.
    """
    low, high = ends
    choices = []
    for parts in (8, 6, 5, 4, 3, 2, 1):
        step = max(round_step((high - low) / parts), least)
        values = [index * step for index in range(
            math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
        widest = max((len(text(value)) for value in values), default=0)
        if values and (widest + 1.5) * LETTER <= step / (high - low) * room:
            choices.append(values)
    for values in choices:
        if math.isclose(values[-1] - values[0], high - low):
            return values
    # one label is always readable
    return choices[0] if choices else values[:1]


# ---- drawing ----

def place(value, ends, start, stop):
    """Where a value is drawn; what lies beyond the scale is at its end."""
    low, high = ends
    inside = min(max(value, low), high)
    return start + (inside - low) / (high - low) * (stop - start)


def label(x, y, text, width):
    """A tick's label at x, moved in where the picture would cut it."""
    half = len(text) * LETTER / 2
    x = min(max(x, half), width - half)
    return Markup(f'<text x="{x:.1f}" y="{y:.1f}">{markup(text)}'
                  '</text>')


def axis(ends, text, width, edge):
    """The axis of a column of pictures so wide, whose scale begins and ends
    `edge` from their borders; text: value -> label.
    """
    start, stop = edge, width - edge
    values = ticks_within(ends, text, stop - start)
    places = [place(value, ends, start, stop) for value in values]
    marks = ''.join(f'M{x:.1f},12v4' for x in places)
    texts = ''.join(label(x, 9, text(value), width)
                    for x, value in zip(places, values))
    return Markup(f'<svg class="axis" width="{width}" height="17" '
                  f'viewBox="0 0 {width} 17" aria-hidden="true">'
                  f'<path d="M{start},16H{stop}{marks}" '
                  f'stroke="var(--axis)" fill="none"/>{texts}</svg>')
