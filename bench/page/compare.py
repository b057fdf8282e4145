# SPDX-License-Identifier: GPL-2.0-only
"""The page of a judgement (see compare/judge.py): first what became worse or
cannot be measured any more, and what limits the judgement; then all that it
rests on.
"""

from bench import format
from bench.compare import answers, words
from bench.compare.words import side_names
from bench.measure.environment import iommu
from bench.metrics import HIGHER, LOWER, named
from bench.units import count
from vm.problem import note
from . import changes, explanation, html, looks, plots, scales, \
    system_table
from .html import tag

# Longer lists end with how many more there are.
REGRESSIONS = 20
# Longer lists of missing points are folded, and cut.
FEW, MOST = 10, 1000
COLOURS = 'better', 'worse'


def write(judgement, file):
    """Writes the page to an open file; without a gnuplot, says so."""
    file.write(page_text(judgement))
    if plots.without(judgement['points']):
        note(plots.without(judgement['points']))


# ---- what is read first ----

def lead(judgement):
    """What was compared, and how."""
    points = count(len(judgement['points']), 'point')
    parts = [tag('p', f'{words.design_text(judgement)}; {points} on all '
                 f'sides. Margin: \u00b1{judgement["margin"]:g}{format.THIN}%.',
                 class_='lead')]
    parts += [tag('p', [f'{side["name"]}: ', settings(side)])
              for side in judgement['sides'] if side['settings'] is not None]
    return parts


def settings(side):
    return tag('code', ', '.join(side['settings'] or ['none']))


def verdicts(judgement):
    """A box for each side but the base, and in the last one what limits the
    judgement of all.
    """
    boxes = []
    for number in range(1, len(judgement['sides'])):
        answer, sentences = words.headline(judgement, number)
        lost = [text for side, text in words.lost_by_reason(judgement)
                if side == number]
        parts = [tag('p', sentence) for sentence in sentences]
        if lost:
            parts.insert(1, tag('ul', [tag('li', text) for text in lost]))
        parts.append(changes.tallies(judgement, number))
        boxes.append((answer, parts))
    boxes[-1][1].extend(outcome(judgement) + caveats(judgement))
    return [tag('div', parts, class_='verdict' + (
        f' {answer}' if answer in COLOURS else ''))
        for answer, parts in boxes]


def outcome(judgement):
    """Whether there is a regression, where the sentences do not say so."""
    if judgement['status'] == answers.REGRESSION or judgement['design']['why']:
        return []
    return [tag('p', tag('b', words.outcome(judgement)))]


def caveats(judgement):
    lines = list(judgement['notes'])
    lines += filter(None, [plots.without(judgement['points'])])
    return [tag('ul', [tag('li', line) for line in lines],
                class_='caveats')] if lines else []


def regressions(judgement):
    """Those above a limit that was set."""
    entries = judgement['regressions']
    if judgement['fail_above'] is None or not entries:
        return ''
    names = side_names(judgement)
    lines = [tag('li', f'{names[one["side"]]}: ' + words.regression_list(
        [one], format.change)) for one in entries[:REGRESSIONS]]
    if len(entries) > REGRESSIONS:
        lines.append(tag('li', f'and {len(entries) - REGRESSIONS} more'))
    title = f'{count(len(entries), "regression")} above ' \
        f'{judgement["fail_above"]:g}{format.THIN}%'
    return tag('div', [tag('p', tag('b', title)), tag('ul', lines)],
               class_='warning')


# ---- what was compared, and how to read it ----

def differences_section(judgement):
    names = side_names(judgement)
    parts = []
    if not judgement['differences']:
        parts.append(tag('p', 'None recorded.'))
    for number in range(1, len(names)):
        rows = [difference_row(difference)
                for difference in judgement['differences']
                if difference['side'] == number]
        if rows:
            parts.append(html.table(
                [html.heading('What'), html.heading(names[0]),
                 html.heading(names[number]), html.heading('Remark')], rows,
                None, False))
    return parts + missing_list(judgement)


def difference_row(difference):
    kind = difference['kind']
    return [tag('th', difference['what'], scope='row', class_='long'),
            html.cell(or_unknown(difference['base']), None, 'long'),
            html.cell(or_unknown(difference['other']), None, 'long'),
            html.cell(words.DIFFERENCES[kind][1], None,
                      None if kind == 'shown' else 'worse')]


def or_unknown(value):
    return tag('span', 'unknown', class_='muted') \
        if value is None or value == '' else str(value)


def missing_list(judgement):
    missing = judgement['missing']
    if not missing:
        return []
    names = side_names(judgement)
    lines = [tag('li', [tag('code', entry['point']), ': missing in ',
                        names[entry['side']]] +
                 ([f' ({entry["reason"]})'] if entry['reason'] else []))
             for entry in missing[:MOST]]
    points = {entry['point'] for entry in missing}
    return [tag('details', [
        tag('summary', f'{count(len(points), "point")} not compared, because '
            'not measured on all sides'), tag('ul', lines)],
        open='' if len(lines) <= FEW else None)]


def sides_table(judgement):
    have_settings = any(side['settings'] is not None
                        for side in judgement['sides'])
    rows = []
    for number, side in enumerate(judgement['sides']):
        system = side['environment'] or {}
        row = [tag('th', [looks.mark(looks.of_side(number)), ' ',
                          side['name']], scope='row')]
        if have_settings:
            row.append(html.cell('' if side['settings'] is None else
                                 settings(side), None, 'long'))
        rows.append(row + [
            html.cell(system_table.kernel_release(system) or 'unknown'),
            html.cell(system_table.drive_model(system) or 'unknown'),
            html.cell(iommu(system) or 'unknown'),
            html.cell(measured(judgement, number)),
            html.cell(str(side['boots']), None, 'n'),
            html.cell(str(side['rounds']), None, 'n'),
            html.cell(tag('code', side['path']), None, 'long')])
    heads = [html.heading('Side')]
    if have_settings:
        heads.append(html.heading('Settings of --ab'))
    heads += [html.heading(text) for text in ('Kernel', 'Drive', 'IOMMU',
                                              'Measured')]
    heads += [html.heading('Boots', True), html.heading('Rounds', True),
              html.heading('Directory')]
    return html.table(heads, rows, f'{words.design_text(judgement)}.', False)


def measured(judgement, number):
    """When a side was measured, from its first sample to its last."""
    starts = [start for row in judgement['rows'] if row['figures'][number]
              for start in row['figures'][number]['starts']]
    return f'{format.date(min(starts))} to {format.date(max(starts))}' \
        if any(starts) else 'unknown'


# ---- plots ----

def side_points(judgement):
    """The medians and ends of the sides, as points of plots.py."""
    figures = {}
    for row in judgement['rows']:
        for number, figure in enumerate(row['figures']):
            if figure:
                figures.setdefault((row['point'], number), {})[
                    row['metric']] = (figure['median'], min(figure['samples']),
                                      max(figure['samples']))
    return [{'name': point['name'], 'axes': dict(point['axes'], side=name),
             'figures': figures.get((point['name'], number), {})}
            for number, name in enumerate(side_names(judgement))
            for point in judgement['points']]


def change_points(judgement, number):
    """The changes of a side, as points of plots.py."""
    figures = {}
    for row in judgement['rows']:
        change = row['changes'][number]
        percent = change['percent']
        if percent is not None:
            low, high = change['interval'] or (percent, percent)
            figures.setdefault(row['point'], {})[row['metric']] = (
                percent, low, high)
    return [{'name': point['name'], 'axes': point['axes'],
             'figures': figures.get(point['name'], {})}
            for point in judgement['points']]


def change_plot(panel, metric):
    """The plot of a metric's changes, or None."""
    plot = plots.metric_plot(panel, metric, format.change, scales.change_tick,
                             f'change of {named(metric).title}')
    if plot:
        places = [position for position, _ in plot['xticks']]
        plot.update(logy=False, side_by_side=True,
                    lines=[(min(places), 0, max(places), 0, True)])
    return plot


def directions(metrics):
    """For which of them more is better, and for which worse."""
    titles = {better: ' and '.join(named(name).title for name in metrics
                                   if named(name).better == better)
              for better in (HIGHER, LOWER)}
    return f'better for {titles[HIGHER]}, worse for {titles[LOWER]}'


def plot_sections(judgement):
    """Changes first: they show where the lines of sides coincide."""
    names = side_names(judgement)
    parts = []
    most = plots.MOST // len(names)
    bars = '' if judgement['design']['why'] else '; bars are the intervals'
    for number in range(1, len(names)):
        parts += plots.sections(
            change_points(judgement, number),
            f'{names[number]} relative to {names[0]}{bars}. Above 0 is '
            f'{directions(plots.METRICS)}.',
            change_plot, 'Change' if len(names) == 2
            else f'Change of {names[number]}', most)
    return parts + plots.sections(
        side_points(judgement), 'Medians of the sides; bars reach from the '
        'least to the greatest sample.', most=most)


# ---- the page ----

def sections(judgement):
    """[(name, title, content)]"""
    parts = [('summary', 'All points together', changes.summary(judgement)),
             ('points', 'Each point', changes.point_tables(judgement)),
             ('sides', 'Sides', sides_table(judgement)),
             ('differences', 'Differences between sides',
              differences_section(judgement)),
             *plot_sections(judgement),
             ('legend', 'How to read this page',
              explanation.explanation(judgement))]
    # the name of a side must not be that of a section
    return [(name if name.isalnum() else f'part{number}', title, content)
            for number, (name, title, content) in enumerate(parts)]


def page_text(judgement):
    base, *others = side_names(judgement)
    title = f'{", ".join(others)} compared with {base}'
    parts = sections(judgement)
    content = [tag('h1', title), lead(judgement), verdicts(judgement),
               regressions(judgement),
               html.contents([(name, heading) for name, heading, _ in parts])]
    content += [html.section(*part) for part in parts]
    return html.page(title, content, 'Created by fio-dmabuf-bench compare.')
