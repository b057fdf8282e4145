# SPDX-License-Identifier: GPL-2.0-only
"""The page of a judgement (see judge.py): first whether a side is faster, by
how much, and whether that can be believed; then all that it rests on.
"""

from bench import format
from bench.format import count
from bench.compare.words import DIFFERENCES, VERDICTS, sentence, side_names
from bench.measure.environment import iommu
from bench.metrics import HEADLINE, named
from . import html, panels, plots, system_table
from .changes import MOST, summary, tables
from .html import tag


def write(judgement, file):
    """Writes the page to an open file."""
    file.write(text(judgement))


# ---- what is read first ----

def tally(judgement, number):
    """How many points are better, worse and neither, by metric."""
    said = []
    for metric in judgement['metrics']:
        if metric['name'] not in HEADLINE:
            continue
        found = [row['changes'][number]['verdict']
                 for row in judgement['rows']
                 if row['metric'] == metric['name']]
        found = [each for each in found if each]
        if found:
            words = [f'{found.count(verdict)} {word.points}'
                     for verdict, word in VERDICTS.items()
                     if found.count(verdict)]
            title = tag('b', format.capitalized(named(metric['name']).title))
            said.append(tag('li', [
                title, ': ', count(len(found), 'point'), ', of them ',
                ', '.join(words)]))
    return tag('ul', said) if said else ''


def verdicts(judgement):
    parts = []
    for number in range(1, len(judgement['sides'])):
        verdict, words = sentence(judgement, number)
        kind = verdict if verdict in ('better', 'worse') else ''
        parts.append(tag('div', [tag('p', words), tally(judgement, number)],
                         class_=f'verdict {kind}'.strip()))
    return parts


def limits(judgement):
    """What limits the judgement, and regressions where a limit was set."""
    parts = []
    if judgement['notes']:
        parts.append(tag('ul', [tag('li', format.capitalized(each) + '.')
                                for each in judgement['notes']],
                         class_='warning'))
    if judgement['fail_above'] is None:
        return parts
    limit = f'{judgement["fail_above"]:g} %'
    found = judgement['regressions']
    if not found:
        parts.append(tag('p', f'No regression above {limit}.'))
        return parts
    lines = [tag('li', f'{side_names(judgement)[each["side"]]}, '
                 f'{each["point"] or "all points"}: '
                 f'{named(each["metric"]).title} {how_much(each)}')
             for each in found[:20]]
    if len(found) > 20:
        lines.append(tag('li', f'and {len(found) - 20} more'))
    parts.append(tag('div', [tag('p', tag('b', count(len(found), 'regression')
                                          + f' above {limit}')),
                             tag('ul', lines)], class_='warning'))
    return parts


def how_much(regression):
    percent = regression['percent']
    return 'from 0' if percent is None else format.change(percent)


# ---- what was compared, and how to read it ----

def differences(judgement):
    found = judgement['differences']
    sides = side_names(judgement)
    parts = []
    if not found:
        parts.append(tag('p', 'None that is recorded.'))
    for number in range(1, len(sides)):
        rows = [[tag('th', each['what'], scope='row', class_='long'),
                 html.cell(shown(each['base']), None, 'long'),
                 html.cell(shown(each['other']), None, 'long'),
                 html.cell(DIFFERENCES[each['kind']][1], None,
                           None if each['kind'] == 'shown' else 'worse')]
                for each in found if each['side'] == number]
        if rows:
            parts.append(html.table(
                [html.heading('What'), html.heading(sides[0]),
                 html.heading(sides[number]), html.heading('Remark')], rows,
                None, False))
    if judgement['missing']:
        lines = [tag('li', [tag('code', each['point']), ': not in ',
                            sides[each['side']]])
                 for each in judgement['missing'][:MOST]]
        points = {each['point'] for each in judgement['missing']}
        parts.append(tag('details', [
            tag('summary', f'{count(len(points), "point")} not measured on '
                'all sides, and not compared'), tag('ul', lines)],
            open='' if len(lines) <= 10 else None))
    return parts


def shown(value):
    return tag('span', 'not known', class_='muted') \
        if value is None or value == '' else str(value)


def sides_table(judgement):
    rows = []
    for each in judgement['sides']:
        system = each['environment'] or {}
        rows.append([tag('th', each['name'], scope='row'),
                     html.cell(system_table.kernel(system) or ''),
                     html.cell(system_table.drive(system) or ''),
                     html.cell(iommu(system) or 'not known'),
                     html.cell(str(each['boots']), None, 'n'),
                     html.cell(str(each['rounds']), None, 'n'),
                     html.cell(tag('code', each['path']), None, 'long')])
    return html.table([html.heading('Side'), html.heading('Kernel'),
                       html.heading('Drive'), html.heading('IOMMU'),
                       html.heading('Boots', True),
                       html.heading('Rounds', True),
                       html.heading('Directory')], rows, None, False)


def explanation(judgement):
    level = f'{judgement["level"] * 100:g} %'
    sample = {'rounds': 'the median of a side is that of its rounds',
              'boots': 'one sample is the median within one boot'
              }.get(judgement['samples'], 'unknown')
    return html.definitions([
        ('~', f'The difference is not significant: where the sides are '
              f'alike, a difference as large comes about by chance. Points '
              f'that are called better or worse are wrongly called so in at '
              f'most {level} of the cases (false discovery rate).'),
        ('\u25b2 better, \u25bc worse', 'The difference is significant. '
         'Colours say the same.'),
        ('too few', 'With so few samples no difference could be '
                    'significant, whatever it is.'),
        ('interval', f'The change lies within it with a confidence of '
                     f'{format.share(judgement["confidence"])}: the '
                     'percentile interval of '
                     'the bootstrap distribution of the medians. The dot is '
                     'the change, the line across the cell is 0; an arrow at '
                     'an end says that the interval goes on. It is that '
                     'of its row alone, so that it can leave 0 out where '
                     'the verdict, which minds all rows, is ~.'),
        ('p', 'Rank test (Mann and Whitney), corrected for the many rows '
              '(Benjamini and Hochberg).'),
        ('sample', f'{format.capitalized(sample)}.')])


# ---- pictures ----

def plotted(judgement):
    """A point per side, for panels.py."""
    figures = {}
    for row in judgement['rows']:
        for number, figure in enumerate(row['figures']):
            if figure and figure['median'] is not None:
                middle = figure['median']
                low, high = figure['interval'] or (middle, middle)
                figures.setdefault((row['point'], number), {})[
                    row['metric']] = middle, low, high
    return [{'name': each['name'], 'axes': dict(each['axes'], side=side),
             'figures': figures.get((each['name'], number), {})}
            for number, side in enumerate(side_names(judgement))
            for each in judgement['points']]


def changed(judgement, number):
    """A point with the changes of a side as its figures."""
    figures = {}
    for row in judgement['rows']:
        change = row['changes'][number]
        if change['percent'] is not None:
            low, high = change['interval'] or (change['percent'],) * 2
            figures.setdefault(row['point'], {})[row['metric']] = (
                change['percent'], low, high)
    return [{'name': each['name'], 'axes': each['axes'],
             'figures': figures.get(each['name'], {})}
            for each in judgement['points']]


def change_picture(panel, metric):
    def tick(value):
        return format.change(value).replace('.0', '')
    one = panels.picture(panel, metric, format.change, tick,
                         f'change of {named(metric).title}')
    if one:
        places = [position for position, _ in one['xticks']]
        one.update(logy=False, apart=True,
                   lines=[(min(places), 0, max(places), 0, True)])
    return one


def pictures(judgement):
    """Changes first: where lines lie on each other they still tell."""
    sides = side_names(judgement)
    confidence = format.share(judgement['confidence'])
    found = []
    share = panels.MOST // len(sides)
    for number in range(1, len(sides)):
        found += plots.sections(
            changed(judgement, number),
            f'{sides[number]} against {sides[0]}; bars are the '
            f'{confidence} intervals. Above 0 is more, which is '
            'better for IOPS and bandwidth and worse for latency and CPU.',
            change_picture, 'Change' if len(sides) == 2
            else f'Change of {sides[number]}', share)
    return found + plots.sections(
        plotted(judgement), 'Medians of the sides; bars are their '
        f'{confidence} intervals.', most=share)


def sections(judgement):
    found = [('summary', 'Summary', summary(judgement)),
             ('sides', 'What was compared', sides_table(judgement)),
             ('differences', 'What differs', differences(judgement)),
             ('points', 'Every point', tables(judgement))]
    found += pictures(judgement)
    found.append(('legend', 'How to read this', explanation(judgement)))
    # Names of sides are no names of parts of a page.
    return [(name if name.isalnum() else f'part{number}', title, content)
            for number, (name, title, content) in enumerate(found)]


def text(judgement):
    base, *others = side_names(judgement)
    title = f'{", ".join(others)} against {base}'
    found = sections(judgement)
    content = [tag('h1', title), verdicts(judgement), limits(judgement),
               html.contents([each[:2] for each in found])]
    content += [html.section(*each) for each in found]
    return html.page(title, content, 'Made by fio-dmabuf-bench compare.')
