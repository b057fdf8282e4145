# SPDX-License-Identifier: GPL-2.0-only
"""The judgement for a terminal and as Markdown (with the tables of GitHub's
dialect): the same cells in two layouts.
"""

import textwrap

from bench import format
from bench.metrics import METRICS
from . import words


# ---- cells ----

def columns(judgement):
    names = ['', 'A']
    for number in range(1, len(judgement['sides'])):
        names += [words.side_letter(number), 'change', 'interval', 'p']
    return names


def tables(judgement):
    """(title, rows of cells) of the summary and of each metric."""
    if judgement['summary']:
        yield 'All points together', [
            [summary_title(row, judgement)] + row_cells(row)
            for row in judgement['summary']]
    rows = {metric['name']: [] for metric in judgement['metrics']}
    for row in judgement['rows']:
        rows[row['metric']].append([row['point']] + row_cells(row))
    for name, lines in rows.items():
        metric = METRICS[name]
        yield f'{metric.plain_title} ({metric.better} is better)', lines


def summary_title(row, judgement):
    points = len(judgement['points'])
    less = f' ({row["points"]} of {points} points)' \
        if row['points'] < points else ''
    return METRICS[row['metric']].plain_title + less


def row_cells(row):
    metric = METRICS[row['metric']]
    medians = [metric.plain(figure['median']) if figure else 'none'
               for figure in row['figures']]
    line = medians[:1]
    for median, change in zip(medians[1:], row['changes'][1:]):
        line += [median, words.change_text(change),
                 format.plain_interval(change['interval']),
                 format.plain_probability(change['adjusted'])]
    return line


# ---- plain text ----

def write_text(judgement, file):
    preamble = words.preamble(judgement)
    width = max(len(label) for label, _ in preamble)
    for label, text in preamble:
        file.write(f'{label:<{width}}  {text}\n')
    file.write('\n' + textwrap.fill(words.legend(judgement), 78) + '\n')
    names = columns(judgement)
    groups = list(tables(judgement))
    widths = [max(map(len, column)) for column in
              zip(names, *(line for _, lines in groups for line in lines))]
    for title, lines in groups:
        file.write(f'\n{title}\n')
        for line in [names] + lines:
            file.write(text_line(line, widths) + '\n')
    file.write('\n' + words.outcome(judgement) + '\n')


def text_line(line, widths):
    """Numbers are aligned right, names of points left."""
    return '  '.join([f'{line[0]:<{widths[0]}}'] + [
        f'{cell:>{width}}' for cell, width in
        zip(line[1:], widths[1:])]).rstrip()


# ---- Markdown ----

def write_markdown(judgement, file):
    for label, text in words.preamble(judgement):
        file.write(f'* **{escape(label)}**: {escape(text)}\n')
    file.write(f'\n{escape(words.legend(judgement))}\n')
    names = columns(judgement)
    for title, lines in tables(judgement):
        file.write(f'\n### {escape(title)}\n\n')
        file.write(markdown_line(names))
        file.write(markdown_line([':--'] + ['--:'] * (len(names) - 1)))
        for line in lines:
            file.write(markdown_line(map(escape, line)))
    file.write(f'\n**{escape(words.outcome(judgement))}**\n')


def markdown_line(line):
    return f'| {" | ".join(line)} |\n'


def escape(text):
    """Escapes the characters that mean something in Markdown."""
    return ''.join('\\' + character if character in '\\`*_|<>[]#~'
                   else character for character in text)
