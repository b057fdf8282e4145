# SPDX-License-Identifier: GPL-2.0-only
"""The judgement for a terminal."""

import textwrap

from . import table


def write(judgement, file):
    lines = table.heading(judgement)
    width = max(len(label) for label, _ in lines)
    for label, text in lines:
        file.write(f'{label:<{width}}  {text}\n')
    file.write('\n' + textwrap.fill(table.legend(judgement), 78) + '\n')
    groups = list(table.groups(judgement))
    columns = table.columns(judgement)
    widths = [max(map(len, column)) for column in
              zip(columns, *(cells for _, rows in groups for cells in rows))]
    for title, rows in groups:
        file.write(f'\n{title}\n')
        for cells in [columns] + rows:
            file.write(line(cells, widths) + '\n')
    file.write('\n' + table.outcome(judgement) + '\n')


def line(cells, widths):
    """Figures to the right, the name of the point to the left."""
    return '  '.join([f'{cells[0]:<{widths[0]}}'] + [
        f'{cell:>{width}}' for cell, width in
        zip(cells[1:], widths[1:])]).rstrip()
