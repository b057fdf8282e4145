# SPDX-License-Identifier: GPL-2.0-only
"""Steady state: the value of each round, the window that was judged, its
average with the limits around it, and the line that fits it best.
"""

from bench.metrics import named
from bench.results import steady
from . import gnuplot, html
from .html import tag


def tracked(results):
    """The points that decide: those with the axes that the plan names."""
    wanted = results['header']['steady']['points']
    return [each for each in results['points'] if any(
        all(each['axes'].get(axis) == value for axis, value in one.items())
        for one in wanted)]


def values(point, metric):
    """[(round, value)] in the order of the rounds."""
    return sorted((line['round'], line['metrics'][metric])
                  for line in point['lines'] if metric in line['metrics'])


def figures(settings, found):
    return steady.figures([value for _, value in found], settings['window'],
                          settings['range'], settings['slope'])


def picture(point, settings, found, what, **more):
    """Values by round; `more` is what else the plot has."""
    metric = settings['metric']
    title = named(metric).title
    rounds = [number for number, _ in found]
    told = ', '.join(f'{number}: {named(metric).text(value)}'
                     for number, value in found)
    return {'title': title, 'x': 'round', 'size': (560, 230),
            'xticks': [(each, str(each))
                       for each in rounds[::len(rounds) // 20 + 1]],
            'yticks': lambda each: named(metric).tick(each),
            'series': [{'name': point['name'], 'style': 0,
                        'points': [(number, value, value, value)
                                   for number, value in found]}],
            'say': lambda _, one: f'round {one[0]}: '
                                  f'{named(metric).text(one[1])}',
            'alternative': f'{title} of {point["name"]}, {what}. '
                           f'{told}.'} | more


def pictures(point, settings, found, state):
    """All rounds with the window, and the window by itself."""
    rounds = [number for number, _ in found]
    if not state:
        return [picture(point, settings, found, 'all rounds')]
    first, last = rounds[state.first - 1], rounds[-1]
    part = settings['range'] / 200
    lines = [(first, state.average * factor, last, state.average * factor,
              factor != 1)
             for factor in (1 - part, 1, 1 + part)]
    lines.append((first, state.line[0], last, state.line[1], False))
    return [picture(point, settings, found, 'all rounds',
                    window=(first - 0.2, last + 0.2)),
            picture(point, settings, found[state.first - 1:],
                    'the window', near=True, lines=lines)]


def judged(settings, state):
    """What the figures of the window come to, in words."""
    metric = settings['metric']
    if state is None:
        return f'fewer than {settings["window"]} rounds: no window yet'
    last = state.first + settings['window'] - 1
    return (f'rounds {state.first} to {last}: average '
            f'{named(metric).text(state.average)}, range '
            f'{state.range:.1f}\u202f% (at most {settings["range"]}), slope '
            f'{state.slope:.1f}\u202f% (at most {settings["slope"]}): ' +
            ('steady' if state.steady else 'not steady'))


def verdict(settings, states):
    reached = settings.get('reached')
    if not reached:
        return tag('p', f'Steady state has not been reached (at most '
                   f'{settings["most"]} rounds): the figures of this page '
                   'are no steady state figures.', class_='warning')
    if not all(state and state.steady for state in states):
        return tag('p', f'Steady state is noted for round {reached}, but the '
                   'figures below do not keep the limits.', class_='warning')
    return tag('p', f'Steady state was reached in round {reached}: every '
               'window below keeps both limits.')


def sections(results):
    """[(name, title, content)], or nothing for a plan without."""
    settings = results['header'].get('steady')
    if not settings:
        return []
    points = [(each, values(each, settings['metric']))
              for each in tracked(results)]
    points = [(each, found) for each, found in points if found]
    states = [figures(settings, found) for _, found in points]
    plots = [pictures(each, settings, found, state)
             for (each, found), state in zip(points, states)]
    drawn = iter(gnuplot.draw([one for some in plots for one in some]))
    shown = [panel(each, settings, state, [next(drawn) for _ in some])
             for (each, _), state, some in zip(points, states, plots)]
    legend = tag('p', 'Left: every round; shaded is the window that was '
                 'judged. Right: the window; solid lines are its average, '
                 'and the straight line that fits it best; dashed is the '
                 f'average \u00b1{settings["range"] / 2:g}\u202f%.',
                 class_='muted')
    return [('steady', 'Steady state',
             [verdict(settings, states), table(settings, points, states),
              legend if shown else '', shown])]


def panel(point, settings, state, drawn):
    return tag('div', [
        tag('h3', point['name']),
        tag('p', judged(settings, state), class_='muted'),
        tag('div', [tag('figure', each) for each in drawn],
            class_='plots large')], class_='panel')


def table(settings, points, states):
    metric = settings['metric']
    title = named(metric).heading
    rows = []
    for (each, found), state in zip(points, states):
        average = state and state.average
        rows.append([
            tag('th', tag('code', each['name']), scope='row'),
            html.cell(str(len(found)), None, 'n'),
            html.number(average and named(metric).show(average),
                        average),
            percent(state and state.range), percent(state and state.slope),
            html.cell('' if state is None else 'steady' if state.steady
                      else 'not steady', None,
                      None if state and state.steady else 'worse')])
    return html.table([html.heading('Point'), html.heading('Rounds', True),
                       html.heading(f'{title}, average', True),
                       html.heading('Range', True),
                       html.heading('Slope', True), html.heading('State')],
                      rows)


def percent(value):
    if value is None:
        return html.cell('', '', 'n')
    return html.cell(f'{value:.1f}\u202f%', f'{value:.6g}', 'n')
