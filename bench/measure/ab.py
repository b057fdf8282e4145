# SPDX-License-Identifier: GPL-2.0-only
"""The Runner of run --ab: measures each point with two settings of this
machine, one right after the other. Each side has a directory of results and a
LocalRunner, which does the measuring.
"""

import argparse
import contextlib
import os
import random
import secrets
import time
from collections import namedtuple

from bench.plan.point import points_of, points_of_paths
from bench.results import directory
from vm.problem import Problem, held, note
from . import blocks, local, setting
from .measurement import round_of
from .runner import Failed, Runner

NAMES = 'A', 'B'
# The old values, in the directory that -o names, while they are changed
CHANGED = 'restore.json'

# One side: its name, settings, options of `run` and points
Side = namedtuple('Side', 'name settings options points')


def make_sides(options, plan, filename):
    """Both Sides, whose points have the same names, and lines that explain why
    others were left out.
    """
    if options.client:
        raise Problem('--ab: settings of another machine cannot be changed '
                      'from here; leave out --client, or run there')
    both = setting.parse_sides(options.ab)
    names = [setting.value_of(settings, 'path') for settings in both]
    if names[0]:
        lists, left_out = points_of_paths(plan, names)
    else:
        points, left_out = points_of(plan)
        lists = [points] * 2
    lists = [[point | {'job': setting.fio_options(settings, point['job'])}
              for point in points] for settings, points in zip(both, lists)]
    for points in lists:
        _, too_small = blocks.leave_out(points, filename)
        left_out += [line for line in too_small if line not in left_out]
    lists = leave_out(lists, filename)
    return [Side(name, settings, side_options(options, name, settings), points)
            for name, settings, points in zip(NAMES, both, lists)], left_out


def leave_out(lists, filename):
    """The points of both sides without those whose blocks are too small on one
    of them.
    """
    kept = set.intersection(*(
        {point['name'] for point in blocks.leave_out(points, filename)[0]}
        for points in lists))
    return [[point for point in points if point['name'] in kept]
            for points in lists]


def side_options(options, name, settings):
    """The options of `run` for one side alone."""
    given = {kind: setting.value_of(settings, kind) or getattr(options, kind)
             for kind in ('fio', 'plugin')}
    output = options.output and os.path.join(options.output, name)
    return argparse.Namespace(**vars(options) | given | {'output': output})


def make_runner(options, plan, sides, drives, filename):
    """Raises a Problem if something is missing or a drive must not be written
    to.
    """
    output = os.path.abspath(options.output)
    if directory.is_results(output):
        raise Problem(f'{options.output}: itself a directory of results, and '
                      '--ab makes two in it; give another directory')
    runners = [local.make_runner(side.options, plan, side.points, drives,
                                 filename) for side in sides]
    return AbRunner(output, sides, runners, drives, find_id(output))


def find_id(output):
    """The id of a run that is continued, or a new one."""
    paths = [os.path.join(output, name) for name in NAMES]
    found = [(directory.read_header(path).get('ab') or {}).get('id')
             for path in paths if directory.is_results(path)]
    if len(set(found)) > 1 or None in found:
        raise Problem(f'{" and ".join(paths)}: not the two sides of one run; '
                      'give another directory')
    return found[0] if found else secrets.token_hex(8)


def side_order(seed, number, name):
    """The sides in the order in which a round measures a point, drawn anew for
    each round and point. Whatever depends on the order or on time alone is
    then as likely to favour one side as the other.
    """
    first = random.Random(f'{seed}:ab:{number}:{name}').random()
    return (0, 1) if first < 0.5 else (1, 0)


class AbRunner(Runner):
    """sides: two Sides; runners: a LocalRunner for each; old: {file: value} of
    what the run changes, once it has begun.
    """

    turns = 2

    def __init__(self, output, sides, runners, drives, identity, root='/'):
        super().__init__(output, [(os.path.join(output, side.name), None)
                                  for side in sides], drives)
        self.sides, self.runners, self.identity = sides, runners, identity
        self.root, self.old = root, {}
        self.trace, self.boot = runners[0].trace, runners[0].boot
        self.filename = runners[0].filename
        for runner in runners:
            runner.locks = self.locks

    # ---- the values of the machine ----

    @contextlib.contextmanager
    def changes(self):
        """Tries both sides before anything is measured."""
        self.old = setting.old_values([side.settings for side in self.sides],
                                      self.drives, self.root)
        self.old |= self.left_behind()
        if self.old:
            directory.write_json(self.output, CHANGED, {
                'boot': self.boot, 'values': self.old})
        try:
            for side in self.sides:
                self.apply(side)
            yield
        except BaseException:
            for line in self.restore():
                note(line)
            raise
        lines = self.restore()
        for line in lines[:-1]:
            note(line)
        if lines:
            raise Problem(lines[-1])

    def left_behind(self):
        """The old values of a run that did not restore them: it was killed, or
        could not. After a boot they have no meaning.
        """
        if not os.path.exists(os.path.join(self.output, CHANGED)):
            return {}
        left = directory.read_json(self.output, CHANGED)
        if left.get('boot') != self.boot:
            return {}
        note(f'{self.output}: the last run ended before it had restored all '
             f'values; those in {CHANGED} are restored at the end')
        return left['values']

    def restore(self):
        """Returns a line for each value that cannot be restored."""
        with held():
            lines = setting.restore(self.old, self.root)
            with contextlib.suppress(FileNotFoundError):
                if not lines:
                    os.unlink(os.path.join(self.output, CHANGED))
            return lines

    def apply(self, side):
        setting.apply(side.settings, self.drives, self.root)

    # ---- what a Runner does ----

    def side_of(self, path):
        return self.sides[NAMES.index(os.path.basename(path))]

    def runner_of(self, path):
        return self.runners[NAMES.index(os.path.basename(path))]

    def ab(self, path):
        side = self.side_of(path)
        return {'id': self.identity, 'side': side.name,
                'settings': [each.text for each in side.settings],
                'restored': self.old}

    def points(self, path, points):
        return self.side_of(path).points

    def environment(self, path, host_name):
        self.apply(self.side_of(path))
        return self.runner_of(path).environment(path, host_name)

    def prepare(self, records, name, options, tick):
        """Once for both sides, with the settings of the first."""
        self.apply(self.side_of(records[0].path))
        self.runner_of(records[0].path).prepare(records, name, options, tick)

    def is_file(self, drive):
        return self.runners[0].is_file(drive)

    def size(self, drive):
        return self.runners[0].size(drive)

    def measure(self, point, stem, tick):
        outcomes = [None, None]
        for number in side_order(self.records[0].header['seed'],
                                 round_of(stem), point['name']):
            outcomes[number] = self.measure_side(number, point['name'], stem,
                                                 tick)
        return outcomes

    def measure_side(self, number, name, stem, tick):
        """The Outcome, or a Failed."""
        side, runner = self.sides[number], self.runners[number]
        point = next(point for point in side.points if point['name'] == name)
        runner.records = [self.records[number]]
        try:
            self.apply(side)
            start = round(time.time(), 3)
            outcome, = runner.measure(point, stem, tick)
            setting.check(side.settings, self.drives, 'stop what changed it '
                          'while fio ran (tuned or udev?)', self.root)
        except Failed as error:
            return error
        except Problem:
            lost = self.lost()
            if lost:
                raise Problem(f'{lost}, and run the same command again')
            raise
        return outcome._replace(start=start)

    def lost(self):
        return self.runners[0].lost()
