#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Simulates comparisons whose truth is known, and counts what compare says of
them: how often it finds a difference where there is none, how often it finds
one, and how often all intervals hold the truth. Prints the table of
doc/bench.md; equal seeds give equal tables.

    t/unit/bench/compare/simulation.py [TRIALS]
"""

import math
import multiprocessing
import os
import random
import sys
from collections import namedtuple

sys.dont_write_bytecode = True
if __name__ == '__main__':
    sys.path.insert(0, os.path.realpath(__file__).rsplit('/t/unit/', 1)[0])

from bench.compare import judge, side  # noqa: E402

METRICS = ('iops', 'lat_p99', 'cpu')

# points, units (boots, or rounds of `run --ab`) and rounds in a boot
# ab       exchanged within a round, else boots
# turn     whether boots take turns, or one side follows the other
# scatter  of rounds, boots: standard deviation of boots, drift: what is lost
#          with each round (all relative); ar: correlation from round to round
# shape    of the scatter: 'normal', 't2' (Student's t with 2 degrees of
#          freedom) or 'outliers' (5 % are 10 to 30 % low)
# changes  {number of a point or 'all': logarithm of the ratio} of the rate
Case = namedtuple('Case', 'points units rounds ab turn scatter boots drift ar '
                  'shape changes', defaults=(
                      12, 7, 5, False, True, 0.01, 0.005, 0.0, 0.0, 'normal',
                      {}))
# What a trial came to: whether anything was found, the status, whether all
# intervals hold the truth (None without any), and whether each point that
# changed was named, its answer being the right one
Trial = namedtuple('Trial', 'found status covered named')

CHANGE = {3: math.log(0.95)}
HALF = {3: math.log(0.5)}
# name -> Case; what must never be found has no changes
NOTHING = {
    'one boot a side, boots differ by 0.5 %, 7 rounds':
        Case(units=1, rounds=7),
    'one boot a side, boots differ by 1 %, 20 rounds':
        Case(units=1, rounds=20, boots=0.01),
    'one boot a side, loses 0.2 % a round, one after the other':
        Case(units=1, rounds=7, boots=0.0, turn=False, drift=0.002),
    '7 boots in turn, 0.5 %': Case(),
    '7 boots in turn, 1 %': Case(boots=0.01),
    '12 boots in turn, 0.5 %, 36 points': Case(points=36, units=12, rounds=2),
    '7 boots one after the other, 0.5 %': Case(turn=False),
    '7 boots one after the other, loses 0.1 % a round':
        Case(turn=False, boots=0.003, drift=0.001),
    '7 boots one after the other, loses 0.2 % a round':
        Case(turn=False, boots=0.003, drift=0.002),
    '7 boots in turn, loses 0.2 % a round': Case(drift=0.002),
    '--ab, 7 rounds': Case(ab=True),
    '--ab, 12 rounds, 36 points': Case(ab=True, units=12, points=36),
    '--ab, 12 rounds, loses 0.2 % a round':
        Case(ab=True, units=12, drift=0.002),
    '--ab, 12 rounds, correlated (AR(1), 0.5)':
        Case(ab=True, units=12, ar=0.5),
    '--ab, 7 rounds, t with 2 degrees of freedom': Case(ab=True, shape='t2'),
    '--ab, 12 rounds, t with 2 degrees of freedom':
        Case(ab=True, units=12, shape='t2'),
    '--ab, 7 rounds, 5 % outliers': Case(ab=True, shape='outliers'),
    '--ab, 12 rounds, 5 % outliers':
        Case(ab=True, units=12, shape='outliers'),
    '7 boots in turn, 5 % outliers': Case(shape='outliers'),
}
SOMETHING = {
    '--ab, 7 rounds, 36 points, one halved':
        Case(ab=True, points=36, changes=HALF),
    '--ab, 7 rounds, 36 points, one -5 %':
        Case(ab=True, points=36, changes=CHANGE),
    '--ab, 12 rounds, 36 points, one -5 %':
        Case(ab=True, points=36, units=12, changes=CHANGE),
    '--ab, 7 rounds, 12 points, one -5 %': Case(ab=True, changes=CHANGE),
    '--ab, 7 rounds, all points -5 %':
        Case(ab=True, changes={'all': math.log(0.95)}),
    '--ab, 12 rounds, t with 2 degrees of freedom, one -5 %':
        Case(ab=True, units=12, shape='t2', changes=CHANGE),
    '--ab, 12 rounds, 5 % outliers, one -5 %':
        Case(ab=True, units=12, shape='outliers', changes=CHANGE),
    '7 boots in turn, 12 points, one -5 %': Case(changes=CHANGE),
    '7 boots in turn, 12 points, one -3 %':
        Case(changes={3: math.log(0.97)}),
    '7 boots in turn, 36 points, one halved': Case(points=36, changes=HALF),
    '7 boots in turn, all points -1 %':
        Case(changes={'all': math.log(0.99)}),
    '7 boots one after the other, one -5 %':
        Case(turn=False, changes=CHANGE),
}


# ---- two sides whose truth is known ----

def scatter(random_, case):
    """One deviation of the rate, relative."""
    if case.shape == 't2':
        ratio = random_.gauss(0, 1) / math.sqrt(random_.expovariate(1))
        return case.scatter * ratio
    value = case.scatter * random_.gauss(0, 1)
    if case.shape == 'outliers' and random_.random() < 0.05:
        value -= random_.uniform(0.1, 0.3)
    return value


def order_of(random_, case):
    """Which side each unit belongs to, in order of time."""
    if not case.turn and not case.ab:
        return [0] * case.units + [1] * case.units
    return [whose for _ in range(case.units)
            for whose in random_.choice(([0, 1], [1, 0]))]


def series(random_, case, order):
    """{(side, unit, round): the logarithm of a rate without its change}"""
    result, last = {}, 0.0
    rounds = 1 if case.ab else case.rounds
    units = [0, 0]
    for at, whose in enumerate(order):
        boot = 0.0 if case.ab else random_.gauss(0, case.boots)
        for number in range(rounds):
            last = case.ar * last + math.sqrt(1 - case.ar ** 2) * \
                scatter(random_, case)
            age = at * rounds + number
            result[whose, units[whose], number] = \
                math.log1p(-case.drift) * age + boot + last
        units[whose] += 1
    return result


def sides(case, seed):
    """The base and another side."""
    random_ = random.Random(seed)
    order = order_of(random_, case)
    entries = [{}, {}]
    for point in range(case.points):
        change = case.changes.get(point, case.changes.get('all', 0.0))
        rate, cpu = (series(random_, case, order) for _ in range(2))
        for (whose, unit, number), value in rate.items():
            value += change * whose
            boot, place = (0, unit) if case.ab else (unit, number)
            at = [at for at, one in enumerate(order) if one == whose][unit]
            entries[whose].setdefault(str(point), []).append((
                (boot, 0, place), at * 1000 + number, {
                    'iops': 1e5 * math.exp(value),
                    'lat_p99': 1e5 * math.exp(
                        random_.gauss(0, case.scatter) - value),
                    'cpu': math.exp(cpu[whose, unit, number])}))
    plan = [{'name': str(point), 'axes': {}} for point in range(case.points)]
    return [side.Side(
        name, [name], plan, entries[whose], 1 if case.ab else case.units,
        case.units if case.ab else case.rounds * case.units, {}, {}, {}, [],
        'x' if case.ab else None) for whose, name in enumerate('ab')]


def truth(case, row):
    """The true change of a row in percent."""
    if row['metric'] == 'cpu':
        return 0.0
    change = case.changes.get('all', 0.0)
    if row['point'] is None and 'all' not in case.changes:
        change = sum(case.changes.values()) / case.points
    elif row['point'] is not None:
        change = case.changes.get(int(row['point']), change)
    return math.expm1(change if row['metric'] == 'iops' else -change) * 100


def trial(how):
    case, seed = how
    result = judge.judge(sides(case, seed), metrics=METRICS)
    rows = [(row, row['changes'][1]) for row in
            result['summary'] + result['rows']]
    with_bounds = [(row, change) for row, change in rows
                   if change['interval']]
    found = any(change['answer'] in ('better', 'worse') for row, change in
                rows if not truth(case, row))
    covered = all(low - 1e-9 <= truth(case, row) <= high + 1e-9
                  for row, change in with_bounds
                  for low, high in [change['interval']]) \
        if with_bounds else None
    named = [change['answer'] == 'worse' for row, change in rows
             if row['metric'] == 'iops' and row['point'] and
             truth(case, row)]
    return Trial(found, result['status'], covered,
                 sum(named) / len(named) if named else None)


# ---- many of them ----

Rates = namedtuple('Rates', 'found regression covered named')


def rates(case, trials, pool, first=0):
    """The Rates, parts of 1; None where there is nothing to count."""
    done = pool.map(trial, [(case, first + seed) for seed in range(trials)],
                    max(trials // 20, 1))
    covered = [one.covered for one in done if one.covered is not None]
    named = [one.named for one in done if one.named is not None]
    return Rates(sum(one.found for one in done) / trials,
                 sum(one.status == 1 for one in done) / trials,
                 sum(covered) / len(covered) if covered else None,
                 sum(named) / len(named) if named else None)


def percent(value):
    return '' if value is None else f'{value * 100:.1f} %'


def main(trials=2000):
    with multiprocessing.Pool() as pool:
        for title, heads, cases in (
                ('no real difference', ('any found', 'exit 1', 'covered'),
                 NOTHING),
                ('a real difference', ('another found', 'named', 'covered'),
                 SOMETHING)):
            print(f'\n| {title} | {" | ".join(heads)} |')
            print('|---|--:|--:|--:|')
            for name, case in cases.items():
                found = rates(case, trials, pool)
                middle = found.regression if cases is NOTHING else found.named
                print(f'| {name} | {percent(found.found)} | '
                      f'{percent(middle)} | {percent(found.covered)} |',
                      flush=True)


if __name__ == '__main__':
    main(*map(int, sys.argv[1:2]))
