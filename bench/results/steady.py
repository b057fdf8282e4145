# SPDX-License-Identifier: GPL-2.0-only
"""Steady state as SNIA's Solid State Storage Performance Test Specification
defines it: within a window of the last rounds the values stay close to their
average, and so does the straight line that fits them best.
"""

from collections import namedtuple

WINDOW = 5
RANGE = 20
SLOPE = 10

# The figures of the last rounds, which decide, and which are plotted.
# average    of the window
# range      largest less smallest value, percent of the average
# slope      how far the line goes over the window, percent of the average
# first      number of the window's first round, counted from 1
# line       the line's values at the first and at the last round
# steady     whether both are within their limits
Figures = namedtuple('Figures', 'average range slope first line steady')


def fit_line(values):
    """The line of least squares through (0, v0), (1, v1), ...: its values at
    the first and at the last of them.
    """
    n = len(values)
    middle = (n - 1) / 2
    average = sum(values) / n
    spread = sum((x - middle) ** 2 for x in range(n))
    tilt = sum((x - middle) * (y - average)
               for x, y in enumerate(values)) / spread
    return average - tilt * middle, average + tilt * middle


def figures(values, window=WINDOW, range_percent=RANGE, slope_percent=SLOPE):
    """The Figures of the last rounds; None while there are too few of them,
    or nothing was done in them.
    """
    if window < 2:
        raise ValueError(f'a window of {window} has no slope')
    last = list(values)[-window:]
    if len(last) < window or not sum(last):
        return None
    average = sum(last) / window
    line = fit_line(last)
    # of 100 times the differences: a value at the limit is within it
    spread = 100 * (max(last) - min(last))
    rise = 100 * abs(line[1] - line[0])
    steady = at_most(spread, range_percent * average) and \
        at_most(rise, slope_percent * average)
    return Figures(average, spread / average, rise / average,
                   len(values) - window + 1, line, steady)


def history(settings, points, lines):
    """{point: [its value in each round]} of the points that must become
    steady. settings: "steady" of a directory's header or plan; points, lines:
    its points and its index.
    """
    names = [point['name'] for point in points if any(
        all(point['axes'][axis] == value for axis, value in axes.items())
        for axes in settings['points'])]
    values = {name: {} for name in names}
    for line in lines:
        if line['point'] in values and settings['metric'] in line['metrics']:
            values[line['point']][line['round']] = \
                line['metrics'][settings['metric']]
    return {name: [by_round[number] for number in sorted(by_round)]
            for name, by_round in values.items()}


def figures_of_plan(settings, values):
    """The Figures of one point's values, with the limits of the plan."""
    return figures(values, settings['window'], settings['range'],
                   settings['slope'])


def counted(header, lines):
    """The rounds whose figures count, as a range; None means all rounds, of a
    plan that does not ask for steady state. Otherwise they are the rounds of
    the window that became steady or, if none did, of the last window: earlier
    rounds belong to the transition and never count.
    """
    settings = header.get('steady')
    if not settings:
        return None
    last = settings['reached'] or max((line['round'] for line in lines),
                                      default=0)
    return range(max(1, last - settings['window'] + 1), last + 1)


def at_most(value, limit):
    """Tolerates rounding: a value at the limit is not above it."""
    return value <= limit * (1 + 1e-12)
