# SPDX-License-Identifier: GPL-2.0-only
"""compare: judges sides against the first of them."""

import argparse
import gc
import importlib
import json

from bench import output
from bench.metrics import HEADLINE, JUDGED, METRICS
from vm.problem import Problem
from . import comparability, judge, side

# The function that writes each, loaded when it is asked for
FORMATS = {'text': 'compare.text.write_text',
           'markdown': 'compare.text.write_markdown',
           'csv': 'compare.csv.write', 'json': 'compare.command.write_json',
           'junit': 'compare.junit.write', 'html': 'page.compare.write'}
DETAILS = '''\
exit status: 0 no regression, 1 regression, 2 cannot compare.

A regression is a change for the worse, of one point or of all together, that
is significant after the correction for all rows, in one of the metrics of
--fail-on, and by more than --fail-above percent where that is given.

What has to be the same on all sides: drive, fio, plugin and the jobs of the
points. Everything else that differs is shown.

A DIR that holds several directories of results (boots of one kernel) is one
side. Where every side has several boots, the median within a boot is a
sample; otherwise a round is. A change of 5 % of all points together shows from
5 to 7 rounds on, that of one point among twelve from 12 on; it takes more with
more points, and fewer with fewer --metrics.
'''


def add(parser):
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = DETAILS
    argument = parser.add_argument
    argument('sides', nargs='+', metavar='DIR', help='directories of results,'
             ' the base first')
    argument('--metrics', type=metric_list, metavar='LIST',
             help='judge these, separated by commas, or "all": '
             f'{", ".join(METRICS)}; default: what is known of '
             f'{", ".join(JUDGED)}')
    argument('--fail-on', type=metric_list, metavar='LIST', help='metrics '
             'that count as regressions; default: those of '
             f'{", ".join(HEADLINE)} that are judged')
    argument('--fail-above', type=percentage, metavar='PERCENT', help='only a '
             'change by more than this is a regression')
    argument('--samples', choices=('rounds', 'boots'), help='what one sample '
             'is; default: boots where every side has several')
    argument('--force', action='store_true', help='compare what differs in '
             'drive, fio, plugin or job, and leave out damaged files')
    argument('--format', choices=FORMATS, default='text', help='default: '
             'text')
    argument('-o', '--output', metavar='FILE', help='default: stdout, as -')
    argument('--write', action='append', default=[], type=format_and_file,
             metavar='FORMAT:FILE', help='one more output; may be given '
             'several times')


def metric_list(text):
    if text == 'all':
        return list(METRICS)
    names = [name.strip() for name in text.split(',')]
    for name in names:
        if name not in METRICS:
            raise argparse.ArgumentTypeError(
                f'{name!r}: no metric; use some of '
                f'{", ".join(METRICS)}')
    return names


def percentage(text):
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(f'{text!r}: no percentage from 0 on')
    return value


def format_and_file(text):
    kind, _, file = text.partition(':')
    if kind not in FORMATS or not file:
        raise argparse.ArgumentTypeError(
            f'{text!r}: not FORMAT:FILE with a format of '
            f'{", ".join(FORMATS)}')
    return kind, file


def main(options):
    if len(options.sides) < 2:
        raise Problem(f'compare: {options.sides[0]} alone; give at least two '
                      'directories, the base first')
    outputs = [(options.format, options.output)] + options.write
    writers = [(writer(kind), file) for kind, file in outputs]
    # a million small objects, none of them in a cycle
    gc.disable()
    sides = [side.load(path, options.force) for path in options.sides]
    judgement = judge.judge(sides, differences(sides, options.force),
                            options.metrics, options.fail_on,
                            options.fail_above, options.samples)
    for write, file in writers:
        with output.opened(file) as out:
            write(judgement, out)
    return judgement['status']


def writer(kind):
    module, _, function = FORMATS[kind].rpartition('.')
    return getattr(importlib.import_module('bench.' + module), function)


def write_json(judgement, file):
    """The judgement as judge.py describes it."""
    json.dump(judgement, file, indent=1, ensure_ascii=False)
    file.write('\n')


def differences(sides, force):
    """Those of each side from the base, as the judgement has them."""
    base = sides[0]
    result = []
    for number, other in enumerate(sides[1:], 1):
        differing = comparability.differences(base, other)
        if not force:
            comparability.refuse(base.path, other.path, differing,
                                 'compare what is alike, or say --force')
        result += [{'side': number, 'what': what, 'base': one, 'other': two,
                    'kind': kind} for what, one, two, kind in differing]
    return result
