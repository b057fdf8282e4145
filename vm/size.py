# SPDX-License-Identifier: GPL-2.0-only
"""Sizes on the command line and in messages."""

import re

from .problem import Problem

UNITS = {'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30, 'T': 1 << 40}


def size_option(text, option):
    """Bytes of a size like 512M; the unit has to be there."""
    match = re.fullmatch(r'([0-9]+)([KMGT])(i?B)?', text, re.IGNORECASE)
    if not match:
        raise Problem(f'{option} {text}: not a size; write a number and a '
                      'unit, such as 512M or 4G')
    return int(match.group(1)) * UNITS[match.group(2).upper()]


def mebibytes(count):
    return f'{-(-count >> 20)} MiB'
