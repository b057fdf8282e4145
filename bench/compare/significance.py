# SPDX-License-Identifier: GPL-2.0-only
"""Decides which changes of a judgement are significant, better or worse, and
which of them are regressions.

The level holds for a whole output: if nothing differs, at most 5 of 100
outputs have a significant row. Each side and family of metrics has a share of
the level, and the summary its own, so that a large change in one does not make
small chance changes significant in another. Within a share the rows are
corrected with the method of Benjamini and Hochberg.
"""

from bench.metrics import HIGHER, METRICS
from . import statistics

# Relative shares of the level. Speed has half of it, because most comparisons
# are about speed. The summary has a third, so that a change of all points
# shows however many points there are.
SHARES = {'speed': 2, 'tail': 1, 'cost': 1}
SUMMARY, POINTS = 1, 2


def settle(rows):
    """Sets adjusted and verdict of all changes. Returns, for each side and
    family, the factor of its smallest p: if only one row changes, its p must
    be below the level divided by this factor.
    """
    families = {}
    for row in rows:
        for number, change in enumerate(row['changes']):
            if change and change['p'] is not None and needs_test(row, number):
                key = number, family(row)
                families.setdefault(key, []).append((row, number))
    whole = sum(level_share(key[1]) for key in families)
    factors = {key: whole / level_share(key[1]) for key in families}
    for key, members in families.items():
        settle_family(members, factors[key])
    return {key: len(members) * factors[key]
            for key, members in families.items()}


def family(row):
    """The rows with the same family are corrected together."""
    return METRICS[row['metric']].family, row['point'] is None


def level_share(family_):
    name, is_summary = family_
    return SHARES[name] * (SUMMARY if is_summary else POINTS)


def needs_test(row, number):
    """Whether a change could be significant. If not it gets its verdict here,
    and needs no correction.
    """
    base = row['figures'][0]['samples']
    other = row['figures'][number]['samples']
    change = row['changes'][number]
    if is_too_few(base, other):
        change['adjusted'], change['verdict'] = change['p'], 'few'
        return False
    change['adjusted'], change['verdict'] = 1.0, 'same'
    return not is_constant(base, other)


def is_too_few(base, other):
    return statistics.least_p(len(base), len(other)) > statistics.LEVEL


def is_constant(base, other):
    """Whether all values are equal, as maps per I/O often are."""
    return base[0] == other[0] and \
        all(value == base[0] for value in base + other)


def settle_family(members, factor):
    adjusted = statistics.adjust([row['changes'][number]['p']
                                  for row, number in members])
    for (row, number), p in zip(members, adjusted):
        change = row['changes'][number]
        change['adjusted'] = min(1.0, p * factor)
        if change['adjusted'] <= statistics.LEVEL:
            change['verdict'] = direction(
                row['metric'], row['figures'][0]['median'],
                row['figures'][number]['median'])


def direction(name, base, other):
    """The verdict of a significant change."""
    if base == other:
        return 'same'
    return 'better' if (other > base) == (METRICS[name].better == HIGHER) \
        else 'worse'


def is_significant(change):
    return change['verdict'] in ('better', 'worse')


def regressions(rows, fails, fail_above):
    """The significant changes for the worse beyond a limit in percent."""
    result = []
    for row in rows:
        for number, change in enumerate(row['changes']):
            if not change or change['verdict'] != 'worse' or \
                    row['metric'] not in fails:
                continue
            # from 0 to anything is beyond every limit
            if change['percent'] is None or \
                    abs(change['percent']) > (fail_above or 0):
                result.append({'side': number, 'point': row['point'],
                               'metric': row['metric'],
                               'percent': change['percent']})
    return result
