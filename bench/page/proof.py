# SPDX-License-Identifier: GPL-2.0-only
"""What was really measured: the paths that the engine reports, and what each
I/O took of maps, system calls and switches.
"""

import statistics

from bench.metrics import named
from . import columns, html, panels
from .figures import figure, known, median_and_ends
from .html import tag

PROOF = ('maps', 'unmaps', 'syscalls', 'switches')


def way(measured):
    """Words for what the engine reported of a measurement."""
    if not measured:
        return None
    return tuple(measured.get(each) for each in ('path', 'family', 'source'))


def ways(points):
    """Which path, interface family and memory were really measured."""
    found = {}
    for each in points:
        asked = panels.value(each, 'path') or ''
        for line in each['lines']:
            names, runs = found.setdefault(
                (asked, way(line.get('measured'))), (set(), []))
            names.add(each['name'])
            runs.append(line)
    rows = []
    for (asked, one), (names, runs) in found.items():
        path, family, source = one or (None, None, None)
        rows.append([tag('th', asked, scope='row'),
                     html.cell(path or 'not of the engine'),
                     html.cell(family or ''), html.cell(source or ''),
                     html.cell(str(len(names)), None, 'n'),
                     html.cell(str(len(runs)), None, 'n')])
    return html.table(
        [html.heading('Path of the plan'), html.heading('Path measured'),
         html.heading('Interface family'), html.heading('Source of memory'),
         html.heading('Points', True), html.heading('Measurements', True)],
        rows, "As the engine's own report of each measurement says. Steps "
        "that are not of the engine are fio's and have no report.")


def proof(points):
    """Maps, system calls and switches per I/O: by path, then by point."""
    metrics = known(points, PROOF)
    if not metrics:
        return None
    headings = [html.heading('Path'), html.heading('Points', True)]
    headings += [html.heading(named(each).heading, True)
                 for each in metrics]
    rows = []
    for (path,), group in panels.grouped(points, ('path',)).items():
        row = [tag('th', path or '', scope='row'),
               html.cell(str(len(group)), None, 'n')]
        for metric in metrics:
            row.append(range_cell(metric, group))
        rows.append(row)
    parts = [html.table(headings, rows, 'Median of the points of each path, '
                        'and from the least to the greatest of them.')]
    missing = [named(each).title for each in PROOF
               if each not in metrics]
    if missing:
        parts.append(tag('p', f'Not traced: {", ".join(missing)}.',
                         class_='muted'))
    if len(points) > len(rows):
        parts.append(tag('details', [tag('summary', 'By point'),
                                     proof_by_point(points, metrics)]))
    return parts


def range_cell(metric, group):
    values = [statistics.median(each['values'][metric]) for each in group
              if each['values'].get(metric)]
    if not values:
        return html.number(None, None)
    middle, low, high = median_and_ends(values)
    more = ''
    if high > low:
        more = tag('span', f' {named(metric).text(low)} to '
                   f'{named(metric).text(high)}', class_='muted')
    return html.number(named(metric).show(middle), middle, more)


def proof_by_point(points, metrics):
    axes = panels.varying(points)
    headings = columns.headings(axes)
    headings += [html.heading(named(each).heading, True)
                 for each in metrics] + [html.heading('Point')]
    rows = [columns.cells(each, axes) +
            [figure(metric, each['values'].get(metric))
             for metric in metrics] +
            [html.cell(tag('code', each['name']))] for each in points]
    return html.table(headings, rows)
