# SPDX-License-Identifier: GPL-2.0-only
"""The command `report`: the page of one directory of results."""

import os

from bench import output
from bench.results import directory
from vm.problem import Problem, note
from . import latency, report

NAME = 'report.html'


def add(parser):
    parser.add_argument('directory', metavar='DIR',
                        help='a directory of results')
    parser.add_argument('-o', '--output', metavar='FILE',
                        help=f'file to write, - for standard output; '
                        f'default: DIR/{NAME}')


def main(options):
    results = load(options.directory)
    write_page(options.output or os.path.join(options.directory, NAME),
               report.page_text(results))
    if report.without_plots(results):
        note(report.without_plots(results))
    return 0


def page_of(path):
    """The page of a directory, as text."""
    return report.page_text(load(path))


def load(path):
    """The results as report.py takes them."""
    results = directory.read(path)
    points = {point['name']: dict(point, lines=[], failures=[])
              for point in results.points}
    for lines, kind in ((results.index, 'lines'),
                        (results.failures, 'failures')):
        for line in lines:
            if line['point'] not in points:
                raise Problem(f'{path}: {line["point"]} was measured, but '
                              f'{directory.POINTS} does not have it; measure '
                              'again with fio-dmabuf-bench run')
            points[line['point']][kind].append(line)
    with open(os.path.join(path, directory.PLAN), encoding='utf-8',
              errors='replace') as file:
        plan = file.read()
    if not results.index and not results.failures:
        raise Problem(f'{path}: no results yet; measure with '
                      'fio-dmabuf-bench run')
    loaded = {'header': results.header, 'environment': results.environment,
              'plan': plan, 'points': list(points.values()),
              'damage': list(filter(None, (directory.damage(path, line)
                                           for line in results.index)))}
    loaded['histograms'] = latency.read(path, report.measured_points(loaded))
    loaded['damage'] += [line for histogram in loaded['histograms'].values()
                         for line in histogram.problems]
    return loaded


def write_page(path, page):
    with output.opened(path) as file:
        file.write(page)
