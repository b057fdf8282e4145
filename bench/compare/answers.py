# SPDX-License-Identifier: GPL-2.0-only
"""The answer on each change, and what follows for the whole comparison.

    better, worse   the interval of the change does not contain 0
    equivalent      all of it is within the margin, on either side of 0
    undetermined    neither: it contains 0 and what would matter

An answer is given by the bounds of the interval, never by its middle. All
intervals of a judgement hold together, so an answer needs no further
correction. Without a design that allows a verdict there are no answers.
"""

import math

from . import drift, permutation, statistics
from .rows import Scale, is_higher_better, ratio_of_medians

ANSWERS = ('worse', 'undetermined', 'equivalent', 'better')
# In percent
MARGIN = 2
# An outlier is this many standard deviations away, and at least 1 %.
OUTLIER, LEAST_OUTLIER = 7, 0.01
# At most one in so many blocks is left out.
RARE = 6

REGRESSION, NO_VERDICT = 1, 3


def describe(rows):
    """The changes of a design without a verdict: what differs, no more."""
    for row in rows:
        for number, change in enumerate(row['changes']):
            if change is not None:
                change.update(percent=ratio_of_medians(row['figures'],
                                                       number),
                              interval=None, least=None, p=None, answer=None,
                              drift=False, outliers=[])


def settle(rows, number, design, margin):
    """The changes of one side in all rows, judged together."""
    scales = [Scale(row['values'][0], row['values'][number]) for row in rows]
    judged = permutation.judge(
        [kept_pairs(row, number, scale, design.level)
         for row, scale in zip(rows, scales)], design.level)
    for row, scale, found in zip(rows, scales, judged):
        (low, high), drifting = bounds(row, number, scale, found, design,
                                       design.level / len(rows))
        half = None if high is None else high - found.mean
        row['changes'][number].update(
            percent=scale.percent(found.mean), p=found.p, drift=drifting,
            least=scale.percent(half),
            interval=percent_bounds(scale, (low, high)),
            answer=None if found.mean is None else
            answer(row, change_within((low, high), scale, margin),
                   (low, high)))


def kept_pairs(row, number, scale, level):
    """(base, other) of each block on the scale, or None where a side lacks it
    or has an outlier, which is noted in the change.
    """
    values = [scale.of(row['values'][side]) for side in (0, number)]
    found = outliers(values, level) if scale.is_log else []
    for side, block in found:
        values[side][block] = None
    row['changes'][number]['outliers'] = [
        ((0, number)[side], block) for side, block in found]
    return [None if None in pair else pair for pair in zip(*values)]


def bounds(row, number, scale, found, design, probability):
    """(low, high), and whether it is a drift that makes them contain 0; found:
    a Row of permutation.py.
    """
    excludes = found.low is not None and not found.low <= 0 <= found.high
    if not found.least or design.interleaved and not excludes:
        return (found.low, found.high), False
    widest = drift.explained(scale, *without_outliers(row, number),
                             probability, design.interleaved)
    if widest == math.inf:
        return (None, None), False
    if widest <= found.least:
        return (found.low, found.high), False
    return (found.mean - widest, found.mean + widest), \
        excludes and widest >= abs(found.mean)


# ---- outliers ----

def outliers(values, level):
    """values: of the base and another side, the logarithm for each block or
    None. [(0 or 1, block)] of samples so far from all others of their side and
    point that they are left out of the change, if enough are left.
    """
    known = [[value for value in side if value is not None]
             for side in values]
    fewest = min(map(len, known))
    if not fewest or all(max(side) - min(side) <= LEAST_OUTLIER
                         for side in known):
        return []
    places = [[at for at, value in enumerate(side) if value is not None]
              for side in values]
    result = [(side, at[place]) for side, (at, far) in enumerate(zip(
        places, statistics.outliers(known, OUTLIER, LEAST_OUTLIER)))
        for place in far]
    out = len({block for _, block in result})
    # several on one side alone are how that side behaves
    if fewest - out < permutation.blocks_needed(level) or \
            out > fewest // RARE or \
            len(result) > 1 and len({side for side, _ in result}) == 1:
        return []
    return result


def without_outliers(row, number):
    """[(start, value)] of the base and of another side."""
    out = {at for _, at in row['changes'][number]['outliers']}
    return [[(start, value) for at, (start, value) in enumerate(
        zip(row['starts'][side], row['values'][side]))
        if value is not None and at not in out] for side in (0, number)]


# ---- the answer ----

def percent_bounds(scale, bounds):
    """(low, high), or None where they are not known or the base is 0."""
    ends = tuple(map(scale.percent, bounds))
    return None if None in ends else ends


def change_within(bounds, scale, margin):
    """Whether bounds are known and all between is within the margin."""
    ends = percent_bounds(scale, bounds)
    if ends is None:
        return False
    low, high = ends
    return -margin < low and high < margin or low == high == 0


def answer(row, within, bounds):
    low, high = bounds
    if within:
        return 'equivalent'
    if low is None or low <= 0 <= high:
        return 'undetermined'
    return 'better' if (low > 0) == is_higher_better(row) else 'worse'


# ---- the whole comparison ----

def bad_bound(row, change):
    """How many percent for the worse a change may be at most; None if that is
    not known.
    """
    if change['interval'] is None:
        return None
    low, high = change['interval']
    return -low if is_higher_better(row) else high


def sure_loss(row, change):
    """How many percent for the worse it is at least."""
    low, high = change['interval']
    return -high if is_higher_better(row) else low


def regressions(rows, fails, fail_above):
    """What is worse in the metrics that count, by more than a limit in
    percent, and the worst first.
    """
    result = []
    for row in rows:
        for number, change in enumerate(row['changes']):
            if not change or change['answer'] != 'worse' or \
                    row['metric'] not in fails:
                continue
            # from 0 to anything is beyond every limit
            if change['interval'] is None or \
                    sure_loss(row, change) > (fail_above or 0):
                result.append({'side': number, 'point': row['point'],
                               'metric': row['metric'],
                               'percent': change['percent'],
                               'interval': change['interval']})
    # points before the mean of all, which only follows from them
    return sorted(result, key=lambda one: (
        one['point'] is None, one['percent'] is not None,
        -abs(one['percent'] or 0)))


def undetermined(rows, fails, margin, fail_above):
    """How many changes in the metrics that count may be for the worse by more
    than the margin or fail_above, in percent, without being shown to be.
    """
    limit = max(margin, fail_above or 0)
    return sum(is_open(row, change, limit, fail_above or 0) for row in rows
               if row['metric'] in fails for change in row['changes'][1:])


def is_open(row, change, limit, fail_above):
    if change['answer'] in ('equivalent', 'better'):
        return False
    if change['answer'] == 'worse' and (
            change['interval'] is None or
            sure_loss(row, change) > fail_above):
        return False  # a regression
    bad = bad_bound(row, change)
    return bad is None or bad >= limit
