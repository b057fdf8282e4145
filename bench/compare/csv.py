# SPDX-License-Identifier: GPL-2.0-only
"""The judgement as CSV: a line for each point, metric and side but the base.
What differs and what limits the judgement comes first, as lines of their own
kind with a text.
"""

import csv

from bench.metrics import METRICS
from . import table

COLUMNS = ('kind', 'side', 'point', 'metric', 'better', 'base_n',
           'base_median', 'base_low', 'base_high', 'n', 'median', 'low',
           'high', 'percent', 'percent_low', 'percent_high', 'p', 'adjusted',
           'verdict', 'text')


def write(judgement, file):
    out = csv.DictWriter(file, COLUMNS, restval='', lineterminator='\n')
    out.writeheader()
    names = [each['name'] for each in judgement['sides']]
    for each in judgement['differences']:
        out.writerow({'kind': 'difference ' + each['kind'],
                      'side': names[each['side']],
                      'text': f'{each["what"]}: {each["base"]} | '
                      f'{each["other"]}'})
    for each in judgement['missing']:
        out.writerow({'kind': 'missing', 'side': names[each['side']],
                      'point': each['point'], 'text': each['reason']})
    for text in judgement['notes']:
        out.writerow({'kind': 'note', 'text': text})
    for kind, rows in (('summary', judgement['summary']),
                       ('point', judgement['rows'])):
        for each in rows:
            for number in range(1, len(names)):
                out.writerow({'kind': kind, 'side': names[number],
                              'better': METRICS[each['metric']].better} |
                             cells(each, number))
    out.writerow({'kind': 'outcome', 'text': table.outcome(judgement)})


def cells(row, number):
    found = {'point': row['point'] or '', 'metric': row['metric']}
    found |= figure(row['figures'][0], 'base_')
    found |= figure(row['figures'][number], '')
    made = row['changes'][number]
    found |= {name: made[name] for name in ('percent', 'p', 'adjusted',
                                            'verdict')}
    low, high = made['interval'] or (None, None)
    return found | {'percent_low': low, 'percent_high': high}


def figure(each, prefix):
    if not each:
        return {prefix + 'n': 0}
    low, high = each['interval'] or (None, None)
    return {prefix + 'n': len(each['samples']),
            prefix + 'median': each['median'], prefix + 'low': low,
            prefix + 'high': high}
