# SPDX-License-Identifier: GPL-2.0-only
"""The rows of a judgement: the samples of each point and metric, and how they
change from the base to another side.

A change is the mean of the logarithms of other / base over all blocks. Where a
value is 0 it is that of (other - base) / mean of the base, and at least -100 %.
"""

import math

from bench.metrics import METRICS
from . import statistics


def point_rows(points, metrics, tables):
    """tables: those of design.table(), one for each side."""
    result = []
    for point in points:
        blocks = [table.get(point['name'], ()) for table in tables]
        starts = [[sample and sample[0] for sample in side]
                  for side in blocks]
        known = [[sample[1] if sample else {} for sample in side]
                 for side in blocks]
        result += [row(point['name'], metric, starts,
                       [[some.get(metric) for some in side]
                        for side in known])
                   for metric in metrics]
    return result


def row(point, metric, starts, values):
    """starts, values: for each side one for each block; no value, or neither,
    of a block that the side lacks.
    """
    return {'point': point, 'metric': metric,
            'figures': list(map(figure, starts, values)),
            'changes': [None] + [{} for _ in values[1:]],
            'starts': starts, 'values': values}


def figure(starts, values):
    if None in values:
        known = [(start, value) for start, value in zip(starts, values)
                 if value is not None]
        starts, values = zip(*known) if known else ((), ())
    if not values:
        return None
    return {'samples': list(values), 'starts': list(starts),
            'median': statistics.median(values)}


def summary_rows(rows, metrics):
    """For each metric the geometric means over the points that have a value
    above 0 in every block on every side; none for a metric without any.
    """
    complete = {metric: [] for metric in metrics}
    for one in rows:
        if is_complete(one):
            complete[one['metric']].append(one)
    return [row(None, metric,
                [[min(block) for block in zip(*side)]
                 for side in zip(*[one['starts'] for one in found])],
                [[statistics.geometric_mean(block) for block in zip(*side)]
                 for side in zip(*[one['values'] for one in found])]) |
            {'points': len(found)}
            for metric, found in complete.items() if found]


def is_complete(one):
    """Whether every block has a value above 0 on every side."""
    return all(values and None not in values and min(values) > 0
               for values in one['values'])


# ---- the change between two sides ----

class Scale:
    """How differences between the base and another side are counted: the
    logarithm of the ratio, or where a value is 0 parts of the base's mean.
    """

    def __init__(self, base, other):
        """The values of both for each block, or None."""
        known = [value for values in (base, other) for value in values
                 if value is not None]
        self.is_log = bool(known) and min(known) > 0
        self.unit = None
        if not self.is_log:
            paired = [one for one, two in zip(base, other)
                      if None not in (one, two)]
            self.unit = sum(paired) / len(paired) if paired else 0.0

    def of(self, values):
        """Values on this scale, None where there is none."""
        if self.is_log:
            log = math.log
            return [value and log(value) for value in values]
        unit = self.unit or 1
        return [None if value is None else value / unit for value in values]

    def percent(self, difference):
        """None for a change from 0 to anything else."""
        if difference is None:
            return None
        if self.is_log:
            return math.expm1(difference) * 100
        return max(difference * 100, -100.0) \
            if self.unit or not difference else None


def ratio_of_medians(figures, number):
    """The change in percent of two sides that are only described."""
    base, other = figures[0], figures[number]
    if not base or not other:
        return None
    if base['median'] == other['median']:
        return 0.0
    if base['median'] <= 0:
        return None
    return (other['median'] / base['median'] - 1) * 100


def is_higher_better(one):
    return METRICS[one['metric']].better == 'higher'
