# SPDX-License-Identifier: GPL-2.0-only
"""The page of one directory: what was measured, on what, the figures of every
point, pictures, steady state, and the proof of the path.

results: {'header': directory.json, 'environment', 'plan': text, 'points':
[those of points.json with 'lines' and 'failures', those of the index and of
failures.jsonl], 'damage': lines of text}
"""

from bench import format, units
from bench.format import count
from bench.measure import environment
from bench.results import steady
from . import convergence, figures, html, plots, proof, steps, system_table
from .html import tag


def measured_points(results):
    """Points with values, {metric: [one of each round]}, and their figures,
    {metric: (median, least, greatest)}, of the rounds that count."""
    counted = steady.counted(results['header'], [
        line for each in results['points'] for line in each['lines']])
    found = []
    for each in results['points']:
        values = {}
        lines = sorted((line for line in each['lines']
                        if counted is None or line['round'] in counted),
                       key=lambda line: line['round'])
        for line in lines:
            for metric, value in line['metrics'].items():
                values.setdefault(metric, []).append(value)
        if lines:
            found.append(dict(each, values=values, figures={
                metric: figures.median_and_ends(some)
                for metric, some in values.items()}, counted=len(lines)))
    return found


def expected(results):
    """How many rounds a figure should be of."""
    settings = results['header'].get('steady')
    return settings['window'] if settings else results['header']['rounds']


def title(results):
    system = system_table.system(results['environment'])
    host = results['header'].get('host')
    return f'Plan {results["header"].get("plan")} on {system}' + \
        (f', host {host}' if host else '')


def lead(results):
    """What was measured, when, and in which order."""
    header = results['header']
    lines = [line for each in results['points'] for line in each['lines']]
    order = 'in random order within each round' \
        if header.get('order') == 'random' else 'in the order of the plan'
    most = 'up to ' if header.get('steady') else ''
    text = (f'{count(len(results["points"]), "point")}, {most}'
            f'{count(header["rounds"], "round")} of '
            f'{units.show_time(header["runtime"])} each, {order}: '
            f'{count(len(lines), "measurement")}')
    starts = [line['start'] for line in lines if line.get('start')]
    if starts:
        text += f', begun {format.date(min(starts))} to '\
                f'{format.date(max(starts))}'
    boots = len({line.get('boot') for line in lines})
    if boots > 1:
        text += f', over {boots} boots'
    return tag('p', text + '.', class_='lead')


def failures(results):
    """[(name of a point, words)] of those that failed in some round."""
    found = []
    for each in results['points']:
        rounds = [str(line['round']) for line in each['failures']]
        if rounds:
            found.append((each['name'], 'round ' + ', '.join(rounds) + ': ' +
                          str(each['failures'][-1].get('reason'))))
        elif not each['lines']:
            found.append((each['name'], 'not measured yet'))
    return found


def some(items, most=5):
    """A list of so many of them."""
    shown = [tag('li', each) for each in items[:most]]
    if len(items) > most:
        shown.append(tag('li', f'and {len(items) - most} more'))
    return tag('ul', shown)


def warnings(results):
    """What a reader must know before any figure."""
    rounds = results['header']['rounds']
    steady = results['header'].get('steady')
    failed = failures(results)
    short = [each for each in results['points']
             if 0 < len(each['lines']) < rounds]
    parts = [tag('p', f'Measured on {line}.')
             for line in environment.limits(results['environment'])]
    if failed:
        total = len(results['points'])
        parts += [tag('p', tag('b', f'{count(len(failed), "point")} of '
                               f'{total} failed, or not measured:')),
                  some([[tag('code', name), ': ', text]
                        for name, text in failed], 200)]
    if short and not steady:
        parts.append(tag('p', f'{count(len(short), "point")} with fewer than '
                         f'{count(rounds, "round")}: see the column n.'))
    if rounds == 1:
        parts.append(tag('p', 'One round only: nothing can be said of how '
                         'figures scatter.'))
    if results['damage']:
        parts.append(tag('p', 'Files that are not as they were written; '
                         'their figures are those of the index:'))
        parts.append(some(results['damage']))
    return tag('div', parts, class_='warning') if parts else ''


def plan(results):
    header = results['header']
    rows = [('plan', header.get('plan')),
            ('rounds', header['rounds']),
            ('runtime', units.show_time(header['runtime'])),
            ('ramp', units.show_time(header.get('ramp') or 0)),
            ('order', header.get('order')), ('seed', header.get('seed')),
            ('begun', format.date(header['created']))]
    # What other parts of a run note of themselves
    rows += [(system_table.words(name), system_table.content(value))
             for name, value in header.items()
             if name in ('purge', 'precondition', 'steady', 'trace')
             and value is not None]
    parts = [html.definitions([(what, html.markup(each))
                               for what, each in rows])]
    job = results['points'][0]['job'] if results['points'] else []
    for summary, text in (('The plan as it was read', results['plan']),
                          ('The fio job of the first point',
                           '\n'.join(job))):
        if text:
            parts.append(tag('details', [tag('summary', summary),
                                         tag('pre', tag('code', text))]))
    return parts


def sections(results):
    """[(name, title, content)] of those that there is something for."""
    points = measured_points(results)
    found = []
    if points:
        found += steps.sections(points)
        which = f'last {expected(results)} ' \
            if results['header'].get('steady') else ''
        found += plots.sections(
            points, f'Median of the {which}rounds; bars reach from the least '
            'to the greatest.')
        found.append(('figures', 'Figures', figures.table(
            points, expected(results), which)))
    found += convergence.sections(results)
    shown = proof.proof(points)
    if shown:
        found.append(('proof', 'Proof of the mechanism', shown))
    if points:
        found.append(('paths', 'What was measured', proof.ways(points)))
    found.append(('environment', 'Environment',
                  system_table.table(results['environment'])))
    found.append(('plan', 'Plan', plan(results)))
    return found


def text(results):
    """The page."""
    found = sections(results)
    content = [tag('h1', title(results)), lead(results), warnings(results),
               html.contents([each[:2] for each in found])]
    content += [html.section(*each) for each in found]
    return html.page(title(results), content,
                     'Made by fio-dmabuf-bench report.')
