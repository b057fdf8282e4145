# SPDX-License-Identifier: GPL-2.0-only
"""The rounds of a run: each measures every point that it has not yet, in an
order of its own.
"""

import os
import random
import time

from bench.results import directory, steady
from vm.problem import Problem, note
from . import drive, measure
from .progress import Progress

# A measurement takes longer than its runtime by about this many seconds.
OVERHEAD = 1.5


def most(plan):
    """How many rounds there are at most."""
    return plan.steady.most if plan.steady else plan.rounds


def seconds(plan):
    return plan.runtime + plan.ramp + OVERHEAD


def order(seed, how, number, points):
    """The points of a round, which depend on the seed and its number alone:
    a run that is continued goes on in the same order.
    """
    ordered = list(points)
    if how == 'random':
        random.Random(f'{seed}:{number}').shuffle(ordered)
    return ordered


class Run:
    """What a run keeps while it goes on."""

    def __init__(self, setup, drives, total):
        lines = directory.read_lines(index_file(setup))
        self.setup, self.drives = setup, drives
        self.seq = len(lines)
        # (point, round) of what is measured, and whose file is as it was
        self.done = {(line['point'], line['round'])
                     for line in directory.counting(lines)
                     if not directory.damage(setup.path, line)}
        self.progress = Progress(total - len(self.done), seconds(setup.plan))
        self.failed = {}


def index_file(setup):
    return os.path.join(setup.path, directory.INDEX)


def run(setup, header, points, drives):
    """Measures what is missing; the exit status."""
    state = Run(setup, drives, most(setup.plan) * len(points))
    try:
        measure_rounds(state, header, points)
    finally:
        state.progress.clear()
    if state.failed:
        raise Problem(f'{setup.path}: {len(state.failed)} of {len(points)} '
                      'points could not be measured, see above; the same '
                      'command tries them again')
    return 0


def measure_rounds(state, header, points):
    plan = state.setup.plan
    for number in range(1, most(plan) + 1):
        if plan.steady and is_steady(state.setup, header, points, number - 1):
            return
        todo = [each for each in order(header['seed'], header['order'],
                                       number, points)
                if (each['name'], number) not in state.done]
        tried = [each for each in todo if each['name'] not in state.failed]
        if tried:
            state.progress.round(number, most(plan), len(tried))
        state.progress.step(len(todo) - len(tried))
        for each in tried:
            measure_one(state, each, number)
            state.progress.step()
    if plan.steady:
        is_steady(state.setup, header, points, most(plan))


def measure_one(state, each, number):
    setup, start = state.setup, time.time()

    def record(line):
        directory.append(setup.path, directory.INDEX,
                         {'seq': state.seq + 1} | line)
        state.seq += 1
    state.progress.show(each['name'])
    try:
        measure.measure(setup, each, number, state.progress.show, record)
    except measure.Failed as error:
        look_around(setup, state.drives, error)
        state.failed[each['name']] = str(error)
        state.progress.say(f'{each["name"]}: {error}')
        directory.append(setup.path, directory.FAILURES, {
            'round': number, 'point': each['name'], 'reason': str(error),
            'start': round(start, 3), 'boot': setup.boot})


def is_steady(setup, header, points, last):
    """Whether the rounds up to the last one have become steady, in all the
    points that the plan names. The round stands in the header then.
    """
    reached, wanted = header['steady']['reached'], setup.plan.steady._asdict()
    lines = [line for line in directory.counting(
        directory.read_lines(index_file(setup))) if line['round'] <= last]
    series = steady.history(wanted, points, lines)
    if not series or any(len(values) < last for values in series.values()):
        return False
    found = {name: steady.judge(wanted, values)
             for name, values in series.items()}
    if not all(found.values()):
        return False
    now = all(each.steady for each in found.values())
    if now and reached != last:
        header['steady']['reached'] = last
        directory.write_json(setup.path, directory.HEADER, header)
    if now or last == most(setup.plan):
        say_steady(last, found, now)
    return now


def say_steady(last, found, now):
    """The figures that decided; of the worst point where it is not steady."""
    name, worst = max(found.items(), key=lambda item: (
        not item[1].steady, item[1].range))
    note(f'round {last}: {"steady" if now else "not steady"}; {name}: range '
         f'{worst.range:.1f} %, slope {worst.slope:.1f} % of the average '
         f'{worst.average:.6g}')


def look_around(setup, drives, error):
    """What makes every other point fail as well ends the run."""
    room(setup.path)
    for name in drives:
        why = drive.lost(name)
        if why:
            raise Problem(f'{name}: {why} ({error}); when the drive is back '
                          'the same command goes on')


def room(path):
    """An OSError when the directory takes no more."""
    file = os.path.join(path, 'probe')
    try:
        with open(file, 'wb') as f:
            f.write(bytes(1 << 16))
            f.flush()
            os.fsync(f.fileno())
    finally:
        if os.path.exists(file):
            os.unlink(file)
