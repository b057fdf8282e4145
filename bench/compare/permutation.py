# SPDX-License-Identifier: GPL-2.0-only
"""Which of many rows differ from 0, and between which bounds each lies: the
permutation of whole blocks with the maximum statistic of Westfall and Young.

A row has a value of two sides for each block, such as a pair of boots. If
nothing differs, the sides of a block could as well be exchanged, which turns
the signs of the differences of all rows in that block. For each such exchange
of blocks the most extreme t of all rows is found. What is more extreme than all
but 5 % of these is a difference; all other rows of the family, and how they
depend on each other, are accounted for.

How far differences scatter is also seen in the sums of both sides, which no
exchange changes: where the sums, without a steady trend, scatter about as much
as the differences, both count. That doubles what is known of the scatter.
"""

import bisect
import functools
import itertools
import math
from collections import namedtuple
from operator import add, sub

from . import statistics

# With more blocks than this, or with so many rows that it would take too long,
# neighbouring blocks are exchanged together.
MOST_GROUPS = 13
MOST_WORK = 2e7
# How often the bounds are determined again for rows that were found to differ
PASSES = 4
# Sums count if their variance is not larger than this times that of differences
SIMILAR = 4
# A little less than 1: what is equal but for rounding is not less.
LESS = 1 - 1e-9

# mean    of the differences, and the bounds low and high, which hold for all
#         rows together; None without bounds
# least   a |mean| of this size is shown every other time; or None
# p       after correction for all rows
Row = namedtuple('Row', 'mean low high least p')


def blocks_needed(level):
    """How many blocks it takes until something can be significant."""
    return 1 + math.ceil(math.log2(1 / level) - statistics.ROUNDING)


def judge(pairs, level):
    """A Row for each of pairs, lists of (base, other) for each block, or None
    where a side lacks it. level: how often any row at all may be found to
    differ from 0 if none does.
    """
    known = [[pair[1] - pair[0] for pair in row if pair] for row in pairs]
    least = blocks_needed(level)
    usable = [number for number, values in enumerate(known)
              if len(values) >= least and any(values)]
    if not usable:
        return [without_bounds(values, least) for values in known]
    family = Family([pairs[number] for number in usable], level)
    result = dict(zip(usable, family.judge()))
    return [result.get(number) or without_bounds(values, least)
            for number, values in enumerate(known)]


def without_bounds(values, least):
    """Too few blocks, or no difference at all in any of them."""
    if not values:
        return Row(None, None, None, None, None)
    mean = sum(values) / len(values)
    if len(values) < least or any(values):
        return Row(mean, None, None, None, None)
    return Row(0.0, 0.0, 0.0, 0.0, 1.0)


class Family:
    """Rows that are judged together, in an order in which those of equal
    numbers of blocks and degrees of freedom are neighbours.
    """

    def __init__(self, pairs, level):
        self.level = level
        counted = list(map(Counted, pairs))
        self.order = sorted(range(len(pairs)),
                            key=lambda number: counted[number].kind)
        self.rows = [counted[number] for number in self.order]
        self.slices = [(kind, slice(*ends)) for kind, ends in
                       equal_runs([row.kind for row in self.rows])]

    def judge(self):
        p_values = [row.p() for row in self.rows]
        # rows that differ scatter around their means, not around 0
        first = critical = extremes = None
        differing = [False] * len(self.rows)
        for _ in range(PASSES):
            again = sorted(self.extremes(differing))
            bound = again[allowed(len(again), self.level)]
            found = [p < bound * LESS for p in p_values]
            if first is None:
                first = found
            # what was no difference at first is none later
            if critical is None or bound < critical or \
                    not any(one and not two
                            for one, two in zip(found, first)):
                critical, extremes = bound, again
            if found == differing:
                break
            differing = found
        rows = [row.bounds(p, critical, extremes)
                for row, p in zip(self.rows, p_values)]
        return [row for _, row in sorted(zip(self.order, rows),
                                         key=lambda pair: pair[0])]

    def extremes(self, differing):
        """The smallest p of any row, for each way to exchange blocks; the
        first is that of the blocks as they are. The means of differing rows
        are taken out.
        """
        columns = self.columns(differing)
        totals = functools.reduce(lambda a, b: list(map(add, a, b)), columns)
        doubled = [[2 * value for value in column] for column in columns[1:]]
        turned = [False] * len(doubled)
        result = [self.smallest(totals)]
        for step in range(1, 1 << len(doubled)):
            # the Gray code turns the sign of one column at a time
            at = (step & -step).bit_length() - 1
            totals = list(map(add if turned[at] else sub, totals,
                              doubled[at]))
            turned[at] = not turned[at]
            result.append(self.smallest(totals))
        return result

    def columns(self, differing):
        """The differences of all rows, divided by the root of all squares in a
        row, for each group of blocks that are exchanged together.
        """
        blocks = len(self.rows[0].values)
        groups = min(MOST_GROUPS, blocks, 1 + int(math.log2(
            max(MOST_WORK / len(self.rows), 1))))
        result = [[0.0] * len(self.rows) for _ in range(groups)]
        for number, row in enumerate(self.rows):
            middle = row.mean if differing[number] else 0.0
            # what is left of equal differences is rounding
            if middle and not row.error:
                continue
            length = math.sqrt(max(
                row.squares - row.count * middle * middle, 0) + row.sums)
            for block, value in enumerate(row.values):
                if value is not None:
                    result[block * groups // blocks][number] += \
                        (value - middle) / length
        return result

    def smallest(self, totals):
        """The smallest p of rows with these sums of their columns."""
        result = 1.0
        for (count, freedom), where in self.slices:
            part = totals[where]
            share = max(max(part), -min(part)) ** 2 / count
            result = min(result, p_of_share(share, freedom))
        return result


class Counted:
    """One row.

    values   the difference in each block, or None
    count    how many there are, and freedom: degrees of freedom of its scatter
    mean, error   of the differences, and its standard error; 0 if all are
             equal but for rounding
    squares  the sum of the squares of the differences
    sums     that of the sums of both sides around their line, or 0 if they
             scatter otherwise
    """

    def __init__(self, pairs):
        self.values = [pair and pair[1] - pair[0] for pair in pairs]
        known = [value for value in self.values if value is not None]
        self.count = len(known)
        self.mean = math.fsum(known) / self.count
        self.squares = math.fsum(value * value for value in known)
        line = statistics.common_line([[
            (block, pair[0] + pair[1]) for block, pair in enumerate(pairs)
            if pair]])
        self.sums, more = 0.0, 0
        if line.scatter ** 2 <= SIMILAR * self.squares / self.count:
            self.sums, more = line.scatter ** 2 * line.freedom, line.freedom
        around = math.fsum((value - self.mean) ** 2 for value in known)
        self.freedom = self.count - 1 + more
        self.error = math.sqrt((around + self.sums) / self.freedom /
                               self.count)
        if self.error <= statistics.ROUNDING * abs(self.mean):
            self.error = 0.0
        self.kind = self.count, self.freedom

    def p(self):
        """Of this row by itself."""
        if not self.error:
            return 0.0
        square = (self.mean / self.error) ** 2
        return p_of_share(square / (square + self.freedom), self.freedom)

    def bounds(self, p, critical, extremes):
        """The Row, in a family of this critical p."""
        more_extreme = bisect.bisect_right(extremes, p / LESS)
        if self.error and not critical:
            return Row(self.mean, None, None, None,
                       max(1, more_extreme) / len(extremes))
        half = self.error / LESS * statistics.t_quantile(
            critical, self.freedom) if self.error else 0.0
        return Row(self.mean, self.mean - half, self.mean + half, half,
                   max(1, more_extreme) / len(extremes))


def allowed(ways, level):
    """Of so many ways to exchange blocks, those that may be more extreme."""
    return math.floor(level * ways + statistics.ROUNDING)


def equal_runs(values):
    """(value, (begin, end)) of each run of equal values."""
    begin = 0
    for value, run in itertools.groupby(values):
        end = begin + len(list(run))
        yield value, (begin, end)
        begin = end


def p_of_share(share, freedom):
    """The p of a t whose square is this share of all squares."""
    rest = 1 - share
    if rest <= statistics.ROUNDING:
        return 0.0
    return statistics.t_probability(math.sqrt(freedom * share / rest),
                                    freedom)
