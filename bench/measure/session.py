# SPDX-License-Identifier: GPL-2.0-only
"""A run with a Runner: opens the directories of results, runs precondition and
rounds, and reports what ends it early.
"""

import contextlib
import errno
import os
import secrets
import time

from bench.plan.point import ONLY_WRITES
from bench.results import directory
from vm.problem import Interrupted, Problem, note, reason
from . import environment, layout, precondition, rounds, written
from .record import Record
from .resume import resume

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def run_plan(runner, plan, points):
    """Measures what the directories lack; returns the exit status."""
    with contextlib.ExitStack() as stack:
        stack.callback(remove_empty, runner.output)
        for path, _ in runner.outputs:
            directory.make(path)
            runner.locks.append(stack.enter_context(directory.locked(path)))
            stack.callback(remove_empty, path)
        try:
            stack.enter_context(runner.changes())
            open_records(runner, plan, points)
            filled = precondition.precondition_drives(runner, plan)
            filled |= layout.lay_out_files(runner, [
                point for path, _ in runner.outputs
                for point in runner.points(path, points)])
            note_unwritten(runner, points, filled)
            return rounds.measure_rounds(runner, plan, points)
        except Interrupted:
            done = min(directory.count_measurements(path)
                       for path, _ in runner.outputs)
            total = rounds.most_rounds(plan) * len(points)
            what = 'measurements' if runner.turns == 1 else \
                'measurements of each side'
            note(f'{runner.output}: stopped after {done} of {total} '
                 f'{what}; run the same command again to continue')
            raise
        except OSError as error:
            remedy = 'make room' if error.errno in NO_ROOM else 'fix that'
            raise Problem(f'{error.filename or runner.output}: '
                          f'{reason(error)}; {remedy}, and run the same '
                          'command again')


def note_unwritten(runner, points, filled):
    """Says what reads would find that was never written. filled: this run has
    just written to the drives, so that the facts are looked up again.
    """
    lines = []
    for record in runner.records:
        facts = directory.read_json(record.path, directory.ENVIRONMENT)
        if filled and runner.is_here:
            for drive in facts['drives']:
                drive['written'] = written.facts('/', drive['name'])
            directory.write_json(record.path, directory.ENVIRONMENT, facts)
        lines += [f'{line}; write all of it first'
                  for line in environment.unwritten(facts)]
        lines += written.unknown(facts['drives'])
    if not all(point['axes']['rw'] in ONLY_WRITES for point in points):
        for line in dict.fromkeys(lines):
            note(line)


def remove_empty(path):
    with contextlib.suppress(OSError):
        os.rmdir(path)


def open_records(runner, plan, points):
    """Creates the directories, or continues them if they are of the same plan
    on the same system. All have the seed of the first one.
    """
    for path, host in runner.outputs:
        path = os.path.abspath(path)
        header = open_directory(
            path, new_header(plan, host, runner.trace, runner.ab(path)),
            plan.text, runner.points(path, points),
            runner.environment(path, host))
        plan = plan._replace(seed=header['seed'])
        runner.records.append(Record(path, header, runner.boot))


def new_header(plan, host, trace, ab):
    """The header of a new directory; trace: the kinds of --trace, or None; ab:
    the side of --ab, or None.
    """
    return {'plan': plan.name, 'rounds': rounds.most_rounds(plan),
            'runtime': plan.runtime, 'ramp': plan.ramp,
            'seed': plan.seed, 'order': plan.order,
            'created': round(time.time(), 3), 'host': host, 'ab': ab,
            'trace': trace,
            'purge': plan.precondition.purge,
            'precondition': {'steps': plan.precondition.steps,
                             'done': None, 'seconds': None}
            if plan.precondition.steps else None,
            'steady': plan.steady and plan.steady._asdict() |
            {'reached': None}}


def open_directory(path, header, plan_text, points, environment):
    """Creates a directory of results or continues it; returns its header."""
    if directory.is_results(path):
        return resume(path, header, plan_text, points, environment)
    if header['seed'] is None:
        header['seed'] = secrets.randbelow(1 << 32)
    directory.create(path, header, plan_text, points, environment)
    return directory.read_header(path)
