# SPDX-License-Identifier: GPL-2.0-only
"""The page of one directory: what was measured, on what, the figures of every
point, plots, steady state, and the proof of the path.

results: {'header': directory.json, 'environment', 'plan': text, 'points':
[those of points.json with 'lines' and 'failures', those of the index and of
failures.jsonl], 'histograms': those of latency.py, 'damage': lines of text}
"""

from bench import format, units
from bench.measure import environment
from bench.metrics import named
from bench.results import steady
from bench.units import count
from . import convergence, figures, gnuplot, html, latency, plots, proof, \
    steps, system_table
from .html import tag

# Longer lists end with how many more there are.
FAILURES, DAMAGED = 200, 5
# With fewer, the ends say little of how far rounds can lie apart.
FEW_ROUNDS = 4


def measured_points(results):
    """Points with what counts of them: counted, the lines of the index;
    values, {metric: [one of each round]}; figures, {metric: (median, least,
    greatest)}.
    """
    rounds = steady.counted(results['header'], [
        line for point in results['points'] for line in point['lines']])
    points = []
    for point in results['points']:
        lines = sorted((line for line in point['lines']
                        if rounds is None or line['round'] in rounds),
                       key=lambda line: line['round'])
        values = {}
        for line in lines:
            for metric, value in line['metrics'].items():
                values.setdefault(metric, []).append(value)
        if lines:
            points.append(dict(point, values=values, figures={
                metric: figures.median_and_ends(some)
                for metric, some in values.items()}, counted=lines))
    return points


def rounds_wanted(results):
    """How many rounds a value should come from."""
    settings = results['header'].get('steady')
    return settings['window'] if settings else results['header']['rounds']


# ---- what is read first ----

def title(results):
    system = system_table.system(results['environment'])
    host = results['header'].get('host')
    return f'Plan {results["header"].get("plan")} on {system}' + \
        (f', host {host}' if host else '')


def lead(results):
    """What was measured, when, and in which order."""
    header = results['header']
    lines = [line for point in results['points'] for line in point['lines']]
    order = 'in random order within each round' \
        if header.get('order') == 'random' else 'in the order of the plan'
    most = 'up to ' if header.get('steady') else ''
    text = (f'{count(len(results["points"]), "point")}, {most}'
            f'{count(header["rounds"], "round")} of '
            f'{units.show_time(header["runtime"])} each, {order}: '
            f'{count(len(lines), "measurement")}')
    starts = [line['start'] for line in lines if line.get('start')]
    if starts:
        text += f', started {format.date(min(starts))} to '\
                f'{format.date(max(starts))}'
    if lines:
        text += f', {boots(lines)}'
    return tag('p', text + '.', class_='lead')


def boots(lines):
    """In how many boots they were measured; one says nothing of others."""
    known = {line.get('boot') for line in lines}
    if None in known:
        return 'boot not recorded'
    if len(known) > 1:
        return f'in {len(known)} boots'
    return 'in one boot, so that variation between boots is not included'


def failures(results):
    """[(name of a point, words)] of those that failed in some round."""
    failed = []
    for point in results['points']:
        rounds = [str(line['round']) for line in point['failures']]
        if rounds:
            failed.append((point['name'],
                           f'round{"s" * (len(rounds) > 1)} '
                           f'{", ".join(rounds)}: '
                           f'{point["failures"][-1].get("reason")}'))
        elif not point['lines']:
            failed.append((point['name'], 'not measured yet'))
    return failed


def left_out(results):
    """Lines about metrics that some points lack for a known reason."""
    points = {}
    for point in results['points']:
        for line in point['lines']:
            for metric, why in line.get('left_out', {}).items():
                points.setdefault((metric, why), set()).add(point['name'])
    return [f'{named(metric).title} of {count(len(names), "point")}: {why}'
            for (metric, why), names in points.items()]


def limited_list(items, most):
    shown = [tag('li', item) for item in items[:most]]
    if len(items) > most:
        shown.append(tag('li', f'and {len(items) - most} more'))
    return tag('ul', shown)


def warnings(results):
    """What a reader must know before any result."""
    lines = [f'Measured on {line}.'
             for line in environment.limits(results['environment'])]
    lines += filter(None, [convergence.not_reached(results['header']),
                           few_rounds(results)])
    uncompared = sum(any((line.get('measured') or {}).get('compared') is False
                         for line in point['lines'])
                     for point in results['points'])
    if uncompared:
        lines.append('Nothing compared the data of '
                     f'{count(uncompared, "point")} (dmabuf_warmup=0): it may '
                     'never have arrived.')
    parts = [tag('p', line) for line in lines] + failed_part(results)
    missing = left_out(results)
    if missing:
        parts += [tag('p', 'Left out of the figures:'),
                  limited_list(missing, FAILURES)]
    if results['damage']:
        parts.append(tag('p', 'Damaged files; their results are taken from '
                         'the index, and the latency distribution lacks '
                         'them:'))
        parts.append(limited_list(results['damage'], DAMAGED))
    if without_plots(results):
        parts.append(tag('p', without_plots(results)))
    return tag('div', parts, class_='warning') if parts else ''


def failed_part(results):
    failed = failures(results)
    if not failed:
        return []
    total = len(results['points'])
    return [tag('p', tag('b', f'{len(failed)} of {count(total, "point")} '
                         'failed or not measured:')),
            limited_list([[tag('code', name), ': ', text]
                          for name, text in failed], FAILURES)]


def few_rounds(results):
    """A sentence, or None. A plan with [steady] has as many as it takes."""
    rounds = results['header']['rounds']
    if results['header'].get('steady'):
        return None
    if rounds == 1:
        return 'Only one round: the spread between rounds is unknown.'
    short = [point for point in results['points']
             if 0 < len(point['lines']) < rounds]
    text = f'{count(len(short), "point")} with fewer than ' \
        f'{count(rounds, "round")}; see column n.' if short else ''
    if rounds < FEW_ROUNDS:
        text = f'Only {rounds} rounds: too few to show the spread between ' \
            f'rounds. {text}'
    return text.strip() or None


def without_plots(results):
    """Why plots are missing from the page, in a line, or None."""
    points = [point for point in results['points'] if point['lines']]
    if points and results['header'].get('steady'):
        return gnuplot.missing()
    return plots.without(points)


# ---- the page ----

def plan_section(results):
    header = results['header']
    rows = [('plan', header.get('plan')),
            ('rounds', header['rounds']),
            ('runtime', units.show_time(header['runtime'])),
            ('ramp', units.show_time(header.get('ramp') or 0)),
            ('order', header.get('order')), ('seed', header.get('seed')),
            ('started', format.date(header['created']))]
    ab = header.get('ab')
    if ab:
        rows += [('side of --ab', ab['side']),
                 ('its settings', system_table.value_markup(
                     ab['settings'] or ['none'])),
                 ('restored at the end', system_table.value_markup(
                     ab.get('restored') or ['nothing']))]
    rows += [(name, system_table.value_markup(header[name]))
             for name in header
             if name in ('purge', 'precondition', 'steady', 'trace')
             and header[name] is not None]
    parts = [html.definitions(rows)]
    job = results['points'][0]['job'] if results['points'] else []
    for summary, text in (('Plan file', results['plan']),
                          ('fio job of the first point',
                           '\n'.join(job))):
        if text:
            parts.append(tag('details', [tag('summary', summary),
                                         tag('pre', tag('code', text))]))
    return parts


def sections(results):
    """[(name, title, content)]"""
    points = measured_points(results)
    parts = []
    if points:
        parts += steps.sections(points)
        which = f'last {rounds_wanted(results)} ' \
            if results['header'].get('steady') else ''
        parts += plots.sections(
            points, f'Medians of the {which}rounds; bars reach from minimum '
            'to maximum.')
        parts.append(('figures', 'Results', figures.results_table(
            points, rounds_wanted(results), which)))
        parts += latency.sections(points, results['histograms'])
    parts += convergence.sections(results)
    mechanism = proof.proof(points)
    if mechanism:
        parts.append(('proof', 'Kernel work per I/O', mechanism))
    if points:
        parts.append(('paths', 'Measured paths',
                      proof.paths_table(points)))
    parts.append(('environment', 'Environment',
                  system_table.cards(results['environment'])))
    parts.append(('plan', 'Plan', plan_section(results)))
    return parts


def page_text(results):
    """The page."""
    parts = sections(results)
    content = [tag('h1', title(results)), lead(results), warnings(results),
               html.contents([(name, heading) for name, heading, _ in parts])]
    content += [html.section(*part) for part in parts]
    return html.page(title(results), content,
                     'Created by fio-dmabuf-bench report.')
