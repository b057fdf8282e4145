# SPDX-License-Identifier: GPL-2.0-only
"""The judgement as Markdown, with the tables that GitHub's dialect has."""

from . import table


def write(judgement, file):
    for label, text in table.heading(judgement):
        file.write(f'* **{escape(label)}**: {escape(text)}\n')
    file.write(f'\n{escape(table.legend(judgement))}\n')
    columns = table.columns(judgement)
    for title, rows in table.groups(judgement):
        file.write(f'\n### {escape(title)}\n\n')
        file.write(line(columns))
        file.write(line([':--'] + ['--:'] * (len(columns) - 1)))
        for cells in rows:
            file.write(line(list(map(escape, cells))))
    file.write(f'\n**{escape(table.outcome(judgement))}**\n')


def line(cells):
    return f'| {" | ".join(cells)} |\n'


def escape(text):
    """So that no character of it is Markdown's own."""
    return ''.join('\\' + each if each in '\\`*_|<>[]#~' else each
                   for each in text)
