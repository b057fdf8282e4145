# SPDX-License-Identifier: GPL-2.0-only
"""What limits a judgement, as lines of text."""

from bench.metrics import JUDGED, METRICS, named
from bench.units import count
from . import side


def side_notes(sides):
    """What was found when the sides were read, and points that failed in some
    rounds.
    """
    names = side.short_names(sides)
    notes = [note for one in sides for note in one.notes]
    for name, one in zip(names, sides):
        for point, reasons in one.failures.items():
            if point in one.entries:
                done = len(one.entries[point])
                notes.append(f'{point}: failed {count(len(reasons), "time")} '
                             f'on {name}, where {count(done, "round")} '
                             f'succeeded ({reasons[-1]})')
    return notes


def metric_notes(sides, known, wanted):
    """Metrics that are not known of all sides."""
    names = side.short_names(sides)
    notes = []
    for metric in wanted or JUDGED:
        have = [name for name, metrics in zip(names, known)
                if metric in metrics]
        if len(have) < len(names) and (have or
                                       wanted not in (None, list(METRICS))):
            lack = [name for name in names if name not in have]
            notes.append(f'{metric}: not measured on {", ".join(lack)}; '
                         'not judged')
    return notes


def row_notes(rows, trends, sides):
    """What changes with time alone."""
    names = side.short_names(sides)
    notes = [f'drift: {named(metric).title} of {names[number]} changes by '
             f'{percent:+.2f} % with each round'
             for number, metric, percent in trends]
    notes += outlier_notes(rows, names)
    drifting = sum(bool(change and change['drift'])
                   for row in rows for change in row['changes'])
    if drifting:
        notes.append(f'drift: {count(drifting, "change")} could be a steady '
                     'drift, because the sides were not measured at the same '
                     'times; interleave them')
    return notes


def mean_notes(summary, judged, design):
    """Metrics that no point has everywhere."""
    have = {row['metric'] for row in summary}
    lack = [named(metric).title for metric in judged if metric not in have]
    return [f'{", ".join(lack)}: no mean over all points, as no point has a '
            f'value above 0 in every {design.unit} of every side'] \
        if lack else []


def outlier_notes(rows, names):
    """How many measurements were left out of some change."""
    found = [set() for _ in names]
    for row in rows:
        if row['point']:
            for change in row['changes'][1:]:
                for side, block in change['outliers']:
                    found[side].add((row['point'], block))
    if not any(found):
        return []
    return ['outliers, left out of the changes: ' + ', '.join(
        f'{count(len(some), "measurement")} of {name}'
        for some, name in zip(found, names))]
