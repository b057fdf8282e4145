# SPDX-License-Identifier: GPL-2.0-only
"""A side of a comparison: one directory of results, or a directory of several
(the boots of one kernel), as samples.
"""

import json
import os
from collections import namedtuple

from bench.measure import environment, fio, fio_json
from bench.results import directory, steady
from bench.units import count
from vm.problem import Problem
from . import comparability, permutation
from .design import LEVEL

# No figure is so large, whatever its unit; squares of smaller ones are finite.
BEYOND = 1e30

# entries     {point: [((boot, directory, round), start, metrics)]}
# points      those of the plan
# boots, rounds   how many
# failures    {point: [reason of each attempt that gave no figures]}
# notes       lines of text
# ab          of a side of `run --ab`: what both sides have in common, or None
# settings    of such a side, or None
# extended    how often more rounds or boots were asked for later
# unfinished  why there can be no verdict on it yet, in words, or None
# families    of the interface that were used, in order
# origins     {what tells a directory's measurements from all others: its path}
Side = namedtuple('Side', 'path directories points entries boots rounds '
                  'header environment failures notes ab settings extended '
                  'unfinished families origins',
                  defaults=(None, None, 0, None, (), {}))


def load(path, force=False):
    """The Side; with `force` damaged files are ignored, with a note."""
    results = []
    notes = []
    missing = None
    for one in directories(path):
        one = read_whole(one)
        results.append(one)
        missing = missing or still_missing(one)
        notes += check_index(one) + check_data(one)
        notes += check_files(one, force)
        notes += take_window(one)
        if not one.index:
            raise Problem(f'{one.path}: no measurement is left to compare; '
                          'measure again with fio-dmabuf-bench run')
    if len({str((one.header.get('ab') or {}).get('settings'))
            for one in results}) > 1:
        raise Problem(f'{path}: holds both sides of run --ab; give it alone, '
                      'or one of its directories')
    check_same(results, force)
    missing = missing or boots_unknown(results)
    notes[:0] = [f'{path}: {line}'
                 for line in environment.limits(results[0].environment)]
    return join(path, results, notes, missing)


def directories(path):
    """The directories of results at or just below a path, in order."""
    if not os.path.isdir(path) or directory.is_results(path):
        return [path]
    below = [os.path.join(path, name) for name in sorted(os.listdir(path))]
    return list(filter(directory.is_results, below)) or [path]


def index_size(path):
    """Bytes of all indexes below a path, 0 if there are none."""
    files = [os.path.join(one, directory.INDEX) for one in directories(path)]
    return sum(os.path.getsize(file) for file in files
               if os.path.exists(file))


# ---- what is damaged ----

def read_whole(path):
    """The results, checked for all that is used here."""
    results = directory.read(path)
    for line in results.index:
        if not is_line(line):
            raise Problem(f'{path}: damaged: {directory.INDEX}: '
                          f'{line["point"]}, round {line["round"]}: no valid '
                          'metrics; measure again with fio-dmabuf-bench run')
    return results


def is_line(line):
    figures = line.get('metrics')
    return isinstance(line.get('file'), str) and 'bytes' in line and \
        isinstance(line.get('boot', 0), (str, type(None))) and \
        isinstance(line.get('start', 0), (int, float)) and \
        has_family(line.get('measured') or {}) and are_figures(figures)


def has_family(measured):
    return isinstance(measured, dict) and \
        isinstance(measured.get('family'), (str, type(None)))


def are_figures(figures):
    return isinstance(figures, dict) and bool(figures) and all([
        type(value) in (int, float) and 0 <= value < BEYOND
        for value in figures.values()])


def check_index(results):
    """An interrupted run leaves a last line that is cut off."""
    file = os.path.join(results.path, directory.INDEX)
    if not results.index:
        raise Problem(f'{results.path}: no results yet; measure with '
                      'fio-dmabuf-bench run')
    with open(file, 'rb') as f:
        f.seek(-1, os.SEEK_END)
        if f.read() == b'\n':
            return []
    return [f'{file}: last line cut off; that measurement is ignored']


def check_data(results):
    """Notes in each point whether the data of its rounds was compared: True,
    False, or None if that is not known or does not apply.
    """
    states = {}
    for line in results.index:
        state = (line.get('measured') or {}).get('compared')
        states.setdefault(line['point'], set()).add(state)
    for point in results.points:
        found = states.get(point['name'], {None})
        point['compared'] = False if False in found else \
            None if None in found else True
    number = sum(point['compared'] is False for point in results.points)
    return [f'{results.path}: nothing compared the data of '
            f'{count(number, "point")} (dmabuf_warmup=0)'] if number else []


def check_files(results, force):
    """Looks into the files whose size is not the recorded one: if a file is
    whole, its metrics are read again; one that is cut off has none.
    """
    notes = []
    for line in list(results.index):
        why = directory.damage(results.path, line)
        if not why:
            continue
        figures = read_again(os.path.join(results.path, line['file']))
        if figures:
            line['metrics'] = line['metrics'] | figures
            notes.append(f'{why}; metrics read from it again')
        elif force:
            results.index.remove(line)
            notes.append(f'{why}; ignored')
        else:
            raise Problem(f'{why}; measure again with fio-dmabuf-bench run, '
                          'or ignore it with --force')
    return notes


def take_window(results):
    """If the plan asks for steady state, only one window of rounds counts."""
    counted = steady.counted(results.header, results.index)
    if counted is None:
        return []
    results.index[:] = [line for line in results.index
                        if line['round'] in counted]
    state = 'steady state' if results.header['steady']['reached'] \
        else 'steady state not reached'
    return [f'{results.path}: {state}; only rounds {counted[0]} to '
            f'{counted[-1]} count']


def read_again(file):
    """The metrics in a file that fio wrote, or None."""
    try:
        with open(file, encoding='utf-8', errors='replace') as f:
            answer = fio.take_apart(0, f.read(), '')
    except OSError:
        return None
    try:
        if fio.failure(answer):
            return None
        figures = fio_json.metrics(answer.result)
        return figures if are_figures(figures) else None
    except (AttributeError, KeyError, TypeError):
        # not the JSON of fio any more
        return None


# ---- several directories ----

def check_same(results, force):
    """The directories of one side are boots of one system."""
    first = results[0]
    for other in results[1:]:
        system = [what for what, _, _ in environment.boot_differences(
            first.environment, other.environment)]
        differing = [(what, a, b, 'refused' if what in system else kind)
                     for what, a, b, kind in
                     comparability.differences(first, other)]
        if not force:
            comparability.refuse(first.path, other.path, differing,
                                 'a side is one system: pass them as two '
                                 'sides, or use --force')


def still_missing(results):
    """What is still to be measured, in words, or None."""
    settings = results.header.get('steady')
    if settings and not settings['reached']:
        return 'steady state was not reached'
    left = len(directory.untried(results))
    return left and (f'{count(left, "measurement")} still to be done; run the '
                     'same command again') or None


def join(path, results, notes, missing):
    points, entries, failures = {}, {}, {}
    boots, rounds = {}, set()
    for number, one in enumerate(results):
        boot = boots.setdefault(one.index[0].get('boot') or number,
                                len(boots))
        for point in one.points:
            points.setdefault(point['name'], point)
        for line in one.failures:
            failures.setdefault(line['point'], []).append(
                str(line.get('reason')))
        for line in one.index:
            key = boot, number, line['round']
            rounds.add(key)
            entries.setdefault(line['point'], []).append(
                (key, line.get('start') or 0, line['metrics']))
    ab = results[0].header.get('ab') or {}
    return Side(path, [one.path for one in results],
                list(points.values()), entries, len(boots),
                len(rounds), results[0].header, results[0].environment,
                failures, notes, ab.get('id'), ab.get('settings'),
                times_extended(path, results),
                missing or boots_missing(path, results), families(results),
                {origin(one): one.path for one in results})


def boots_unknown(results):
    """Directories without an id of their boot may be of one and the same."""
    unknown = [os.path.basename(one.path) for one in results
               if not one.index[0].get('boot')]
    return f'the boot of {unknown[0]} is not known' \
        if unknown and results[1:] else None


def families(results):
    found = {(line.get('measured') or {}).get('family')
             for one in results for line in one.index}
    return tuple(sorted(filter(None, found)))


def origin(one):
    first = one.index[0]
    return json.dumps([first[key] for key in ('boot', 'point', 'round',
                                              'metrics')] +
                      [first.get('start')])


def refuse_shared(sides):
    """Nothing can be said of two sides that hold the same measurements."""
    seen = {}
    for one in sides:
        for origin_, path in one.origins.items():
            if origin_ in seen:
                raise Problem(f'{seen[origin_]} and {path} hold the same '
                              'measurements; give each side its own')
        seen |= one.origins


def times_extended(path, results):
    """How often more was asked for after a verdict was possible."""
    least = permutation.blocks_needed(LEVEL)
    return max(sum(before >= least for before in book.get('extended') or [])
               for book in [kernels_of(path)] +
               [one.header for one in results])


def boots_missing(path, results):
    """What `kernels` has still to boot, in words, or None."""
    left = (kernels_of(path).get('boots') or 0) - len(results)
    return f'{count(left, "boot")} still to be done; run the same command ' \
        'again' if left > 0 else None


def kernels_of(path):
    """What `kernels` recorded of a side that it measured, or {}."""
    top = os.path.dirname(os.path.abspath(path))
    if not os.path.exists(os.path.join(top, directory.KERNELS)):
        return {}
    return directory.read_json(top, directory.KERNELS)


def short_names(sides):
    """The shortest ends of the paths that tell the sides apart."""
    parts = [os.path.abspath(side.path).strip('/').split('/')
             for side in sides]
    most = max(map(len, parts))
    for count in range(1, most + 1):
        ends = ['/'.join(part[-count:]) for part in parts]
        if len(set(ends)) == len(ends):
            return ends
    return [f'{side.path} ({number})' for number, side in enumerate(sides, 1)]
