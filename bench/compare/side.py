# SPDX-License-Identifier: GPL-2.0-only
"""A side of a comparison: one directory of results, or a directory of several
(the boots of one kernel), as samples.
"""

import math
import os
from collections import namedtuple

from bench.measure import environment, fio, fio_json
from bench.results import directory, steady
from vm.problem import Problem
from . import comparability, statistics

# What makes another system of it, beside what has to be the same anyway
SYSTEM = ('kernel release', 'kernel command_line')

# entries: {point: [((boot, directory, round), metrics)]}; points: the
# plan's; boots, rounds: how many; failures: {point: why it has no figures};
# notes: what is to be said of it, as lines
Side = namedtuple('Side', 'path directories points entries boots rounds '
                  'header environment failures notes')


def load(path, force=False):
    """The Side; with `force` damaged files are left out and noted."""
    results = []
    notes = []
    for one in directories(path):
        one = read_whole(one)
        results.append(one)
        notes += check_index(one)
        notes += check_files(one, force)
        notes += take_window(one)
        if not one.index:
            raise Problem(f'{one.path}: no measurement is left to compare; '
                          'measure again with fio-dmabuf-bench run')
    check_same(results, force)
    notes[:0] = [f'{path}: {line}'
                 for line in environment.limits(results[0].environment)]
    return join(path, results, notes)


def directories(path):
    """The directories of results at or just below a path, in order."""
    if not os.path.isdir(path) or directory.is_results(path):
        return [path]
    below = [os.path.join(path, name) for name in sorted(os.listdir(path))]
    return list(filter(directory.is_results, below)) or [path]


# ---- what is damaged ----

def read_whole(path):
    """The results, with everything in them that is used here."""
    try:
        results = directory.read(path)
        damaged = [f'{directory.POINTS}: point {number}'
                   for number, point in enumerate(results.points, 1)
                   if not is_point(point)]
        damaged += [f'{directory.INDEX}: {line["point"]}, round '
                    f'{line["round"]}: no figures'
                    for line in results.index if not is_line(line)]
    except (KeyError, TypeError):
        damaged = ['points or lines without a name']
    if damaged:
        raise Problem(f'{path}: damaged: {damaged[0]}; measure again with '
                      'fio-dmabuf-bench run')
    return results


def is_point(point):
    return isinstance(point.get('name'), str) and \
        isinstance(point.get('axes'), dict) and \
        isinstance(point.get('job'), list)


def is_line(line):
    figures = line.get('metrics')
    return {'file', 'bytes', 'boot'} <= line.keys() and \
        isinstance(line['point'], str) and \
        isinstance(line['round'], int) and \
        isinstance(figures, dict) and bool(figures) and all(
            type(value) in (int, float) and 0 <= value < math.inf
            for value in figures.values())


def check_index(results):
    """A last line that is cut off is of a run that was interrupted."""
    file = os.path.join(results.path, directory.INDEX)
    if not results.index:
        raise Problem(f'{results.path}: has no results yet; measure with '
                      'fio-dmabuf-bench run')
    with open(file, 'rb') as f:
        f.seek(-1, os.SEEK_END)
        if f.read() == b'\n':
            return []
    return [f'{file}: its last line is cut off: that measurement is left out']


def check_files(results, force):
    """Looks into the files that are not as long as noted: one that has grown
    by a few words is read again, one that is cut off has no figures.
    """
    notes = []
    for line in list(results.index):
        why = directory.damage(results.path, line)
        if not why:
            continue
        figures = read_again(os.path.join(results.path, line['file']))
        if figures:
            line['metrics'] = line['metrics'] | figures
            notes.append(f'{why}; its figures were read again')
        elif force:
            results.index.remove(line)
            notes.append(f'{why}; left out')
        else:
            raise Problem(f'{why}; measure again with fio-dmabuf-bench run, '
                          'or leave it out with --force')
    return notes


def take_window(results):
    """Of a plan that asks for steady state only one window counts."""
    counted = steady.counted(results.header, results.index)
    if counted is None:
        return []
    results.index[:] = [line for line in results.index
                        if line['round'] in counted]
    state = 'steady' if results.header['steady']['reached'] \
        else 'did not become steady'
    return [f'{results.path}: {state}; its figures are those of rounds '
            f'{counted[0]} to {counted[-1]}']


def read_again(file):
    """The figures of a file of fio, or None."""
    try:
        with open(file, encoding='utf-8', errors='replace') as f:
            answer = fio.take_apart(0, f.read(), '')
    except OSError:
        return None
    if not isinstance(answer.result, dict) or fio.failure(answer):
        return None
    return fio_json.metrics(answer.result)


# ---- several directories ----

def check_same(results, force):
    """The directories of one side are boots of one kernel."""
    first = results[0]
    for other in results[1:]:
        differing = [(what, a, b, 'refused' if what in SYSTEM else kind)
                     for what, a, b, kind in
                     comparability.differences(first, other)]
        if not force:
            comparability.refuse(first.path, other.path, differing,
                                 'one side is one system: give them as two, '
                                 'or say --force')


def join(path, results, notes):
    points, entries, failures = {}, {}, {}
    boots, rounds = {}, set()
    for number, one in enumerate(results):
        boot = boots.setdefault(one.index[0].get('boot') or number,
                                len(boots))
        for point in one.points:
            points.setdefault(point['name'], point)
        for line in one.failures:
            failures[line['point']] = str(line.get('reason'))
        for line in one.index:
            key = boot, number, line['round']
            rounds.add(key)
            entries.setdefault(line['point'], []).append(
                (key, line['metrics']))
    return Side(path, [one.path for one in results],
                list(points.values()), entries, len(boots),
                len(rounds), results[0].header, results[0].environment,
                failures, notes)


def samples(side, unit):
    """{point: [(key, metrics)]}: those of each round as they are, or the
    medians within each boot.
    """
    if unit == 'rounds':
        return side.entries
    return {point: boot_medians(entries)
            for point, entries in side.entries.items()}


def boot_medians(entries):
    boots = {}
    for (boot, _, _), figures in entries:
        for metric, value in figures.items():
            boots.setdefault(boot, {}).setdefault(metric, []).append(value)
    return [(boot, {metric: statistics.median(values)
                    for metric, values in figures.items()})
            for boot, figures in sorted(boots.items())]


def names(sides):
    """The shortest ends of the paths that tell the sides apart."""
    parts = [os.path.abspath(side.path).strip('/').split('/')
             for side in sides]
    most = max(map(len, parts))
    for count in range(1, most + 1):
        ends = ['/'.join(part[-count:]) for part in parts]
        if len(set(ends)) == len(ends):
            return ends
    return [f'{side.path} ({number})' for number, side in enumerate(sides, 1)]
