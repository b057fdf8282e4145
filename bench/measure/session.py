# SPDX-License-Identifier: GPL-2.0-only
"""A run from its options to its exit status: what it needs, the directory of
results, and what ends it.
"""

import errno
import os
import secrets
import time

from bench.plan import paths, point
from bench.results import directory
from vm.problem import Interrupted, Problem, note, reason
from . import drive, environment, fio, measure, precondition, resume, \
    rounds, trace
from .options import fio_of, plugin_of

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def run(options, wanted, points, variables):
    names = drives_of(points, variables.get('DRIVE'))
    program, plugin = fio_of(options), plugin_of(options)
    fio.version(program)
    counter = trace.Counter(trace.kinds_of(options.trace))
    if plugin and not os.path.isfile(plugin):
        raise Problem(f'{plugin}: no such file; build the plugin, or name it '
                      'with --plugin')
    paths.check_programs(points)
    is_new = not directory.is_results(options.output)
    drive.check(names, writes(wanted, points), options.destroy,
                has_size=any(each.startswith('size=') for each in wanted.fio),
                own=[] if is_new else names)
    directory.make(options.output)
    with directory.locked(options.output) as lock:
        setup = measure.Setup(
            path=os.path.abspath(options.output), plan=wanted, fio=program,
            plugin=plugin, drives=variables.get('DRIVE'), keep=(lock,),
            boot=environment.boot(), counter=counter)
        return run_locked(setup, points, names)


def run_locked(setup, points, names):
    try:
        header = begin(setup, points, names)
        precondition.run(setup, header, names)
        return rounds.run(setup, header, points, names)
    except Interrupted:
        note(f'{setup.path}: stopped with {directory.measured(setup.path)} of '
             f'{rounds.most(setup.plan) * len(points)} measurements; the same '
             'command goes on')
        raise
    except OSError as error:
        remedy = 'make room' if error.errno in NO_ROOM else 'mend that'
        raise Problem(f'{error.filename or setup.path}: {reason(error)}; '
                      f'{remedy}, and the same command goes on')
    finally:
        if not os.listdir(setup.path):
            os.rmdir(setup.path)


def begin(setup, points, names):
    """The header of the directory, which is made, or continued when it is of
    the same plan on the same system.
    """
    engine = any(paths.is_engine(paths.PATHS[each['axes']['path']])
                 for each in points)
    version = measure.plugin_version(setup) if engine else None
    found = environment.collect(names, setup.fio, setup.plugin, version)
    header = header_of(setup.plan, trace=setup.counter.kinds)
    return open_directory(setup, header, points, found)


def header_of(wanted, host=None, trace=None):
    """trace: what is counted in the kernel, see run --trace."""
    return {'plan': wanted.name, 'rounds': rounds.most(wanted),
            'runtime': wanted.runtime, 'ramp': wanted.ramp,
            'seed': wanted.seed, 'order': wanted.order,
            'created': round(time.time(), 3), 'host': host, 'trace': trace,
            'purge': wanted.precondition.purge,
            'precondition': {'steps': wanted.precondition.steps,
                             'done': None, 'seconds': None}
            if wanted.precondition.steps else None,
            'steady': wanted.steady and wanted.steady._asdict() |
            {'reached': None}}


def open_directory(setup, header, points, found):
    text = setup.plan.text
    if directory.is_results(setup.path):
        return resume.resume(setup.path, header, text, points, found)
    if header['seed'] is None:
        header['seed'] = secrets.randbelow(1 << 32)
    directory.create(setup.path, header, text, points, found)
    return directory.read_header(setup.path)


def drives_of(points, default):
    """The names of all drives, in the order of the plan."""
    names = []
    for each in points:
        text = each['axes']['drives'] or default
        if not text:
            raise Problem('run: no drive; give --drive DEVICE')
        names += [name for name in point.drive_names(text)
                  if name not in names]
    return names


def writes(wanted, points):
    return bool(wanted.precondition.steps) or any(
        each['axes']['rw'] in point.WRITES for each in points)
