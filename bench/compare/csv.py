# SPDX-License-Identifier: GPL-2.0-only
"""The judgement as CSV: a line for each point, metric and side but the base.
Lost and missing points, differences, the design and notes come first, as lines of kinds of their
own with a text.
"""

import csv

from bench.metrics import METRICS
from . import words

COLUMNS = ('kind', 'side', 'point', 'metric', 'better', 'base_n',
           'base_median', 'n', 'median', 'percent', 'percent_low',
           'percent_high', 'least', 'p', 'answer', 'text')


def write(judgement, file):
    out = csv.DictWriter(file, COLUMNS, restval='', lineterminator='\n')
    out.writeheader()
    names = words.side_names(judgement)
    for difference in judgement['differences']:
        out.writerow({'kind': 'difference ' + difference['kind'],
                      'side': names[difference['side']],
                      'text': f'{difference["what"]}: {difference["base"]} | '
                      f'{difference["other"]}'})
    for kind in ('lost', 'missing'):
        for entry in judgement[kind]:
            out.writerow({'kind': kind, 'side': names[entry['side']],
                          'point': entry['point'], 'text': entry['reason']})
    out.writerow({'kind': 'design', 'text': words.design_text(judgement)})
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
            'percent_high': high, 'least': change['least'], 'p': change['p'],
            'answer': 'drift' if change['drift'] else change['answer']}


def side_columns(figure, prefix):
    if not figure:
        return {prefix + 'n': 0}
    return {prefix + 'n': len(figure['samples']),
            prefix + 'median': figure['median']}
