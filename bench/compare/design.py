# SPDX-License-Identifier: GPL-2.0-only
"""The design of a comparison: what is one sample, which samples of the sides
belong to one block, and whether the design allows a verdict at all.

What separates the sides decides. Sides of `run --ab` are exchanged within each
round, so a round is a sample. Otherwise a boot separates them: kernels, and
whatever else takes one. The rounds of one boot then say nothing about how far
two boots of the same kernel differ.
"""

from collections import namedtuple

from bench.units import count
from vm.problem import Problem
from . import permutation, statistics

# How often a comparison may find any difference at all where there is none
LEVEL = 0.05
# What is left of the level for each further look at a run that was extended
LOOK = 0.1

# unit         'boot' or 'round'
# keys         for each side, what its samples are called in its entries, in
#              order of time; number k of all sides are block k
# interleaved  whether each block ends on all sides before the next begins
# level        of a judgement of one side against the base
# why          why there can be no verdict, in words, or None
Design = namedtuple('Design', 'unit keys interleaved level why')


def design_of(sides):
    """The Design; a Problem if the sides have nothing comparable."""
    unit = 'round' if is_exchanged(sides) or not any(
        one.boots > 1 for one in sides) else 'boot'
    times = [start_times(one, unit) for one in sides]
    if is_exchanged(sides):
        common = set.intersection(*map(set, times))
        if not common:
            raise Problem(f'{sides[0].path}, {sides[-1].path}: no round was '
                          'measured on all sides; run the same command again')
        times = [{key: found[key] for key in found if key in common}
                 for found in times]
    elif unit == 'boot':
        refuse_unequal(sides)
    keys = [sorted(found, key=found.get) for found in times]
    level = LEVEL * LOOK ** max(one.extended for one in sides) / \
        (len(sides) - 1)
    return Design(unit, keys, are_interleaved(times, keys), level,
                  why_no_verdict(sides, unit, keys, level))


def is_exchanged(sides):
    """Whether the sides are those of one `run --ab`."""
    return sides[0].ab is not None and \
        all(one.ab == sides[0].ab for one in sides)


def key_of(unit, place):
    """The sample that a measurement at (boot, directory, round) is part of."""
    return place[0] if unit == 'boot' else place[2]


def start_times(side, unit):
    """{sample: when it began}"""
    times = {}
    for entries in side.entries.values():
        for place, start, _ in entries:
            key = key_of(unit, place)
            times[key] = min(times.get(key, start), start)
    return times


def refuse_unequal(sides):
    numbers = [one.boots for one in sides]
    if len(set(numbers)) > 1:
        raise Problem(' against '.join(
            f'{count(one.boots, "boot")} of {one.path}' for one in sides) +
            ': sides must have the same number of boots; measure the missing '
            'ones, or leave some directories out')


def are_interleaved(times, keys):
    if len(set(map(len, keys))) > 1:
        return False
    blocks = [[found[key] for found, key in zip(times, block)]
              for block in zip(*keys)]
    return all(max(one) < min(two) for one, two in zip(blocks, blocks[1:]))


def why_no_verdict(sides, unit, keys, level):
    if not is_exchanged(sides) and unit == 'round':
        return ('one boot a side cannot tell a change from the difference '
                'between two boots')
    unfinished = [one for one in sides if one.unfinished]
    if unfinished:
        return f'{unfinished[0].path}: {unfinished[0].unfinished}'
    least = permutation.blocks_needed(level)
    if len(keys[0]) < least:
        return (f'{count(len(keys[0]), unit)} a side are too few; measure at '
                f'least {least}')
    return None


# ---- samples ----

def table(side, design, number):
    """{point: [(start, metrics) of each sample, or None]}; the metrics of a
    boot are the medians of its rounds.
    """
    places = {key: at for at, key in enumerate(design.keys[number])}
    result = {}
    for point, entries in side.entries.items():
        blocks = [None] * len(places)
        for place, start, metrics in entries:
            at = places.get(key_of(design.unit, place))
            if at is None:
                continue
            if blocks[at] is None:
                blocks[at] = []
            blocks[at].append((start, metrics))
        result[point] = [block and together(block) for block in blocks]
    return result


def together(block):
    """One sample of the measurements in it."""
    if len(block) == 1:
        return block[0]
    values = {}
    for _, metrics in block:
        for metric, value in metrics.items():
            values.setdefault(metric, []).append(value)
    return (min(start for start, _ in block),
            {metric: statistics.median(some)
             for metric, some in values.items()})
