# SPDX-License-Identifier: GPL-2.0-only
"""The judgement of several sides, as data; the modules write_*.py and
page_compare.py make words of it. judge() gives:

    format       1
    sides        a dict for each, the base first:
                   name         as the user gave it, without what all share
                   path         directory
                   directories  the directories of results in it
                   boots, rounds   how many
                   environment  environment.json of the first of them
    samples      'rounds' or 'boots': what one sample is
    level        of significance, after the correction for all rows: 0.05
    confidence   of every interval: 0.95
    metrics      those judged, a dict for each: name, title, unit, scale (the
                 figures of the rows are to be divided by it for that unit),
                 better ('higher' or 'lower'), fails (whether it counts as a
                 regression)
    points       those that all sides have, in the order of the plan: name,
                 axes
    differences  between the base and another side: side (its number), what,
                 base, other (text), kind: 'refused' (only with --force),
                 'loud' (IOMMU mode) or 'shown' (kernel and all the rest)
    missing      points that a side has not: side, point
    notes        what limits the judgement: lines of text
    summary      a row for each metric, over all points
    rows         a row for each point and metric
    regressions  side, point (None: the summary), metric, percent
    fail_above   percent, or None
    status       0 no regression, 1 regression

A row is point (None in the summary), metric, points (in the summary: how many
went into it), and
    figures  for each side: samples, median, interval ([low, high], None with
             less than two samples); None where a side has none
    changes  for each side but the base: ratio, percent, interval ([low, high]
             in percent), p, adjusted, verdict; ratio, percent and interval are
             None where the base is 0, all is None where a side has no samples
The verdict is 'better', 'worse', 'same' (not significant: "~"), 'few' (so few
samples that nothing could be significant), or None.

A sample of the summary is the geometric mean, over the points, of the figures
of one round or boot.
"""

from . import statistics
from .problem import Problem

RATE, LATENCY, COST = 'higher', 'lower', 'lower'
# name -> title, unit, scale, better
METRICS = {
    'iops': ('IOPS', 'k/s', 1e3, 'higher'),
    'bw': ('bandwidth', 'MB/s', 1e6, 'higher'),
    'lat_mean': ('mean latency', 'us', 1e3, 'lower'),
    'lat_p50': ('median latency', 'us', 1e3, 'lower'),
    'lat_p99': ('99 % latency', 'us', 1e3, 'lower'),
    'lat_p999': ('99.9 % latency', 'us', 1e3, 'lower'),
    'cpu': ('CPU per I/O', 'us', 1, 'lower'),
    'switches': ('context switches per I/O', '', 1, 'lower'),
    'syscalls': ('system calls per I/O', '', 1, 'lower'),
    'maps': ('IOMMU maps per I/O', '', 1, 'lower'),
    'unmaps': ('IOMMU unmaps per I/O', '', 1, 'lower'),
}
# The mean says again what IOPS say at a given depth.
JUDGED = [name for name in METRICS if name != 'lat_mean']
FAILING = ['iops', 'lat_p99', 'cpu']


def judge(sides, differences=(), metrics=None, failing=None, fail_above=None,
          samples=None):
    """`sides` are those of side.py, the base first."""
    unit = samples or common_unit(sides)
    points = common_points(sides)
    tables = [side.samples(unit) for side in sides]
    judged, absent = choose(tables, points, metrics)
    rows = [row for point in points for row in
            point_rows(point['name'], judged, tables)]
    summary = [row for row in (
        summary_row(metric, points, tables) for metric in judged) if row]
    notes = side_notes(sides, unit, samples) + absent
    notes += settle(summary + rows)
    judgement = {
        'format': 1,
        'sides': [side.description() for side in sides],
        'samples': unit,
        'level': statistics.LEVEL,
        'confidence': statistics.CONFIDENCE,
        'metrics': [describe(name, failing) for name in judged],
        'points': points,
        'differences': list(differences),
        'missing': missing_points(sides),
        'notes': notes,
        'summary': summary,
        'rows': rows,
        'fail_above': fail_above,
    }
    judgement['regressions'] = regressions(judgement)
    judgement['status'] = 1 if judgement['regressions'] else 0
    return judgement
