# SPDX-License-Identifier: GPL-2.0-only
"""The order of rows: the worst first."""

from .answers import ANSWERS
from .rows import is_higher_better


def badness(row, number):
    """A key to sort rows by, for one side."""
    change = row['changes'][number]
    answer = change['answer']
    percent = change['percent'] or 0
    return (ANSWERS.index(answer) if answer else len(ANSWERS),
            percent if is_higher_better(row) else -percent)
