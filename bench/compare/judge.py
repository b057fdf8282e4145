# SPDX-License-Identifier: GPL-2.0-only
"""The judgement of several sides, as data; words.py and the outputs make text
of it. judge() returns:

    format       2
    sides        a dict for each, the base first:
                   name         the shortest end of its path that is unique
                   path         directory
                   directories  the directories of results in it
                   boots, rounds   how many
                   settings     of a side of `run --ab`: a list, or None
                   families     of the interface that were used: a list
                   environment  environment.json of the first of them
    design       unit         'boot' or 'round': what one sample is
                 samples      how many each side has
                 interleaved  whether the sides took turns
                 level        how often any row of a side differs by chance
                 looks        how often the run was extended
                 why          why there is no verdict, or None
    margin       what counts as equivalent, in percent
    metrics      the judged ones, a dict for each: name, title, unit, scale
                 (divide the values of the rows by it to get that unit), better
                 ('higher' or 'lower'), fails (whether it counts as a
                 regression)
    points       those that all sides have, in the order of the plan: name,
                 axes
    differences  between the base and another side: side (its number), what,
                 base, other (text), kind: 'refused' (only with --force),
                 'loud' (IOMMU mode) or 'shown' (kernel and all the rest)
    lost         points of the base that failed on another side: side, point,
                 reason (text)
    missing      all other points that a side lacks: side, point, reason (text
                 or None)
    partial      points of the base that failed in part on another side: side,
                 point
    unjudged     metrics that count and that not all sides have
    notes        what limits the judgement: lines of text
    summary      a row for each metric, over all points
    rows         a row for each point and metric
    regressions  side, point (None: the summary), metric, percent, interval;
                 the worst first
    undetermined how many rows that count could hide a regression
    uncompared   points and metrics that could hide one, as a side lacks them
    fail_above   percent, or None
    status       0 no regression, 1 regression, 3 no verdict

A row is point (None in the summary), metric, points (only in the summary: how
many it covers), and
    figures  for each side: samples, starts (unix time) and median; None for a
             side without samples
    changes  for each side but the base (whose place holds None):
               percent   the change
               interval  [low, high] in percent; all intervals of a side hold
                         together
               least     a change of this size, in percent, would have been
                         shown every other time
               p         corrected for all rows
               answer    'better', 'worse', 'equivalent', 'undetermined'
               drift     whether a drift could explain what is undetermined
               outliers  [(side, block)] of samples left out of the change
             percent is None if the base is 0; interval, least, p and answer
             are None if there is no verdict or a side has no samples
"""

from bench.metrics import HEADLINE, JUDGED, METRICS
from vm.problem import Problem
from . import answers, design, drift, notes, rows, side


def judge(sides, differences=(), metrics=None, failing=None, fail_above=None,
          margin=answers.MARGIN):
    """sides: those of side.py, the base first; metrics: what to judge, and
    failing: what counts as a regression, None for the defaults.
    """
    lost = lost_points(sides)
    points = common_points(sides, lost)
    plan = design.design_of(sides)
    tables = [design.table(one, plan, number)
              for number, one in enumerate(sides)]
    known = [known_metrics(table, points) for table in tables]
    judged = [name for name in metrics or JUDGED
              if all(name in names for names in known)]
    if points and not judged:
        raise Problem(f'{", ".join(metrics or JUDGED)}: not measured on all '
                      'sides; measure again or choose others with --metrics')
    single = rows.point_rows(points, judged, tables)
    summary = rows.summary_rows(single, judged)
    decide(summary + single, plan, len(sides), margin)
    fails = HEADLINE if failing is None else failing
    judgement = {
        'format': 2,
        'sides': side_entries(sides),
        'design': {'unit': plan.unit, 'samples': list(map(len, plan.keys)),
                   'interleaved': plan.interleaved, 'level': plan.level,
                   'looks': max(one.extended for one in sides),
                   'why': plan.why},
        'margin': margin,
        'metrics': [metric_entry(name, name in fails) for name in judged],
        'points': points,
        'differences': list(differences),
        'lost': lost,
        'missing': missing_points(sides, lost),
        'partial': partial_points(sides),
        'unjudged': [name for name in fails if name not in judged and
                     (metrics is None or name in metrics) and
                     any(name in names for names in known)],
        'notes': notes.side_notes(sides) +
        notes.metric_notes(sides, known, metrics) +
        notes.mean_notes(summary, judged, plan) +
        notes.row_notes(summary + single, drift.trends(sides), sides),
        'summary': summary,
        'rows': single,
        'fail_above': fail_above,
        'regressions': answers.regressions(summary + single, fails,
                                           fail_above),
        'undetermined': answers.undetermined(
            summary + single, fails, margin, fail_above),
    }
    judgement['uncompared'] = not_compared(judgement)
    for row in summary + single:
        del row['starts'], row['values']
    return judgement | {'status': status(judgement)}


def decide(all_rows, plan, sides, margin):
    if plan.why:
        answers.describe(all_rows)
        return
    for number in range(1, sides):
        answers.settle(all_rows, number, plan, margin)


def status(judgement):
    if judgement['lost'] or judgement['regressions']:
        return answers.REGRESSION
    watched = any(metric['fails'] for metric in judgement['metrics'])
    if judgement['design']['why'] or judgement['undetermined'] or \
            not watched or judgement['uncompared']:
        return answers.NO_VERDICT
    return 0


def not_compared(judgement):
    """The points and metrics that could hide a regression."""
    base = {entry['point'] for entry in judgement['missing']
            if not entry['side']}
    points = {entry['point'] for entry in
              judgement['missing'] + judgement['partial']
              if entry['side'] and entry['point'] not in base}
    return sorted(points) + judgement['unjudged']


def metric_entry(name, fails):
    metric = METRICS[name]
    return {'name': name, 'title': metric.title, 'unit': metric.unit,
            'scale': metric.scale, 'better': metric.better,
            'fails': fails}


# ---- what is judged ----

def lost_points(sides):
    """In the order of the base's plan."""
    return [{'side': number, 'point': point['name'],
             'reason': one.failures[point['name']][-1]}
            for number, one in enumerate(sides) if number
            for point in sides[0].points
            if point['name'] in sides[0].entries and
            point['name'] not in one.entries and
            point['name'] in one.failures]


def common_points(sides, lost):
    """Those measured on every side; a Problem when there is nothing to say."""
    measured = [set(one.entries) for one in sides]
    common = set.intersection(*measured)
    if not common and not lost:
        raise Problem(f'{sides[0].path}, {sides[-1].path}: no point was '
                      'measured on all sides; run the same plan on each')
    return [{'name': point['name'], 'axes': point['axes']}
            for point in sides[0].points if point['name'] in common]


def missing_points(sides, lost):
    """In the order of the sides' plans, with the points that no side has."""
    names = {name: None for one in sides for name in one.entries}
    names |= {point['name']: None for one in sides for point in one.points}
    known = {(entry['side'], entry['point']) for entry in lost}
    return [{'side': number, 'point': name,
             'reason': one.failures.get(name, [None])[-1]}
            for number, one in enumerate(sides)
            for name in names
            if name not in one.entries and (number, name) not in known]


def partial_points(sides):
    """Points of the base that also failed on another side."""
    return [{'side': number, 'point': point}
            for number, one in enumerate(sides) if number
            for point in one.failures
            if point in one.entries and point in sides[0].entries]


def known_metrics(table, points):
    known = set()
    for point in points:
        for sample in table[point['name']]:
            known.update(sample[1] if sample else ())
    return known


def side_entries(sides):
    return [{'name': name, 'path': one.path,
             'directories': one.directories, 'boots': one.boots,
             'rounds': one.rounds, 'settings': one.settings,
             'families': list(one.families),
             'environment': one.environment}
            for name, one in zip(side.short_names(sides), sides)]
