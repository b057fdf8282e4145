# SPDX-License-Identifier: GPL-2.0-only
"""The page of a judgement (see judge.py): first whether a side is faster, by
how much, and whether that can be believed; then all that it rests on.
"""

from bench import format
from bench.compare import words
from bench.compare.words import side_names
from bench.format import count
from bench.measure.environment import iommu
from bench.metrics import HEADLINE, named
from . import changes, html, plots, system_table
from .html import tag

# Longer lists end with how many more there are.
REGRESSIONS = 20
# Longer lists of missing points are folded.
FEW = 10


def write(judgement, file):
    """Writes the page to an open file."""
    file.write(text(judgement))


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
                tag('b', format.capitalized(named(name).title)), ': ',
                count(len(points), 'point'), ', of them ',
                ', '.join(numbers)]))
    return tag('ul', lines) if lines else ''


def limits(judgement):
    """What limits the judgement, and regressions where a limit was set."""
    parts = []
    if judgement['notes']:
        parts.append(tag('ul', [tag('li', format.capitalized(note) + '.')
                                for note in judgement['notes']],
                         class_='warning'))
    if judgement['fail_above'] is not None:
        parts.append(regressions(judgement))
    return parts


def regressions(judgement):
    names = side_names(judgement)
    entries = judgement['regressions']
    limit = f'{judgement["fail_above"]:g} %'
    if not entries:
        return tag('p', f'No regression above {limit}.')
    lines = [tag('li', f'{names[regression["side"]]}, '
                 f'{regression["point"] or "all points"}: '
                 f'{named(regression["metric"]).title} '
                 f'{change_size(regression["percent"])}')
             for regression in entries[:REGRESSIONS]]
    if len(entries) > REGRESSIONS:
        lines.append(tag('li', f'and {len(entries) - REGRESSIONS} more'))
    title = f'{count(len(entries), "regression")} above {limit}'
    return tag('div', [tag('p', tag('b', title)), tag('ul', lines)],
               class_='warning')


def change_size(percent):
    return 'from 0' if percent is None else format.change(percent)


# ---- what was compared, and how to read it ----

def differences(judgement):
    names = side_names(judgement)
    parts = []
    if not judgement['differences']:
        parts.append(tag('p', 'None that is recorded.'))
    for number in range(1, len(names)):
        rows = [difference_row(difference)
                for difference in judgement['differences']
                if difference['side'] == number]
        if rows:
            parts.append(html.table(
                [html.heading('What'), html.heading(names[0]),
                 html.heading(names[number]), html.heading('Remark')], rows,
                None, False))
    return parts + missing_points(judgement)


def difference_row(difference):
    kind = difference['kind']
    return [tag('th', difference['what'], scope='row', class_='long'),
            html.cell(known(difference['base']), None, 'long'),
            html.cell(known(difference['other']), None, 'long'),
            html.cell(words.DIFFERENCES[kind][1], None,
                      None if kind == 'shown' else 'worse')]


def known(value):
    return tag('span', 'not known', class_='muted') \
        if value is None or value == '' else str(value)


def missing_points(judgement):
    missing = judgement['missing']
    if not missing:
        return []
    names = side_names(judgement)
    lines = [tag('li', [tag('code', entry['point']), ': not in ',
                        names[entry['side']]])
             for entry in missing[:changes.MOST]]
    points = {entry['point'] for entry in missing}
    return [tag('details', [
        tag('summary', f'{count(len(points), "point")} not measured on '
            'all sides, and not compared'), tag('ul', lines)],
        open='' if len(lines) <= FEW else None)]


def sides_table(judgement):
    rows = []
    for side in judgement['sides']:
        system = side['environment'] or {}
        rows.append([tag('th', side['name'], scope='row'),
                     html.cell(system_table.kernel(system) or ''),
                     html.cell(system_table.drive(system) or ''),
                     html.cell(iommu(system) or 'not known'),
                     html.cell(str(side['boots']), None, 'n'),
                     html.cell(str(side['rounds']), None, 'n'),
                     html.cell(tag('code', side['path']), None, 'long')])
    return html.table([html.heading('Side'), html.heading('Kernel'),
                       html.heading('Drive'), html.heading('IOMMU'),
                       html.heading('Boots', True),
                       html.heading('Rounds', True),
                       html.heading('Directory')], rows, None, False)


def explanation(judgement):
    sample = {'rounds': 'The median of a side is that of its rounds.',
              'boots': 'One sample is the median within one boot.'}
    marks = {name: verdict.page for name, verdict in words.VERDICTS.items()}
    return html.definitions([
        (marks['same'],
         'The difference is not significant: where the sides are '
         'alike, a difference as large comes about by chance. Points '
         'that are called better or worse are wrongly called so in at most '
         f'{judgement["level"] * 100:g} % of the cases (false discovery '
         'rate).'),
        (f'{marks["better"]}, {marks["worse"]}',
         'The difference is significant. Colours say the same.'),
        (marks['few'],
         'With so few samples no difference could be significant, whatever '
         'it is.'),
        ('interval',
         f'The change lies within it with a confidence of '
         f'{confidence(judgement)}: the percentile interval of '
         'the bootstrap distribution of the medians. The dot is '
         'the change, the line across the cell is 0; an arrow at '
         'an end says that the interval goes on. It is that '
         'of its row alone, so that it can leave 0 out where '
         'the verdict, which minds all rows, is ~.'),
        ('p', 'Rank test (Mann and Whitney), corrected for the many rows '
              '(Benjamini and Hochberg).'),
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
    def tick(value):
        return format.change(value).replace('.0', '')
    plot = plots.metric_plot(panel, metric, format.change, tick,
                             f'change of {named(metric).title}')
    if plot:
        places = [position for position, _ in plot['xticks']]
        plot.update(logy=False, side_by_side=True,
                    lines=[(min(places), 0, max(places), 0, True)])
    return plot


def plot_sections(judgement):
    """Changes first: they can be told where the lines of sides coincide."""
    names = side_names(judgement)
    parts = []
    most = plots.MOST // len(names)
    for number in range(1, len(names)):
        parts += plots.sections(
            change_points(judgement, number),
            f'{names[number]} against {names[0]}; bars are the '
            f'{confidence(judgement)} intervals. Above 0 is more, which is '
            'better for IOPS and bandwidth and worse for latency and CPU.',
            change_plot, 'Change' if len(names) == 2
            else f'Change of {names[number]}', most)
    return parts + plots.sections(
        side_points(judgement), 'Medians of the sides; bars are their '
        f'{confidence(judgement)} intervals.', most=most)


# ---- the page ----

def sections(judgement):
    """[(name, title, content)]"""
    parts = [('summary', 'Summary', changes.summary_table(judgement)),
             ('sides', 'What was compared', sides_table(judgement)),
             ('differences', 'What differs', differences(judgement)),
             ('points', 'Every point', changes.point_tables(judgement)),
             *plot_sections(judgement),
             ('legend', 'How to read this', explanation(judgement))]
    # the name of a side must not be that of a section
    return [(name if name.isalnum() else f'part{number}', title, content)
            for number, (name, title, content) in enumerate(parts)]


def text(judgement):
    base, *others = side_names(judgement)
    title = f'{", ".join(others)} against {base}'
    parts = sections(judgement)
    content = [tag('h1', title), verdicts(judgement), limits(judgement),
               html.contents([(name, heading) for name, heading, _ in parts])]
    content += [html.section(*part) for part in parts]
    return html.page(title, content, 'Made by fio-dmabuf-bench compare.')
