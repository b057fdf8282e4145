# SPDX-License-Identifier: GPL-2.0-only
"""The judgement for a terminal and as Markdown (with the tables of GitHub's
dialect): the same cells in two layouts.
"""

import textwrap

from bench import format
from bench.metrics import METRICS
from . import ranking, words


WIDTH = 80


# ---- cells ----

def columns(judgement, number):
    names = ['', 'A', words.side_letter(number), 'change']
    return names if judgement['design']['why'] else \
        names + ['interval', 'shows', '']


def tables(judgement):
    """(title, columns, rows of cells) of each metric, the worst rows first,
    and of all points together, for each side but the base.
    """
    several = len(judgement['sides']) > 2
    for number in range(1, len(judgement['sides'])):
        heads = columns(judgement, number)
        of = f'{words.side_letter(number)}: ' if several else ''
        grouped = {metric['name']: [] for metric in judgement['metrics']}
        for row in judgement['rows']:
            grouped[row['metric']].append(row)
        for name, rows in grouped.items():
            metric = METRICS[name]
            if rows:
                yield (f'{of}{metric.plain_title} ({metric.better} is '
                       'better)', heads,
                       [[row['point']] + row_cells(row, number, heads)
                        for row in sorted(rows, key=lambda row: ranking.badness(
                            row, number))])
        if judgement['summary']:
            yield f'{of}All points together', heads, [
                [summary_title(row, judgement)] +
                row_cells(row, number, heads)
                for row in judgement['summary']]


def summary_title(row, judgement):
    points = len(judgement['points'])
    less = f' ({row["points"]} of {points} points)' \
        if row['points'] < points else ''
    return METRICS[row['metric']].plain_title + less


def row_cells(row, number, heads):
    metric = METRICS[row['metric']]
    change = row['changes'][number]
    cells = [metric.plain(figure['median']) if figure else 'none'
             for figure in (row['figures'][0], row['figures'][number])]
    cells.append('' if None in (row['figures'][0], row['figures'][number])
                 else words.change_size(change['percent'], percent))
    if len(heads) > len(cells) + 1:
        interval = change['interval']
        cells += [f'{percent(interval[0])}..{percent(interval[1])}'
                  if interval else '',
                  percent(change['least']).lstrip('+')
                  if change['least'] is not None else '',
                  words.answer_text(change)]
    return cells


def percent(value):
    """Without the unit, which the legend tells."""
    text = format.plain_change(value).removesuffix(' %')
    return text if float(text) else text[1:]


# ---- plain text ----

def write_text(judgement, file):
    preamble = words.preamble(judgement)
    width = max(len(label) for label, _ in preamble)
    for label, text in preamble:
        file.write(wrapped(f'{label:<{width}}  {text}', ' ' * (width + 2)))
    file.write('\n' + wrapped(words.legend(judgement)))
    groups = list(tables(judgement))
    lines = [line for _, heads, rows in groups for line in [heads] + rows]
    widths = [max(map(len, column)) for column in
              zip(*lines)] if lines else []
    # names too long to stand beside the figures have lines of their own
    beside = sum(widths) + 2 * (len(widths) - 1) <= WIDTH
    for title, heads, rows in groups:
        file.write(f'\n{title}\n')
        for line in [heads] + rows:
            if not beside:
                file.write(f'{line[0]}\n' if line[0] else '')
                line = ['    '] + line[1:]
            file.write(text_line(line, widths if beside else
                                 [4] + widths[1:]) + '\n')
    file.write('\n' + wrapped(words.outcome(judgement)))


def wrapped(text, indent=''):
    """Lines that are not too long, unless a word is."""
    return textwrap.fill(text, WIDTH, break_on_hyphens=False,
                         break_long_words=False,
                         subsequent_indent=indent) + '\n'


def text_line(line, widths):
    """Numbers are aligned right, names of points left."""
    return '  '.join([f'{line[0]:<{widths[0]}}'] + [
        f'{cell:>{width}}' for cell, width in
        zip(line[1:], widths[1:])]).rstrip()


# ---- Markdown ----

def write_markdown(judgement, file):
    for label, text in words.preamble(judgement):
        file.write(wrapped(f'* **{escape(label)}**: {escape(text)}', '  '))
    file.write('\n' + wrapped(escape(words.legend(judgement))))
    for title, heads, rows in tables(judgement):
        file.write(f'\n### {escape(title)}\n\n')
        file.write(markdown_line(heads))
        file.write(markdown_line([':--'] + ['--:'] * (len(heads) - 1)))
        for line in rows:
            file.write(markdown_line(map(escape, line)))
    file.write('\n' + wrapped(f'**{escape(words.outcome(judgement))}**'))


def markdown_line(line):
    cells = list(line)
    text = f'| {" | ".join(cells)} |'
    return (text if len(text) <= WIDTH else f'|{"|".join(cells)}|') + '\n'


def escape(text):
    """Escapes the characters that mean something in Markdown."""
    return ''.join('\\' + character if character in '\\`*_|<>[]#~'
                   else character for character in text)
