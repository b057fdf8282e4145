# SPDX-License-Identifier: GPL-2.0-only
"""Writes and reads a directory of results; doc/bench.md describes its format.
"""

import contextlib
import errno
import fcntl
import glob
import json
import os
import shlex
from collections import namedtuple

from bench import FORMAT
from vm.problem import Problem, reason
from . import shape

HEADER = 'directory.json'
PLAN = 'plan.ini'
POINTS = 'points.json'
ENVIRONMENT = 'environment.json'
INDEX = 'index.jsonl'
FAILURES = 'failures.jsonl'
# The book of `kernels`, beside the directories of its kernels
KERNELS = 'kernels.json'
# The remedy for a directory that lacks a file
RESTORE = 'restore it, or measure again into another directory'

# index: the last line of each point and round; failures: the same, of those
# that have no line in the index
Results = namedtuple('Results', 'path header points environment index '
                     'failures')


# ---- reading ----

def read(path):
    """The Results; a Problem if path is not a directory of them, or damaged.
    """
    header = read_header(path)
    index = last_lines(read_lines(os.path.join(path, INDEX)))
    done = {(line['point'], line['round']) for line in index}
    failures = last_lines(
        line for line in read_lines(os.path.join(path, FAILURES))
        if (line['point'], line['round']) not in done)
    return Results(path, header, read_points(path),
                   read_json(path, ENVIRONMENT, shape.ENVIRONMENT), index,
                   failures)


def is_results(path):
    return os.path.exists(os.path.join(path, HEADER))


def results_below(path):
    """The directories of results below one that run did not write: boots, or
    kernels with their boots.
    """
    return sorted(os.path.dirname(file) for depth in ('*', '*/*')
                  for file in glob.glob(f'{glob.escape(path)}/{depth}/'
                                        f'{HEADER}'))


def ab_sides(path):
    """The directories of both sides, if path is that of a run with --ab, or an
    empty list.
    """
    sides = [os.path.join(path, name) for name in ('A', 'B')]
    if not all(map(is_results, sides)):
        return []
    ids = [(read_header(side).get('ab') or {}).get('id') for side in sides]
    return sides if ids[0] and ids[0] == ids[1] else []


def read_header(path):
    if not os.path.isdir(path):
        raise Problem(f'{path}: no such directory; give one that '
                      'fio-dmabuf-bench run wrote')
    if not is_results(path):
        inside, sides = results_below(path), ab_sides(path)
        if sides:
            raise Problem(f'{path}: has the two sides of run --ab; give '
                          f'{sides[0]} or {sides[1]}, or compare them with '
                          f'fio-dmabuf-bench compare {shlex.quote(path)}')
        raise Problem(f'{path}: not a directory of results, as it has no '
                      f'{HEADER}; give ' + (
                          f'one of those in it, such as {inside[0]}'
                          if inside else
                          'one that fio-dmabuf-bench run wrote'))
    header = read_json(path, HEADER)
    if header.get('format') != FORMAT:
        raise Problem(f'{path}: of format {header.get("format")!r}, but this '
                      f'program reads {FORMAT}; use the version that wrote it')
    check_shape(os.path.join(path, HEADER), header, shape.HEADER)
    return header


def check_shape(file, value, expected):
    wrong = shape.wrong(value, expected)
    if wrong is not None:
        raise Problem(f'{file}: damaged: {wrong or "all of it"}; {RESTORE}')


def read_points(path):
    file = os.path.join(path, POINTS)
    points = read_json(path, POINTS).get('points')
    if not isinstance(points, list):
        raise Problem(f'{file}: damaged: points; {RESTORE}')
    for number, point in enumerate(points, 1):
        if not is_point(point):
            raise Problem(f'{file}: damaged: point {number}; {RESTORE}')
    return points


def is_point(point):
    return isinstance(point, dict) and \
        isinstance(point.get('name'), str) and \
        isinstance(point.get('axes'), dict) and \
        isinstance(point.get('job'), list) and \
        all([isinstance(line, str) for line in point['job']])


def read_json(path, name, expected=None):
    """An object in a file, of the shape that is expected of it."""
    file = os.path.join(path, name)
    try:
        with open(file, encoding='utf-8') as f:
            value = json.load(f, parse_constant=refuse_constant)
    except OSError as error:
        raise Problem(f'{file}: {reason(error)}; {RESTORE}')
    except ValueError:
        raise Problem(f'{file}: empty, cut off or not JSON; {RESTORE}')
    if not isinstance(value, dict):
        raise Problem(f'{file}: not a JSON object; {RESTORE}')
    if expected:
        check_shape(file, value, expected)
    return value


def refuse_constant(name):
    """JSON has no NaN and no Infinity, though Python takes them."""
    raise ValueError(name)


def read_lines(file):
    """The complete lines of a file. An incomplete last one is from a
    measurement that was interrupted.
    """
    try:
        with open(file, encoding='utf-8', errors='replace') as f:
            text = f.read()
    except FileNotFoundError:
        return []
    lines = text.split('\n')[:-1]
    try:
        # all at once: their names are then stored once
        values = json.loads(f'[{",".join(lines)}]',
                            parse_constant=refuse_constant)
    except ValueError:
        values = []
    if len(values) != len(lines) or not all(map(is_whole, values)):
        values = [parse_line(file, number, line)
                  for number, line in enumerate(lines, 1)]
    return values


def parse_line(file, number, text):
    try:
        line = json.loads(text, parse_constant=refuse_constant)
    except ValueError:
        line = None
    if not is_whole(line):
        raise Problem(f'{file}: line {number} is damaged; remove it, and run '
                      'measures that again')
    return line


def is_whole(line):
    return isinstance(line, dict) and \
        isinstance(line.get('point'), str) and \
        type(line.get('round')) is int


def last_lines(lines):
    """The last line of each point and round, in their order."""
    last = {(line['point'], line['round']): line for line in lines}
    return list(last.values())


def damage(path, line):
    """How the file of a measurement differs from what was written, or None."""
    file = os.path.join(path, line['file'])
    try:
        size = os.stat(file).st_size
    except OSError as error:
        return f'{file}: {reason(error)}'
    if size != line['bytes']:
        return f'{file}: {size} bytes, but {line["bytes"]} were written'
    return None


def count_measurements(path):
    """The number of measurements in a directory."""
    return len(last_lines(read_lines(os.path.join(path, INDEX))))


def untried(results):
    """[(point, round)] that the plan asks for and that were neither measured
    nor failed. A plan with [steady] ends by itself: [].
    """
    if results.header.get('steady'):
        return []
    done = {(line['point'], line['round']) for line in results.index}
    failed = {line['point'] for line in results.failures}
    return [(point['name'], number) for point in results.points
            if point['name'] not in failed
            for number in range(1, results.header['rounds'] + 1)
            if (point['name'], number) not in done]


# ---- writing ----

def make(path):
    """Creates the directory. An existing one must be empty or from an earlier
    run.
    """
    try:
        os.makedirs(path)
        return
    except FileExistsError:
        pass
    except OSError as error:
        raise Problem(f'{path}: {reason(error)}; give another directory')
    if not os.path.isdir(path):
        raise Problem(f'{path}: exists and is not a directory; give another')
    others = set(os.listdir(path)) - {HEADER, PLAN, POINTS, ENVIRONMENT}
    others = {name for name in others if not name.endswith('.tmp') and
              not name.startswith('probe')}
    if others and not is_results(path):
        raise Problem(f'{path}: neither empty nor a directory of results; '
                      'give another directory')


@contextlib.contextmanager
def locked(path):
    """Keeps every other run out of the directory, as long as this one or a fio
    that inherited the descriptor exists.
    """
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield fd
    except BlockingIOError:
        raise Problem(f'{path}: another run, or its fio, is using it; wait '
                      'until it ends, or give another directory')
    finally:
        os.close(fd)


def write_text(path, name, text):
    """Writes a file, completely or not at all; returns its path."""
    file = os.path.join(path, name)
    try:
        with open(file + '.tmp', 'w', encoding='utf-8') as f:
            f.write(text)
            f.flush()
            os.fsync(f.fileno())
        os.rename(file + '.tmp', file)
    except BaseException:
        if os.path.exists(file + '.tmp'):
            os.unlink(file + '.tmp')
        raise
    return file


def write_json(path, name, value):
    text = json.dumps(value, indent=1, ensure_ascii=False) + '\n'
    write_text(path, name, text)


def create(path, header, plan_text, points, environment):
    """The header is written last: only it makes this a directory of results.
    """
    write_text(path, PLAN, plan_text)
    write_json(path, POINTS, {'points': points})
    write_json(path, ENVIRONMENT, environment)
    write_json(path, HEADER, {'format': FORMAT} | header)


def remove_partial_lines(path):
    """Removes last lines that are incomplete."""
    for name in (INDEX, FAILURES):
        file = os.path.join(path, name)
        if not os.path.exists(file):
            continue
        with open(file, 'r+b') as f:
            text = f.read()
            f.truncate(text.rfind(b'\n') + 1)


def append(path, name, line):
    """Adds a line, complete and on the disk, or nothing."""
    file = os.path.join(path, name)
    text = (json.dumps(line, ensure_ascii=False) + '\n').encode()
    with open(file, 'ab', buffering=0) as f:
        before = f.tell()
        try:
            if f.write(text) != len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file)
            os.fsync(f.fileno())
        except OSError:
            f.truncate(before)
            raise
