# SPDX-License-Identifier: GPL-2.0-only
"""What changes with time alone: a trend over the rounds of a side, and how
much of a difference a steady drift could explain where the sides do not lie
at the same times.
"""

import math

from bench.metrics import HEADLINE
from . import statistics

# How often a trend may be found on any side and metric where there is none
LEVEL = 0.05


def explained(scale, base, other, probability, interleaved):
    """How large a difference between two sides a steady drift could make, in
    the unit of the scale: the steepest straight line over the order of time
    that the samples within the sides allow, as far as the middles of the sides
    are apart. base, other: [(start, value)].
    """
    known = [sorted(base), sorted(other)]
    order = sorted([(start, side) for side, blocks in enumerate(known)
                    for start, _ in blocks])
    places = [[at for at, (_, whose) in enumerate(order) if whose == side]
              for side in (0, 1)]
    middles = [sum(each) / len(each) for each in places]
    apart = abs(middles[1] - middles[0])
    values = [scale.of([value for _, value in blocks]) for blocks in known]
    line = statistics.common_line([list(zip(*pair))
                                   for pair in zip(places, values)])
    if not line.freedom:
        return math.inf
    error = line.error * apart
    if not interleaved:
        # the level of a side is not known better than this
        error = math.hypot(error, line.scatter * math.sqrt(
            sum(1 / len(each) for each in values)))
    return abs(line.slope) * apart + error * statistics.t_quantile(
        probability, line.freedom)


# ---- trends over rounds ----

def trends(sides):
    """[(number of the side, metric, change in percent from one round to the
    next)] where all points of a side together change steadily.
    """
    tests = []
    for number, side in enumerate(sides):
        boots = tables_of_boots(side)
        for metric in HEADLINE:
            line = statistics.common_line(
                [mean_by_round(points, metric) for points in boots])
            if line.freedom:
                tests.append((number, metric, line))
    level = LEVEL / max(len(tests), 1)
    return [(number, metric, math.expm1(line.slope) * 100)
            for number, metric, line in tests
            if line.slope and (not line.error or statistics.t_probability(
                line.slope / line.error, line.freedom) <= level)]


def tables_of_boots(side):
    """For each boot with several rounds, [{round: metrics} of each point]."""
    boots = {}
    for point, entries in side.entries.items():
        for (boot, _, number), _, metrics in entries:
            boots.setdefault(boot, {}).setdefault(point, {})[number] = metrics
    return [list(points.values()) for points in boots.values()
            if max(map(len, points.values())) > 1]


def mean_by_round(points, metric):
    """(round, mean of the logarithms over the points that have it in all
    rounds)
    """
    rounds = sorted(set().union(*points))
    logs = [[math.log(found[number][metric]) for number in rounds]
            for found in points if len(found) == len(rounds) and
            all(metrics.get(metric, 0) > 0 for metrics in found.values())]
    return [(number, math.fsum(values) / len(values))
            for number, values in zip(rounds, zip(*logs))]
