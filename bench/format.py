# SPDX-License-Identifier: GPL-2.0-only
"""Numbers, percentages and lists as people read them, always as text: html.py
escapes what goes into a page.

A table of plain text has one unit in a column, so its numbers have four digits
and no unit, and its characters are ASCII: functions with the prefix plain_.
Elsewhere a number has three digits and the unit that fits, as drives have them
in their data sheets, with a thin space and a real minus sign.
"""

import json
import math
import time

from . import units

THIN = '\u202f'
MINUS = '\u2212'
# characters of a value on one line
LONGEST = 100


# ---- words ----

def capitalized(words):
    """With a capital first letter; p99 stays p99."""
    return words if words[1:2].isdigit() else words[:1].upper() + words[1:]


def one_line(value):
    """Any value on one printable line that is not too long."""
    if value is None:
        return 'unknown'
    text = value if isinstance(value, str) else json.dumps(value)
    text = ''.join(character if character.isprintable() else '?'
                   for character in ' '.join(text.split()))
    return text if len(text) <= LONGEST else text[:LONGEST - 3] + '...'


# ---- tables of plain text ----

def plain_number(value):
    """Four digits, but no fewer than there are before the point."""
    if value == 0:
        return '0'
    if abs(value) < 0.001:
        return f'{value:.2g}'
    places = 3 - sum(abs(value) >= limit for limit in (10, 100, 1000))
    return f'{value:,.{places}f}'


def plain_change(percent):
    """A change in percent, with its sign."""
    return f'{percent:+.1f} %' if abs(percent) < 1000 else f'{percent:+.0f} %'


def plain_interval(ends):
    return f'{plain_change(ends[0])} .. {plain_change(ends[1])}' \
        if ends else ''


def plain_probability(p):
    if p is None:
        return ''
    return '<0.0001' if p < 0.0001 else f'{p:.2g}' if p < 0.1 else f'{p:.2f}'


# ---- percentages and probabilities ----

def percent(value, places=None):
    """Without a sign; by default one place below 10 % and none above."""
    if places is None:
        places = 1 if value < 9.95 else 0
    return f'{value:.{places}f}{THIN}%'


def change(value):
    """A change in percent, with its sign; none if it rounds to 0."""
    text = percent(abs(value))
    if not float(text.removesuffix(THIN + '%')):
        return text
    return ('+' if value > 0 else MINUS) + text


def interval(ends):
    return f'{change(ends[0])} to {change(ends[1])}' if ends \
        else 'no interval'


def share(value):
    """A part of 1, such as a level of significance, in percent."""
    return f'{value * 100:g}{THIN}%'


def probability(value):
    """Three places, and a fourth close to the level of significance."""
    if value < 0.001:
        return '< 0.001'
    return f'{value:.{4 if 0.0495 <= value < 0.0505 else 3}f}'


# ---- three digits and a unit ----

def digits(value, significant=3):
    """So many significant digits, and no exponent."""
    if value == 0:
        return '0'
    # rounding up may add a digit
    value = float(f'{value:.{significant - 1}e}')
    places = significant - 1 - math.floor(math.log10(abs(value)))
    text = f'{value:.{max(places, 0)}f}'
    return text if abs(value) < 10000 else group_digits(text)


def group_digits(text):
    """An integer in groups of three digits."""
    sign, text = ('-', text[1:]) if text.startswith('-') else ('', text)
    groups = [text[max(end - 3, 0):end] for end in range(len(text), 0, -3)]
    return sign + THIN.join(reversed(groups))


def scaled(value, steps):
    """(digits, unit) by the largest of the (factor, unit) that the value
    reaches.
    """
    for factor, unit in steps:
        # 999.7 of the smaller unit would be shown as 1000 of it
        if abs(value) >= 0.9995 * factor:
            return digits(value / factor), unit
    factor, unit = steps[-1]
    return digits(value / factor), unit


def rate(value):
    if abs(value) < 9999.5:
        return digits(value, 4 if abs(value) >= 1000 else 3), ''
    return scaled(value, ((1e6, 'M'), (1e3, 'k')))


def bandwidth(value):
    return scaled(value, ((1e9, 'GB/s'), (1e6, 'MB/s'), (1e3, 'kB/s')))


def nanoseconds(value):
    return scaled(value, ((1e9, 's'), (1e6, 'ms'), (1e3, '\u00b5s')))


def microseconds(value):
    return scaled(value * 1e3, ((1e6, 'ms'), (1e3, '\u00b5s')))


def per_io(value):
    """A count per I/O; a unit of None takes no room in a column."""
    if abs(value) < 0.0005:
        return '0', None
    return digits(value, 3 if abs(value) >= 0.1 else 2), None


# ---- sizes and dates ----

def size_text(value):
    """An axis has a number of bytes, or what fio's option bs says."""
    return units.show_size(value) if isinstance(value, int) else str(value)


def capacity(size):
    """Bytes of a drive or of memory, exactly and rounded."""
    short, unit = scaled(size, ((1e12, 'TB'), (1e9, 'GB'), (1e6, 'MB'),
                                (1e3, 'kB')))
    return f'{group_digits(str(size))} ({short} {unit})'


def date(seconds):
    return time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime(seconds))
