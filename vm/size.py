# SPDX-License-Identifier: GPL-2.0-only
"""Sizes as people write and read them: bytes, with suffixes that count by
1024 as fio's do.
"""

import re

from .problem import Problem

SUFFIXES = {'': 1, 'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30, 't': 1 << 40}


def parse_size(text):
    """Bytes; a ValueError when the text is not a size."""
    match = re.fullmatch(r'([0-9]+)([kmgt]?)(?:i?b)?', text.lower())
    if not match or not int(match[1]):
        raise ValueError(f'{text}: not a size; write 4k, 128k or 1m')
    return int(match[1]) * SUFFIXES[match[2]]


def size_option(text, option):
    """Bytes of an option's value like 512M. The suffix is required: nobody
    means a drive or a memory of 512 bytes.
    """
    try:
        if re.search('[kmgt]', text, re.IGNORECASE):
            return parse_size(text)
    except ValueError:
        pass
    raise Problem(f'{option} {text}: not a size; write a number and a '
                  'unit, such as 512M or 4G')


def show_size(size):
    """The shortest exact form: 4k, 1536, 1m."""
    for suffix in 'tgmk':
        if size and size % SUFFIXES[suffix] == 0:
            return f'{size // SUFFIXES[suffix]}{suffix}'
    return str(size)


def mebibytes(size):
    return f'{-(-size >> 20)} MiB'
