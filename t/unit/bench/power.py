#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Prints how often compare finds a change of 5 %, by the number of rounds and
their scatter: the table of doc/bench.md. Takes minutes.

    t/unit/bench/power.py [TRIALS]
"""

import multiprocessing
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.realpath(__file__).rsplit('/t/unit/', 1)[0])

import sample  # noqa: E402
from bench.compare import judge, statistics  # noqa: E402
from sides import change_of, fake, significant  # noqa: E402

NOISES = (0.01, 0.02, 0.03)
ROUNDS = (5, 7, 10, 12, 15)
WORSE = {'speed': 0.95}


def trial(how):
    """Whether it is found: one point's, all points'; and one that is none."""
    noise, rounds, seed = how
    statistics.median_distribution = lambda values: []
    plan = sample.points()
    point = plan[seed % len(plan)]['name']

    def judged(changes):
        return judge.judge([
            fake(name, plan, 2 * seed + number, rounds=rounds, noise=noise,
                 changes=number and changes)
            for number, name in enumerate('ab')])
    return (change_of(judged({point: WORSE}), 'iops', point)['verdict'] == 'worse',
            change_of(judged({'*': WORSE}), 'iops')['verdict'] == 'worse',
            bool(significant(judged({}))))


def main(trials=200):
    print('| scatter | rounds | one point | all points | false alarm |')
    print('|--:|--:|--:|--:|--:|')
    with multiprocessing.Pool() as pool:
        for noise in NOISES:
            for rounds in ROUNDS:
                done = pool.map(trial, [(noise, rounds, 5000 + seed)
                                        for seed in range(trials)], 10)
                parts = ' | '.join(f'{sum(results) / trials:.0%}'
                                   for results in zip(*done))
                print(f'| {noise:.0%} | {rounds} | {parts} |', flush=True)


if __name__ == '__main__':
    main(*map(int, sys.argv[1:2]))
