# SPDX-License-Identifier: GPL-2.0-only
"""Sizes and times as people write and read them. Sizes are bytes with fio's
suffixes, which count by 1024; times are seconds.
"""

import re

SIZES = {'': 1, 'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30, 't': 1 << 40}
TIMES = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}


def parse_size(text):
    """Bytes; a ValueError when the text is no size."""
    found = re.fullmatch(r'(\d+)([kmgt]?)(?:i?b)?', text.lower())
    if not found or not int(found[1]):
        raise ValueError(f'{text} is no size; write 4k, 128k or 1m')
    return int(found[1]) * SIZES[found[2]]


def show_size(size):
    """As short as it is exact: 4k, 1536, 1m."""
    for suffix in 'tgmk':
        if size and size % SIZES[suffix] == 0:
            return f'{size // SIZES[suffix]}{suffix}'
    return str(size)


def parse_time(text):
    """Seconds; a ValueError when the text is no time."""
    found = re.fullmatch(r'(\d+)\s*(s|m|h|d|)(?:ec|in)?', text.lower())
    if not found:
        raise ValueError(f'{text} is no time; write 30, 30s, 5m or 2h')
    return int(found[1]) * TIMES[found[2] or 's']


def show_time(seconds):
    """The two largest units."""
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
