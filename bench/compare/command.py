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

# The function that writes each; its module is loaded when needed.
FORMATS = {'text': 'compare.text.write_text',
           'markdown': 'compare.text.write_markdown',
           'csv': 'compare.csv.write', 'json': 'compare.command.write_json',
           'junit': 'compare.junit.write', 'html': 'page.compare.write'}
DETAILS = '''\
exit status: 0 no regression, 1 regression, 2 error.

A regression is a significant change for the worse in a metric of --fail-on,
at one point or over all points together, by more than --fail-above percent if
that is given. Significance is corrected for the number of rows.

Drive, fio, plugin and the jobs of the points must be the same on all sides.
All other differences are listed.

A DIR that holds several directories of results (boots of one kernel) is one
side. If every side has several boots, a sample is the median within a boot;
otherwise it is a round. A change of 5 % shows with 5 to 7 rounds if all points
have it, and with 12 or more if it is one point of twelve. More points need
more rounds; fewer --metrics need fewer.
'''


def add(parser):
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = DETAILS
    argument = parser.add_argument
    argument('sides', nargs='+', metavar='DIR', help='directories of results; '
             'the first is the base')
    argument('--metrics', type=metric_list, metavar='LIST',
             help='what to judge, separated by commas, or "all": '
             f'{", ".join(METRICS)}; default: all that were measured, '
             f'except {" and ".join(sorted(set(METRICS) - set(JUDGED)))}')
    argument('--fail-on', type=metric_list, metavar='LIST', help='metrics '
             'that are checked for regressions; default: '
             f'{",".join(HEADLINE)}')
    argument('--fail-above', type=percentage, metavar='PERCENT', help='ignore '
             'regressions up to this size')
    argument('--samples', choices=('rounds', 'boots'), help='what a sample '
             'is; default: boots if every side has several')
    argument('--force', action='store_true', help='compare despite '
             'differences in drive, fio, plugin or jobs, and ignore damaged '
             'files')
    argument('--format', choices=FORMATS, default='text', help='default: '
             'text')
    argument('-o', '--output', metavar='FILE', help='file to write; '
             'default: -, standard output')
    argument('--write', action='append', default=[], type=format_and_file,
             metavar='FORMAT:FILE', help='write another output as well; '
             'may be repeated')


def metric_list(text):
    if text == 'all':
        return list(METRICS)
    names = [name.strip() for name in text.split(',')]
    for name in names:
        if name not in METRICS:
            raise argparse.ArgumentTypeError(
                f'{name!r}: unknown metric; choose from '
                f'{", ".join(METRICS)}')
    return names


def percentage(text):
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(f'{text!r}: not a percentage; '
                                         'give 0 or more')
    return value


def format_and_file(text):
    kind, _, file = text.partition(':')
    if kind not in FORMATS or not file:
        raise argparse.ArgumentTypeError(
            f'{text!r}: not FORMAT:FILE; choose a format from '
            f'{", ".join(FORMATS)}')
    return kind, file


def main(options):
    if len(options.sides) < 2:
        raise Problem(f'compare: only one side, {options.sides[0]}; give at '
                      'least two, the base first')
    outputs = [(options.format, options.output)] + options.write
    writers = [(writer(kind), file) for kind, file in outputs]
    # There are millions of small objects, and no cycles to collect.
    gc.disable()
    sides = [side.load(path, options.force) for path in options.sides]
    judgement = judge.judge(sides, side_differences(sides, options.force),
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


def side_differences(sides, force):
    """Between the base and each other side, as judge.py describes them."""
    base = sides[0]
    result = []
    for number, other in enumerate(sides[1:], 1):
        differing = comparability.differences(base, other)
        if not force:
            comparability.refuse(base.path, other.path, differing,
                                 'measure both alike, or use --force')
        result += [{'side': number, 'what': what, 'base': one, 'other': two,
                    'kind': kind} for what, one, two, kind in differing]
    return result
