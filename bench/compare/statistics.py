# SPDX-License-Identifier: GPL-2.0-only
"""Medians, geometric means, straight lines, and Student's t distribution."""

import functools
import math
from collections import namedtuple
from operator import mul

# Doubles have 16 digits; a fraction that is closer to its limit than this is
# that limit.
ROUNDING = 1e-12

# A line of least squares: how much values change with each unit of x, the
# standard error of that, and the standard deviation of values around it; all 0
# where nothing can be said.
Line = namedtuple('Line', 'slope error scatter freedom')
# The median of absolute deviations times this is the standard deviation, for
# the normal distribution.
MAD_SCALE = 1.4826


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def geometric_mean(values):
    """Of positive values."""
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def common_line(groups):
    """The Line whose slope all groups [[(x, y), ...], ...] have in common,
    each group at a level of its own.
    """
    across = rise = spread = 0.0
    freedom = -1
    for points in groups:
        count = len(points)
        if not count:
            continue
        places, values = zip(*points)
        middle, level = sum(places) / count, sum(values) / count
        xs = [place - middle for place in places]
        ys = [value - level for value in values]
        across += sum(map(mul, xs, xs))
        rise += sum(map(mul, xs, ys))
        spread += sum(map(mul, ys, ys))
        freedom += count - 1
    if freedom < 1 or not across:
        return Line(0.0, 0.0, 0.0, 0)
    slope = rise / across
    scatter = math.sqrt(max(spread - slope * rise, 0.0) / freedom)
    return Line(slope, scatter / math.sqrt(across), scatter, freedom)


def outliers(groups, times, least):
    """For each of groups of values, the numbers of those that are farther from
    the median of their group than `times` the usual deviation in all groups
    together, and than `least`. None if the usual deviation is 0.
    """
    middles = list(map(median, groups))
    usual = MAD_SCALE * median([abs(value - middle) for values, middle
                                in zip(groups, middles) for value in values])
    limit = max(times * usual, least)
    return [[number for number, value in enumerate(values)
             if usual and abs(value - middle) > limit]
            for values, middle in zip(groups, middles)]


# ---- Student's t distribution ----

def t_probability(t, freedom):
    """How often Student's t with so many degrees of freedom is as far from 0
    as t or farther, on either side.
    """
    if math.isinf(t):
        return 0.0
    square = t * t
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square),
                           square / (freedom + square))


@functools.lru_cache(maxsize=1000)
def t_quantile(probability, freedom):
    """The t whose t_probability() is this one."""
    if probability <= 0:
        return math.inf
    low, high = 0.0, 1.0
    while t_probability(high, freedom) > probability:
        low, high = high, 2 * high
    while high - low > ROUNDING * high:
        middle = (low + high) / 2
        if t_probability(middle, freedom) > probability:
            low = middle
        else:
            high = middle
    return high


def incomplete_beta(a, b, x, rest):
    """The regularized incomplete beta function; rest is 1 - x, which may be
    too small to be told from x.
    """
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) +
                     a * math.log(x) + b * math.log(rest))
    if x < (a + 1) / (a + b + 2):
        return front * beta_fraction(a, b, x) / a
    return 1 - front * beta_fraction(b, a, rest) / b


def beta_fraction(a, b, x):
    """Its continued fraction, by the method of Lentz."""
    tiny = 1e-300
    c, d = 1.0, 1 / ((1 - (a + b) * x / (a + 1)) or tiny)
    result = d
    for m in range(1, 1000):
        for factor in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                       -(a + m) * (a + b + m) * x /
                       ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 / ((1 + factor * d) or tiny)
            c = (1 + factor / c) or tiny
            result *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return result
