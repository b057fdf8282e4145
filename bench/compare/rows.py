# SPDX-License-Identifier: GPL-2.0-only
"""The rows of a judgement: the samples of each point and metric, and how they
change from the base to another side.

A change is the mean of the logarithms of other / base over all blocks. Where a
value is 0 it is that of (other - base) / mean of the base.
"""

import math

from bench.metrics import METRICS
from . import statistics


def point_rows(points, metrics, tables):
    """tables: those of design.table(), one for each side."""
    return [row(point['name'], metric, [
        [sample and ((sample[0], sample[1][metric])
                     if metric in sample[1] else None) for sample in blocks]
        for blocks in sides])
        for point in points
        for sides in [[table.get(point['name'], ()) for table in tables]]
        for metric in metrics]


def row(point, metric, sides):
    """sides: for each a list of (start, value) or None, one for each block."""
    return {'point': point, 'metric': metric,
            'figures': list(map(figure, sides)),
            'changes': [None] + [{} for _ in sides[1:]],
            'blocks': sides}


def figure(blocks):
    known = list(filter(None, blocks))
    if not known:
        return None
    starts, values = map(list, zip(*known))
    return {'samples': values, 'starts': starts,
            'median': statistics.median(values)}


def summary_rows(rows, metrics):
    """For each metric the geometric means over the points that have a value
    above 0 in every block on every side; none for a metric without any.
    """
    complete = {metric: [] for metric in metrics}
    for one in rows:
        if is_complete(one):
            complete[one['metric']].append(one['blocks'])
    return [row(None, metric, [means(side) for side in zip(*found)]) |
            {'points': len(found)}
            for metric, found in complete.items() if found]


def means(points):
    """Of one side: points, [[(start, value) of each block], ...]."""
    return [(min(start for start, _ in block),
             statistics.geometric_mean([value for _, value in block]))
            for block in zip(*points)]


def is_complete(one):
    return all(blocks and all(blocks) and
               min(value for _, value in blocks) > 0
               for blocks in one['blocks'])


# ---- the change between two sides ----

class Scale:
    """How differences between the base and another side are counted: the
    logarithm of the ratio, or where a value is 0 parts of the base's mean.
    """

    def __init__(self, base, other):
        values = [block[1] for block in base + other if block]
        known = [block[1] for block in base if block]
        self.is_log = bool(values) and min(values) > 0
        self.unit = sum(known) / len(known) if known else 0.0

    def of(self, value):
        if self.is_log:
            return math.log(value)
        return value / (self.unit or 1)

    def percent(self, difference):
        """None for a change from 0 to anything else."""
        if difference is None:
            return None
        if self.is_log:
            return math.expm1(difference) * 100
        return difference * 100 if self.unit or not difference else None


def pairs(scale, base, other):
    """(base, other) on this scale for each block, None where a side lacks it.
    """
    return [(scale.of(a[1]), scale.of(b[1])) if a and b else None
            for a, b in zip(base, other)]


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
