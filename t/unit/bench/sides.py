# SPDX-License-Identifier: GPL-2.0-only
"""Sides of a comparison from memory, and what a judgement says of them."""

import sample
from bench.compare import side

# How rounds scatter where nothing else runs
NOISE = (0.01, 0.02)


def fake(name, plan=None, seed=1, boots=7, apart=True, **how):
    """A Side from memory: so many boots; the next side's follow in turn, or
    all of them later if apart.
    """
    plan = plan or sample.points()
    entries = {}
    for boot in range(boots):
        for line in sample.records(plan, seed=seed * 100 + boot,
                                   **{'noise': NOISE, 'rounds': 3} | how):
            start = boot if apart is False else boot + seed * 1000
            entries.setdefault(line['point'], []).append(
                ((boot, boot, line['round']), start, line['metrics']))
    return side.Side(name, [name], plan, entries, boots,
                     how.get('rounds', 3) * boots, {}, {}, {}, [])


def change_of(judgement, metric, point=None):
    """The change of one side against another."""
    rows = judgement['rows'] if point else judgement['summary']
    return [row['changes'][1] for row in rows
            if (row['point'], row['metric']) == (point, metric)][0]


def differing(judgement):
    """The rows whose interval does not contain 0."""
    return [row for row in judgement['summary'] + judgement['rows']
            if row['changes'][1]['interval'] and not
            row['changes'][1]['interval'][0] <= 0 <=
            row['changes'][1]['interval'][1]]
