# SPDX-License-Identifier: GPL-2.0-only
"""The judgement of several sides, as data; words.py and the outputs make text
of it. judge() returns:

    format       1
    sides        a dict for each, the base first:
                   name         the shortest end of its path that is unique
                   path         directory
                   directories  the directories of results in it
                   boots, rounds   how many
                   environment  environment.json of the first of them
    samples      'rounds' or 'boots': what one sample is
    level        of significance, after the correction: 0.05
    confidence   of every interval: 0.95
    metrics      the judged ones, a dict for each: name, title, unit, scale
                 (divide the values of the rows by it to get that unit), better
                 ('higher' or 'lower'), family ('speed', 'tail', 'cost'), fails
                 (whether it counts as a regression)
    points       those that all sides have, in the order of the plan: name,
                 axes
    differences  between the base and another side: side (its number), what,
                 base, other (text), kind: 'refused' (only with --force),
                 'loud' (IOMMU mode) or 'shown' (kernel and all the rest)
    missing      points that a side lacks: side, point, reason (text, if its
                 measurement failed, otherwise None)
    notes        what limits the judgement: lines of text
    summary      a row for each metric, over all points
    rows         a row for each point and metric
    regressions  side, point (None: the summary), metric, percent
    fail_above   percent, or None
    status       0 no regression, 1 regression

A row is point (None in the summary), metric, points (only in the summary: how
many it covers), and
    figures  for each side: samples, median, interval ([low, high], None for
             fewer than two samples); None for a side without samples
    changes  for each side but the base (whose place holds None): ratio,
             percent, interval ([low, high] in percent), p, adjusted, verdict;
             ratio, percent and interval are None if the base is 0, all are
             None if a side has no samples
The verdict is 'better', 'worse', 'same' (not significant), 'few' (too few
samples for anything to be significant), or None.

A sample of the summary is the geometric mean, over the points, of the values
of one round or boot.
"""

from bench.metrics import HEADLINE, JUDGED, METRICS
from vm.problem import Problem
from . import side, significance, statistics


def judge(sides, differences=(), metrics=None, failing=None, fail_above=None,
          samples=None):
    """sides: those of side.py, the base first; metrics: what to judge, and
    failing: what counts as a regression, None for the defaults; samples: None
    to choose.
    """
    unit = samples or common_unit(sides)
    points = common_points(sides)
    tables = [side.samples(one, unit) for one in sides]
    known = [known_metrics(table, points) for table in tables]
    judged = [name for name in metrics or JUDGED
              if all(name in names for names in known)]
    if not judged:
        raise Problem(f'{", ".join(metrics or JUDGED)}: not measured on all '
                      'sides; measure again or choose others with --metrics')
    summary = [row for row in (summary_row(metric, points, tables)
                               for metric in judged) if row]
    rows = [point_row(point['name'], metric, tables)
            for point in points for metric in judged]
    factors = significance.settle(summary + rows)
    fails = HEADLINE if failing is None else failing
    regressions = significance.regressions(summary + rows, fails,
                                           fail_above)
    return {
        'format': 1,
        'sides': side_entries(sides),
        'samples': unit,
        'level': statistics.LEVEL,
        'confidence': statistics.CONFIDENCE,
        'metrics': [metric_entry(name, name in fails) for name in judged],
        'points': points,
        'differences': list(differences),
        'missing': missing_points(sides),
        'notes': side_notes(sides, unit) +
        metric_notes(sides, known, metrics) +
        row_notes(summary + rows, unit, factors),
        'summary': summary,
        'rows': rows,
        'fail_above': fail_above,
        'regressions': regressions,
        'status': 1 if regressions else 0,
    }


def metric_entry(name, fails):
    metric = METRICS[name]
    return {'name': name, 'title': metric.title, 'unit': metric.unit,
            'scale': metric.scale, 'better': metric.better,
            'family': metric.family, 'fails': fails}


# ---- what is judged ----

def common_unit(sides):
    return 'boots' if all(one.boots > 1 for one in sides) else 'rounds'


def common_points(sides):
    """Those measured on every side; a Problem when there are none."""
    measured = [set(one.entries) for one in sides]
    common = set.intersection(*measured)
    if not common:
        raise Problem(f'{sides[0].path}, {sides[-1].path}: no point was '
                      'measured on all sides; run the same plan on each')
    return [{'name': point['name'], 'axes': point['axes']}
            for point in sides[0].points if point['name'] in common]


def missing_points(sides):
    """In the order of the sides' plans, with the points that no side has."""
    names = {name: None for one in sides for name in one.entries}
    names |= {point['name']: None for one in sides for point in one.points}
    return [{'side': number, 'point': name,
             'reason': one.failures.get(name)}
            for number, one in enumerate(sides)
            for name in names if name not in one.entries]


def known_metrics(table, points):
    known = set()
    for point in points:
        for _, metrics in table[point['name']]:
            known.update(metrics)
    return known


def side_entries(sides):
    return [{'name': name, 'path': one.path,
             'directories': one.directories, 'boots': one.boots,
             'rounds': one.rounds, 'environment': one.environment}
            for name, one in zip(side.short_names(sides), sides)]


# ---- rows ----

def point_row(point, metric, tables):
    samples = [[metrics[metric] for _, metrics in table[point]
                if metric in metrics] for table in tables]
    return row(point, metric, samples)


def row(point, metric, samples):
    medians = list(map(statistics.median_distribution, samples))
    return {'point': point, 'metric': metric,
            'figures': list(map(figure, samples, medians)),
            'changes': [None] + [
                change_between(samples[0], other, medians[0], median)
                for other, median in zip(samples[1:], medians[1:])]}


def figure(samples, medians):
    if not samples:
        return None
    return {'samples': samples, 'median': statistics.median(samples),
            'interval': statistics.interval(medians)}


def change_between(base, other, base_medians, other_medians):
    """Without adjusted and verdict, which need all rows."""
    result = {'ratio': None, 'percent': None, 'interval': None,
              'p': statistics.rank_test(base, other), 'adjusted': None,
              'verdict': None}
    if base and other:
        middle = statistics.median(base)
        if middle > 0:
            result['ratio'] = statistics.median(other) / middle
            result['percent'] = percent_of(result['ratio'])
        if min(base) > 0:
            interval = statistics.ratio_interval(base_medians, other_medians)
            result['interval'] = interval and tuple(map(percent_of, interval))
    return result


def percent_of(ratio):
    return (ratio - 1) * 100


def summary_row(metric, points, tables):
    """Over the points that a geometric mean can cover; None without any."""
    names = [point['name'] for point in points]
    samples = [{name: {key: metrics[metric] for key, metrics in table[name]
                       if metric in metrics} for name in names}
               for table in tables]
    usable = list(map(usable_points, samples))
    names = [name for name in names
             if all(name in points for points in usable)]
    blocks = [geometric_means(table, names) for table in samples]
    if not names or not all(blocks):
        return None
    return row(None, metric, blocks) | {'points': len(names)}


def usable_points(table):
    """The points without a value of 0 that have at least half as many samples
    as the one with the most: the summary uses only rounds that all its points
    have.
    """
    most = max(map(len, table.values()))
    return {name for name, values in table.items()
            if values and 2 * len(values) >= most and
            min(values.values()) > 0}


def geometric_means(table, names):
    """One for each round or boot that all of the points have."""
    keys = [set(table[name]) for name in names]
    return [statistics.geometric_mean([table[name][key] for name in names])
            for key in sorted(set.intersection(*keys))] if keys else []


# ---- what limits the judgement ----

def side_notes(sides, unit):
    names = side.short_names(sides)
    single = [name for name, one in zip(names, sides) if one.boots < 2]
    notes = [note for one in sides for note in one.notes]
    if single:
        notes.append(f'only one boot of {", ".join(single)}: the intervals '
                     'do not include variation between boots')
    elif unit == 'rounds':
        notes.append('samples are rounds, not boots: the intervals include '
                     'variation between boots only in part')
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


def row_notes(rows, unit, factors):
    """What so few samples cannot show."""
    counts = {(len(row['figures'][0]['samples']),
               len(row['figures'][number]['samples']))
              for row in rows
              for number, change in enumerate(row['changes'])
              if change and change['p'] is not None}
    one, level = unit[:-1], statistics.LEVEL
    notes = []
    if any(1 in pair for pair in counts):
        notes.append(f'only one {one} on a side: no interval; it needs at '
                     'least two')
    least = max((statistics.least_p(*pair) for pair in counts), default=0)
    most = max(factors.values(), default=1)
    if least > level:
        notes.append(f'too few {unit}: nothing can be significant; measure '
                     f'at least {statistics.samples_needed(level)} on each '
                     'side')
    elif least > level / most:
        notes.append(f'few {unit} for so many points and metrics: a change '
                     'in a single row cannot be significant; measure at '
                     f'least {statistics.samples_needed(level / most)} on '
                     'each side or choose fewer --metrics')
    return notes
