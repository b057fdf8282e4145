# SPDX-License-Identifier: GPL-2.0-only
"""Searches a kernel's messages for complaints, which must fail a test."""

import re

BAD = re.compile(
    r'\bWARNING\b|\bBUG\b|\bOops\b|Kernel panic|general protection|'
    r'blocked for more than|DMAR:.*fault|DMAR: .*PTE|DMA PTE|'
    r'IO_PAGE_FAULT|UBSAN:|Call Trace|'
    r'soft lockup|hard LOCKUP|detected (expedited )?stall')
# An emulated drive answers within a second, or never.
UNANSWERED = re.compile(r'nvme\d*: I/O .*\btimeout, \w+')
BEFORE, AFTER, MOST = 2, 20, 60


def unanswered(lines):
    """The first line about a command that a drive did not answer, or None."""
    return next(filter(UNANSWERED.search, lines), None)


def trouble(lines):
    """Returns the number of matching lines, and these with the lines around
    them.
    """
    matches = [n for n, line in enumerate(lines) if BAD.search(line)]
    shown = []
    last = -1
    for number in matches:
        for near in range(max(last + 1, number - BEFORE),
                          min(len(lines), number + AFTER)):
            shown.append(lines[near])
            last = near
    if len(shown) > MOST:
        shown = shown[:MOST] + [f'... {len(shown) - MOST} more lines']
    return len(matches), shown
