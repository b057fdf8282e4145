# SPDX-License-Identifier: GPL-2.0-only
"""compare: judges sides against the first of them."""

import argparse
import concurrent.futures
import gc
import importlib
import json
import multiprocessing
import os

from bench import output
from bench.metrics import HEADLINE, JUDGED, METRICS
from bench.results import directory
from vm.problem import Problem
from . import answers, comparability, judge, side

# The function that writes each; its module is loaded when needed.
FORMATS = {'text': 'compare.text.write_text',
           'markdown': 'compare.text.write_markdown',
           'csv': 'compare.csv.write', 'json': 'compare.command.write_json',
           'junit': 'compare.junit.write', 'html': 'page.compare.write'}
# Bytes of the indexes of all sides from which on it pays to fork
LARGE = 10 << 20
DETAILS = '''\
exit status: 0 no regression, 1 regression, 2 error, 3 no verdict.

Each change gets one of four answers by its interval: better or worse if the
interval does not contain 0, equivalent if all of it is within --margin, and
undetermined otherwise. All intervals hold together at 95 %.

A regression is a change for the worse in a metric of --fail-on, or a point of
the base that cannot be measured any more. There is no verdict if such a metric
is undetermined and may be worse by more than the margin, or if the design
allows none: it takes at least 6 rounds of `run --ab`, or 6 boots of each side,
best in turn (`kernels`); with three sides, 7. One boot of each side is
described, not judged.

A DIR that holds several directories of results (boots of one kernel) is one
side. A single DIR is one of `run --ab`.

Drive, fio, plugin and the jobs of the points must be the same on all sides.
All other differences are listed.
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
    argument('--margin', type=percentage, metavar='PERCENT',
             default=answers.MARGIN, help='changes up to this size do not '
             f'matter; default: {answers.MARGIN:g}')
    argument('--fail-above', type=percentage, metavar='PERCENT', help='ignore '
             'changes for the worse that are not shown to be larger than this')
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
    paths = both_sides(options.sides)
    outputs = [(options.format, options.output)] + options.write
    writers = [(writer(kind), file) for kind, file in outputs]
    # There are millions of small objects, and no cycles to collect.
    gc.disable()
    sides = load(paths, options.force)
    side.refuse_shared(sides)
    judgement = judge.judge(sides, side_differences(sides, options.force),
                            options.metrics, options.fail_on,
                            options.fail_above, options.margin)
    for write, file in writers:
        with output.opened(file) as out:
            write(judgement, out)
    return judgement['status']


def load(paths, force):
    """The sides; large ones are read at the same time."""
    if sum(map(side.index_size, paths)) < LARGE:
        return [side.load(path, force) for path in paths]
    fork = multiprocessing.get_context('fork')
    with concurrent.futures.ProcessPoolExecutor(
            min(len(paths), os.cpu_count()), fork) as pool:
        return list(pool.map(side.load, paths, [force] * len(paths)))


def both_sides(paths):
    """The directories of the sides; a single path is one of `run --ab`."""
    if len(paths) > 1:
        return paths
    sides = directory.ab_sides(paths[0])
    if not sides:
        raise Problem(f'compare: only one side, {paths[0]}; give at least '
                      'two, the base first, or a directory of run --ab')
    return sides


def writer(kind):
    module, _, function = FORMATS[kind].rpartition('.')
    return getattr(importlib.import_module('bench.' + module), function)


def write_json(judgement, file):
    """The judgement as judge.py describes it."""
    json.dump(judgement, file, indent=1, ensure_ascii=False,
              allow_nan=False)
    file.write('\n')


def side_differences(sides, force):
    """Between the base and each other side, as judge.py describes them."""
    base = sides[0]
    result = []
    for number, other in enumerate(sides[1:], 1):
        differing = comparability.differences(base, other)
        if base.ab and base.ab == other.ab:
            # what was asked for
            differing = [(what, one, two, 'shown')
                         for what, one, two, _ in differing]
        elif not force:
            comparability.refuse(base.path, other.path, differing,
                                 'measure both alike, or use --force')
        if base.families != other.families:
            differing.append(('interface family',
                              *(', '.join(one.families) or 'none'
                                for one in (base, other)), 'shown'))
        result += [{'side': number, 'what': what, 'base': one, 'other': two,
                    'kind': kind} for what, one, two, kind in differing]
    return result
