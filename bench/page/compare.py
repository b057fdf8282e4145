# SPDX-License-Identifier: GPL-2.0-only
"""The page of a judgement (see judge.py): first whether a side is faster, by
how much, and whether that is significant; then all that it rests on.
"""

from bench import format
from bench.compare import words
from bench.compare.words import side_names
from bench.measure.environment import iommu
from bench.metrics import HEADLINE, HIGHER, LOWER, named
from bench.units import count
from vm.problem import note
from . import changes, html, plots, scales, system_table
from .html import tag

# Longer lists end with how many more there are.
REGRESSIONS = 20
# Longer lists of missing points are folded.
FEW = 10


def write(judgement, file):
    """Writes the page to an open file; without a gnuplot, says so."""
    file.write(page_text(judgement))
    if plots.without(judgement['points']):
        note(plots.without(judgement['points']))


def confidence(judgement):
    return format.share(judgement['confidence'])


# ---- what is read first ----

def verdicts(judgement):
    """A box for each side but the base."""
    parts = []
    for number in range(1, len(judgement['sides'])):
        verdict, sentence = words.sentence(judgement, number)
        kind = f' {verdict}' if verdict in changes.COLOURS else ''
        parts.append(tag('div', [tag('p', sentence),
                                 tally(judgement, number)],
                         class_='verdict' + kind))
    return parts


def tally(judgement, number):
    """How many points are better, worse and neither, by metric."""
    lines = []
    for name in (metric['name'] for metric in judgement['metrics']):
        if name not in HEADLINE:
            continue
        points = [row['changes'][number]['verdict'] for row in
                  judgement['rows'] if row['metric'] == name and
                  row['changes'][number]['verdict']]
        if points:
            numbers = [f'{points.count(verdict)} {word.points}'
                       for verdict, word in words.VERDICTS.items()
                       if points.count(verdict)]
            lines.append(tag('li', [
                tag('b', format.capitalized(named(name).title)), ', ',
                count(len(points), 'point'), ': ',
                ', '.join(numbers)]))
    return tag('ul', lines) if lines else ''


def notes_and_regressions(judgement):
    """What limits the judgement, and regressions where a limit was set."""
    parts = []
    lines = list(judgement['notes'])
    lines += filter(None, [plots.without(judgement['points'])])
    if lines:
        parts.append(tag('ul', [tag('li', line) for line in lines],
                         class_='warning'))
    if judgement['fail_above'] is not None:
        parts.append(regression_list(judgement))
    return parts


def regression_list(judgement):
    names = side_names(judgement)
    entries = judgement['regressions']
    limit = f'{judgement["fail_above"]:g}\u202f%'
    if not entries:
        return tag('p', f'No regression above {limit}.')
    lines = [tag('li', f'{names[regression["side"]]}, '
                 f'{regression["point"] or "all points"}: '
                 f'{named(regression["metric"]).title} '
                 f'{words.change_size(regression["percent"], format.change)}')
             for regression in entries[:REGRESSIONS]]
    if len(entries) > REGRESSIONS:
        lines.append(tag('li', f'and {len(entries) - REGRESSIONS} more'))
    title = f'{count(len(entries), "regression")} above {limit}'
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
             for entry in missing[:changes.MOST]]
    points = {entry['point'] for entry in missing}
    return [tag('details', [
        tag('summary', f'{count(len(points), "point")} not compared, because '
            'not measured on all sides'), tag('ul', lines)],
        open='' if len(lines) <= FEW else None)]


def sides_table(judgement):
    rows = []
    for side in judgement['sides']:
        system = side['environment'] or {}
        rows.append([tag('th', side['name'], scope='row'),
                     html.cell(system_table.kernel_release(system) or ''),
                     html.cell(system_table.drive_model(system) or ''),
                     html.cell(iommu(system) or 'unknown'),
                     html.cell(str(side['boots']), None, 'n'),
                     html.cell(str(side['rounds']), None, 'n'),
                     html.cell(tag('code', side['path']), None, 'long')])
    return html.table([html.heading('Side'), html.heading('Kernel'),
                       html.heading('Drive'), html.heading('IOMMU'),
                       html.heading('Boots', True),
                       html.heading('Rounds', True),
                       html.heading('Directory')], rows, None, False)


def explanation(judgement):
    sample = {'rounds': 'One round.', 'boots': 'The median within one boot.'}
    marks = {name: verdict.page for name, verdict in words.VERDICTS.items()}
    return html.definitions([
        (marks['same'],
         'No significant change: a change of this size can be chance.'),
        (f'{marks["better"]}, {marks["worse"]}',
         'The change is significant; its colour says the same. On average, '
         f'at most {format.share(judgement["level"])} of the points marked '
         'better or worse are marked by chance (false discovery rate).'),
        (marks['few'],
         'With so few samples no change could be significant.'),
        ('interval',
         f'The change lies in it with a confidence of '
         f'{confidence(judgement)}: the percentile interval of '
         'the bootstrap distribution of the medians. In the pictures the dot '
         'is the change and the line across the cell is 0; an arrow at '
         'an end means that the interval continues. The interval is that '
         'of its row alone, so it can exclude 0 where '
         'the verdict, which accounts for all rows, is ~.'),
        ('p', 'Rank test (Mann-Whitney), corrected for the number of rows '
              '(Benjamini-Hochberg).'),
        ('sample', sample[judgement['samples']])])


# ---- plots ----

def side_points(judgement):
    """The medians of the sides, as points of plots.py."""
    figures = {}
    for row in judgement['rows']:
        for number, figure in enumerate(row['figures']):
            if figure and figure['median'] is not None:
                middle = figure['median']
                low, high = figure['interval'] or (middle, middle)
                figures.setdefault((row['point'], number), {})[
                    row['metric']] = middle, low, high
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
    for number in range(1, len(names)):
        parts += plots.sections(
            change_points(judgement, number),
            f'{names[number]} relative to {names[0]}; bars are '
            f'{confidence(judgement)} confidence intervals. Above 0 is '
            f'{directions(plots.METRICS)}.',
            change_plot, 'Change' if len(names) == 2
            else f'Change of {names[number]}', most)
    return parts + plots.sections(
        side_points(judgement), 'Medians of the sides; bars are '
        f'{confidence(judgement)} confidence intervals.', most=most)


# ---- the page ----

def sections(judgement):
    """[(name, title, content)]"""
    parts = [('summary', 'Summary', changes.summary_table(judgement)),
             ('sides', 'Sides', sides_table(judgement)),
             ('differences', 'Differences between sides',
              differences_section(judgement)),
             ('points', 'All points', changes.point_tables(judgement)),
             *plot_sections(judgement),
             ('legend', 'How to read this page', explanation(judgement))]
    # the name of a side must not be that of a section
    return [(name if name.isalnum() else f'part{number}', title, content)
            for number, (name, title, content) in enumerate(parts)]


def page_text(judgement):
    base, *others = side_names(judgement)
    title = f'{", ".join(others)} compared with {base}'
    parts = sections(judgement)
    content = [tag('h1', title), verdicts(judgement),
               notes_and_regressions(judgement),
               html.contents([(name, heading) for name, heading, _ in parts])]
    content += [html.section(*part) for part in parts]
    return html.page(title, content, 'Created by fio-dmabuf-bench compare.')
