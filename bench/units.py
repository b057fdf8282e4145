# SPDX-License-Identifier: GPL-2.0-only
"""Sizes, times and counts as people write and read them. Times are in seconds.
"""

import re

from vm.size import parse_size, show_size

__all__ = ('count', 'parse_size', 'parse_time', 'show_amount', 'show_size',
           'show_time')

SECONDS = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}


def count(number, word):
    """1 boot, 2 boots."""
    return f'{number} {word}' if number == 1 else f'{number} {word}s'


def show_amount(number):
    """Bytes in three digits, in the units of data sheets."""
    for factor, unit in ((1e12, 'TB'), (1e9, 'GB'), (1e6, 'MB'), (1e3, 'kB')):
        if number >= 0.9995 * factor:
            return f'{number / factor:#.3g}'.rstrip('.') + f' {unit}'
    return f'{number:.0f} bytes'


def parse_time(text):
    """Seconds; a ValueError when the text is not a time."""
    match = re.fullmatch(r'(\d+)\s*(s|m|h|d|)(?:ec|in)?', text.lower())
    if not match:
        raise ValueError(f'{text}: not a time; write 30, 30s, 5m or 2h')
    return int(match[1]) * SECONDS[match[2] or 's']


def show_time(seconds):
    """In its two largest units."""
    seconds = int(round(seconds))
    if seconds < 60:
        return f'{seconds} s'
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f'{minutes} min' + (f' {seconds} s' if seconds else '')
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f'{hours} h' + (f' {minutes} min' if minutes else '')
    days, hours = divmod(hours, 24)
    return f'{days} days' + (f' {hours} h' if hours else '')
