# SPDX-License-Identifier: GPL-2.0-only
"""Median, interval, rank test, false discoveries. Nothing is drawn at random:
equal input gives equal output.
"""

import functools
import itertools
import math

CONFIDENCE = 0.95
LEVEL = 0.05
# Up to here every pair of medians is looked at; beyond, the quantile is
# narrowed down to a relative 1e-12.
PAIRS = 4000
# Up to so many samples on both sides together the rank test is exact.
EXACT = 40
# A median that fewer bootstrap samples than this part of them have is left out
NEVER = 1e-15
# Sums of weights are compared with this much tolerance.
ROUNDING = 1e-12


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def geometric_mean(values):
    """Of positive values."""
    return math.exp(math.fsum(map(math.log, values)) / len(values))


# ---- the bootstrap distribution of a median ----

@functools.lru_cache(maxsize=None)
def median_weights(n):
    """[(i, j, weight)]: the median of n values that are drawn, each from all
    of n ordered ones, is the mean of number i and number j (from 0) with this
    probability. For odd n both are the same.
    """
    counts = odd_counts(n) if n % 2 else even_counts(n)
    return [(i, j, count / n ** n) for i, j, count in counts
            if count / n ** n > NEVER]


def at_least(n, rank, i):
    """Of the n ** n ways to draw, those where at least `rank` of the draws
    are among the i lowest values.
    """
    return sum(math.comb(n, k) * i ** k * (n - i) ** (n - k)
               for k in range(rank, n + 1))


def rank_counts(n, rank):
    """Of the n ** n ways, those where the draw of this rank is value i."""
    below = [at_least(n, rank, i) for i in range(n + 1)]
    return [after - before for before, after in itertools.pairwise(below)]


def odd_counts(n):
    return [(i, i, count)
            for i, count in enumerate(rank_counts(n, (n + 1) // 2))]


def even_counts(n):
    """The middle two draws are values i < j when half of the draws are up to
    i, one at least being i, and the other half from j on; what is left of the
    ways in which i is the lower of the two has i for both.
    """
    half = n // 2
    lower = [(i + 1) ** half - i ** half for i in range(n)]
    ways = math.comb(n, half)
    counts = []
    for i, both in enumerate(rank_counts(n, half)):
        for j in range(i + 1, n):
            count = ways * lower[i] * lower[n - 1 - j]
            both -= count
            counts.append((i, j, count))
        counts.append((i, i, both))
    return counts


def median_distribution(values):
    """[(median, weight)] of bootstrap samples, in ascending order; [] with
    less than two values, which tell nothing of how they scatter.
    """
    if len(values) < 2:
        return []
    ordered = sorted(values)
    return sorted(((ordered[i] + ordered[j]) / 2 if i != j else ordered[i],
                   weight) for i, j, weight in median_weights(len(ordered)))


def quantiles(distribution, confidence):
    """The lowest and the highest value that are left when no more than half
    of what is outside the confidence is cut off at either end.
    """
    outside = (1 - confidence) / 2 - ROUNDING
    return (first_beyond(distribution, outside),
            first_beyond(reversed(distribution), outside))


def first_beyond(distribution, part):
    total = 0.0
    for value, weight in distribution:
        total += weight
        if total >= part:
            return value
    raise ValueError('no distribution')


def interval(medians, confidence=CONFIDENCE):
    """Percentile interval of a median from its distribution, or None."""
    return quantiles(medians, confidence) if medians else None


def ratio_interval(base, other, confidence=CONFIDENCE):
    """Percentile interval of the ratio of two medians, other / base, from
    their distributions, or None; base values are positive.
    """
    if not base or not other:
        return None
    if len(base) * len(other) <= PAIRS:
        ratios = [(b / a, v * w) for a, v in base for b, w in other]
        ratios.sort()
        return quantiles(ratios, confidence)
    # the high end is the low end of the ratios with the other sign
    return (low_quantile(base, other, confidence),
            -low_quantile(base, [(-b, w) for b, w in reversed(other)],
                          confidence))


def low_quantile(below, above, confidence):
    """The lowest ratio that is not cut off, narrowed down."""
    outside = (1 - confidence) / 2 - ROUNDING
    ends = [b / a for b in (above[0][0], above[-1][0])
            for a in (below[0][0], below[-1][0])]
    low, high = min(ends), max(ends)
    if part_up_to(below, above, low) >= outside:
        return low
    while high - low > 1e-12 * max(abs(low), abs(high)):
        middle = (low + high) / 2
        if part_up_to(below, above, middle) >= outside:
            high = middle
        else:
            low = middle
    return high


def part_up_to(below, above, ratio):
    """How much of the distribution of above / below is up to a ratio."""
    total = reached = 0.0
    rest = iter(above)
    value, weight = next(rest)
    order = below if ratio >= 0 else reversed(below)
    for a, share in order:
        while value is not None and value <= ratio * a:
            reached += weight
            value, weight = next(rest, (None, 0))
        total += share * reached
    return total


# ---- rank test ----

def rank_test(a, b):
    """Two-sided p of the test of Mann and Whitney: the part of all ways to
    deal the values out to two sides of these sizes that sets the sides apart
    by as much or more. Exact, with ties as well, for up to 40 values; beyond,
    by the normal distribution with correction for ties and continuity. None
    without values on a side.
    """
    if not a or not b:
        return None
    if len(a) + len(b) > EXACT:
        return normal_test(a, b)
    ranks, total = rank_sum(a, b)
    return exact_tail(ranks, len(a), total)


def rank_sum(a, b):
    """The doubled mean ranks of all values in order, and the sum of a's."""
    values = sorted([(value, 0) for value in a] + [(value, 1) for value in b])
    ranks, total, start = [], 0, 0
    count = len(values)
    while start < count:
        end = start + 1
        while end < count and values[end][0] == values[start][0]:
            end += 1
        rank = start + end + 1
        for _, side in values[start:end]:
            ranks.append(rank)
            if not side:
                total += rank
        start = end
    return tuple(ranks), total


@functools.lru_cache(maxsize=10000)
def exact_tail(ranks, n, total):
    counts = rank_sums(ranks, n)
    # twice the doubled sum's distance from its mean, to stay with integers
    middle = n * sum(ranks)
    distance = abs(total * len(ranks) - middle)
    outside = sum(count for other, count in counts.items()
                  if abs(other * len(ranks) - middle) >= distance)
    return outside / math.comb(len(ranks), n)


@functools.lru_cache(maxsize=1000)
def rank_sums(ranks, n):
    """{sum: number of ways to choose n of the ranks with this sum}"""
    ways = [{0: 1}] + [{} for _ in range(n)]
    for number, rank in enumerate(ranks):
        for chosen in range(min(n, number + 1), 0, -1):
            into = ways[chosen]
            for total, count in ways[chosen - 1].items():
                into[total + rank] = into.get(total + rank, 0) + count
    return ways[n]


def normal_test(a, b):
    n, m = len(a), len(b)
    ranks, total = rank_sum(a, b)
    count = n + m
    u = total / 2 - n * (n + 1) / 2
    ties = sum(size ** 3 - size for size in
               (len(list(group)) for _, group in itertools.groupby(ranks)))
    variance = n * m / 12 * (count + 1 - ties / (count * (count - 1)))
    if not variance:
        return 1.0
    z = max(0.0, abs(u - n * m / 2) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def least_p(n, m):
    """What the rank test comes to when the sides do not overlap at all."""
    if not n or not m:
        return 1.0
    return min(1.0, 2 / math.comb(n + m, n))


def samples_needed(level):
    """On each side, for the rank test to be able to get to this level."""
    n = 1
    while least_p(n, n) > level:
        n += 1
    return n


# ---- many tests ----

def adjust(p_values):
    """The p values after Benjamini and Hochberg: when those up to a level are
    called discoveries, no more than that part of them is false on average.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [1.0] * len(p_values)
    least = 1.0
    for rank in range(len(order), 0, -1):
        index = order[rank - 1]
        least = min(least, p_values[index] * len(order) / rank)
        adjusted[index] = least
    return adjusted
