# SPDX-License-Identifier: GPL-2.0-only
"""Sides of a comparison from memory, and what a judgement says of them."""

import sample
from bench.compare import side, significance

# How rounds scatter where nothing else runs
NOISE = (0.01, 0.02)


def fake(name, plan=None, seed=1, boots=1, **how):
    """A Side from memory."""
    plan = plan or sample.points()
    entries = {}
    for boot in range(boots):
        for line in sample.records(plan, seed=seed * 100 + boot,
                                   **{'noise': NOISE} | how):
            entries.setdefault(line['point'], []).append(
                ((boot, boot, line['round']), line['metrics']))
    return side.Side(name, [name], plan, entries, boots,
                     how.get('rounds', 7) * boots, {}, {}, {}, [])


def change_of(judgement, metric, point=None):
    """The change of one side against another."""
    rows = judgement['rows'] if point else judgement['summary']
    return [row['changes'][1] for row in rows
            if (row['point'], row['metric']) == (point, metric)][0]


def significant(judgement):
    return [row for row in judgement['summary'] + judgement['rows']
            if significance.is_significant(row['changes'][1])]
