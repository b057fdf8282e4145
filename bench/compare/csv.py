# SPDX-License-Identifier: GPL-2.0-only
"""The judgement as CSV: a line for each point, metric and side but the base.
Differences, missing points and notes come first, as lines of kinds of their
own with a text.
"""

import csv

from bench.metrics import METRICS
from . import words

COLUMNS = ('kind', 'side', 'point', 'metric', 'better', 'base_n',
           'base_median', 'base_low', 'base_high', 'n', 'median', 'low',
           'high', 'percent', 'percent_low', 'percent_high', 'p', 'adjusted',
           'verdict', 'text')


def write(judgement, file):
    out = csv.DictWriter(file, COLUMNS, restval='', lineterminator='\n')
    out.writeheader()
    names = words.side_names(judgement)
    for difference in judgement['differences']:
        out.writerow({'kind': 'difference ' + difference['kind'],
                      'side': names[difference['side']],
                      'text': f'{difference["what"]}: {difference["base"]} | '
                      f'{difference["other"]}'})
    for missing in judgement['missing']:
        out.writerow({'kind': 'missing', 'side': names[missing['side']],
                      'point': missing['point'], 'text': missing['reason']})
    for note in judgement['notes']:
        out.writerow({'kind': 'note', 'text': note})
    for kind, rows in (('summary', judgement['summary']),
                       ('point', judgement['rows'])):
        for row in rows:
            for number in range(1, len(names)):
                out.writerow({'kind': kind, 'side': names[number]} |
                             line(row, number))
    out.writerow({'kind': 'outcome', 'text': words.outcome(judgement)})


def line(row, number):
    change = row['changes'][number]
    low, high = change['interval'] or (None, None)
    return {'point': row['point'] or '', 'metric': row['metric'],
            'better': METRICS[row['metric']].better,
            **side_columns(row['figures'][0], 'base_'),
            **side_columns(row['figures'][number], ''),
            'percent': change['percent'], 'percent_low': low,
            'percent_high': high, 'p': change['p'],
            'adjusted': change['adjusted'], 'verdict': change['verdict']}


def side_columns(figure, prefix):
    if not figure:
        return {prefix + 'n': 0}
    low, high = figure['interval'] or (None, None)
    return {prefix + 'n': len(figure['samples']),
            prefix + 'median': figure['median'], prefix + 'low': low,
            prefix + 'high': high}
