# SPDX-License-Identifier: GPL-2.0-only
"""Steady state: the value of each round, the window that was judged, its
average with the limits around it, and the line that fits it best.
"""

from bench import format
from bench.metrics import named
from bench.results import steady
from . import gnuplot, html, looks
from .cells import metric_cell
from .html import tag
from .labels import axis_value

SIZE = (560, 230)


def deciding_points(results):
    """The points that have to become steady: the plan names their axes."""
    wanted = results['header']['steady']['points']
    return [point for point in results['points'] if any(
        all(point['axes'].get(axis) == value for axis, value in axes.items())
        for axes in wanted)]


def round_values(point, metric):
    """[(round, value)] in the order of the rounds."""
    return sorted((line['round'], line['metrics'][metric])
                  for line in point['lines'] if metric in line['metrics'])


def window_state(settings, values):
    """The Figures of steady.py for the last window, or None."""
    return steady.figures([value for _, value in values], settings['window'],
                          settings['range'], settings['slope'])


# ---- plots ----

def round_plot(point, settings, values, what, **more):
    """Values by round; `more` is what else the plot has."""
    metric = named(settings['metric'])
    rounds = [number for number, _ in values]
    told = ', '.join(f'{number}: {metric.text(value)}'
                     for number, value in values)
    return {'title': metric.title, 'x': 'round', 'size': SIZE,
            'xticks': [(number, str(number))
                       for number in rounds[::len(rounds) // 20 + 1]],
            'yticks': metric.tick,
            'series': [{'name': point['name'],
                        'look': looks.of_path(axis_value(point, 'path')),
                        'points': [(number, value, value, value)
                                   for number, value in values]}],
            'tooltip': lambda _, place: f'round {place[0]}: '
                                        f'{metric.text(place[1])}',
            'alternative': f'{metric.title} of {point["name"]}, {what}. '
                           f'{told}.'} | more


def round_plots(point, settings, values, state):
    """All rounds with the window, and the window by itself."""
    rounds = [number for number, _ in values]
    if not state:
        return [round_plot(point, settings, values, 'all rounds')]
    first, last = rounds[state.first - 1], rounds[-1]
    part = settings['range'] / 200
    lines = [(first, state.average * factor, last, state.average * factor,
              factor != 1)
             for factor in (1 - part, 1, 1 + part)]
    lines.append((first, state.line[0], last, state.line[1], False))
    return [round_plot(point, settings, values, 'all rounds',
                       window=(first - 0.2, last + 0.2)),
            round_plot(point, settings, values[state.first - 1:],
                       'the window', zoom=True, lines=lines)]


# ---- words ----

def steadiness(state):
    return 'steady' if state.steady else 'not steady'


def window_words(settings, state):
    """The figures of the window against its limits."""
    if state is None:
        return f'fewer than {settings["window"]} rounds: no window yet'
    last = state.first + settings['window'] - 1
    return (f'rounds {state.first} to {last}: average '
            f'{named(settings["metric"]).text(state.average)}, range '
            f'{format.percent(state.range, 1)} (at most '
            f'{settings["range"]}\u202f%), slope '
            f'{format.percent(state.slope, 1)} (at most '
            f'{settings["slope"]}\u202f%): '
            f'{steadiness(state)}')


def steady_outcome(settings, states):
    """Whether it was reached; that it was not is said before all results."""
    reached = settings.get('reached')
    if not reached:
        return ''
    if not all(state and state.steady for state in states):
        return tag('p', f'Steady state is recorded for round {reached}, but '
                   'the values below exceed the limits.', class_='warning')
    return tag('p', f'Steady state was reached in round {reached}: every '
               'window below is within both limits.')


# ---- the section ----

def sections(results):
    """[(name, title, content)], or nothing for a plan without."""
    settings = results['header'].get('steady')
    if not settings:
        return []
    points = [(point, round_values(point, settings['metric']))
              for point in deciding_points(results)]
    points = [(point, values, window_state(settings, values))
              for point, values in points if values]
    return [('steady', 'Steady state',
             [steady_outcome(settings, [state for _, _, state in points]),
              window_table(settings, points),
              panels(settings, points)])]


def not_reached(header):
    """What a reader must know first of a plan that never became steady, or
    None.
    """
    settings = header.get('steady')
    if not settings or settings.get('reached'):
        return None
    return (f'Steady state was not reached (limit: {settings["most"]} '
            'rounds): these are not steady-state results.')


def panels(settings, points):
    """The plots of every point; without a gnuplot, what they would say."""
    if gnuplot.missing():
        return [panel(point, settings, state, [])
                for point, _, state in points]
    plots = [round_plots(point, settings, values, state)
             for point, values, state in points]
    pictures = iter(gnuplot.draw([plot for some in plots for plot in some]))
    legend = tag('p', 'Left: all rounds, with the judged window shaded. '
                 'Right: the window, on an axis that need not begin at 0. '
                 'Solid lines are its average and its line of best fit, '
                 'dashed lines the average '
                 f'\u00b1{settings["range"] / 2:g}\u202f%.',
                 class_='muted')
    return [legend if points else ''] + [
        panel(point, settings, state, [next(pictures) for _ in some])
        for (point, _, state), some in zip(points, plots)]


def panel(point, settings, state, pictures):
    return tag('div', [
        tag('h3', point['name']),
        tag('p', window_words(settings, state), class_='muted'),
        tag('div', [tag('figure', picture) for picture in pictures],
            class_='plots large')], class_='panel')


def window_table(settings, points):
    metric = settings['metric']
    rows = [[tag('th', tag('code', point['name']), scope='row'),
             html.cell(str(len(values)), None, 'n'),
             metric_cell(metric, state and state.average),
             percent_cell(state and state.range),
             percent_cell(state and state.slope),
             html.cell(state and steadiness(state) or '', None,
                       None if state and state.steady else 'worse')]
            for point, values, state in points]
    return html.table([html.heading('Point'), html.heading('Rounds', True),
                       html.heading(f'{named(metric).heading}, average',
                                    True),
                       html.heading('Range', True),
                       html.heading('Slope', True), html.heading('State')],
                      rows)


def percent_cell(value):
    if value is None:
        return html.cell('', '', 'n')
    return html.cell(format.percent(value, 1), f'{value:.6g}', 'n')
