# SPDX-License-Identifier: GPL-2.0-only
"""The rounds of a run: each measures every point once, in a new order, and
skips what was measured before.
"""

import os
import random
import time

from bench.metrics import named
from bench.results import directory, steady
from vm.problem import Problem, note
from .fio_json import PERCENTILES
from .measurement import measure
from .progress import Progress
from .runner import Failed

# Metrics that a run may lack unexpectedly: others are said before it
FEW = [name for name, _, _ in PERCENTILES]
# Seconds that a measurement takes beyond its runtime, about
OVERHEAD = 1.5


def most_rounds(plan):
    """The largest number of rounds that a plan takes."""
    return plan.steady.most if plan.steady else plan.rounds


def seconds_per_point(plan):
    return plan.runtime + plan.ramp + OVERHEAD


def run_seconds(plan, points):
    return len(points) * most_rounds(plan) * seconds_per_point(plan)


def round_order(seed, how, number, points):
    """The points of a round in their order, which depends only on the seed and
    the number of the round: a continued run has the same order.
    """
    ordered = list(points)
    if how == 'random':
        random.Random(f'{seed}:{number}').shuffle(ordered)
    return ordered


def measure_rounds(runner, plan, points):
    """Measures what is missing; returns the exit status."""
    rounds = Rounds(runner, plan, points)
    try:
        rounds.measure()
    finally:
        rounds.progress.clear()
    if rounds.failed:
        raise Problem(f'{runner.output}: {len(rounds.failed)} of '
                      f'{len(points)} points could not be measured, see '
                      'above; run the same command again to retry them')
    return 0


class Rounds:
    """done: (point, round) of what all records have; failed: the names of
    points that are skipped from now on; told: the metrics that were said to
    be left out, which is said once.
    """

    def __init__(self, runner, plan, points):
        self.runner, self.plan, self.points = runner, plan, points
        self.done = set.intersection(*(record.done
                                       for record in runner.records))
        self.failed, self.told = set(), set()
        self.progress = Progress(
            most_rounds(plan) * len(points) - len(self.done),
            seconds_per_point(plan) * runner.turns)

    def measure(self):
        for number in range(1, most_rounds(self.plan) + 1):
            if self.are_steady(number - 1):
                return
            self.measure_round(number)
            lost = self.never_steady()
            if lost:
                self.progress.say(f'{lost}: failed, so that the plan cannot '
                                  f'become steady; stopped after round '
                                  f'{number}')
                return
        self.are_steady(most_rounds(self.plan))

    def measure_round(self, number):
        """All records have the order of the first one."""
        header = self.runner.records[0].header
        missing = [point for point in round_order(
            header['seed'], header['order'], number, self.points)
            if (point['name'], number) not in self.done]
        tried = [point for point in missing
                 if point['name'] not in self.failed]
        if tried:
            self.progress.round(number, most_rounds(self.plan), len(tried))
        self.progress.step(len(missing) - len(tried))
        for point in tried:
            self.measure_point(point, number)
            self.progress.step()

    def measure_point(self, point, number):
        name, start = point['name'], time.time()
        self.progress.show(name)
        try:
            outcomes = measure(self.runner, point, number,
                               lambda _: self.progress.show())
        except Failed as error:
            outcomes = [error] * len(self.runner.records)
        failures = [outcome if isinstance(outcome, Failed) else None
                    for outcome in outcomes]
        if any(failures):
            self.note_failures(name, number, failures, start)
        for outcome in outcomes:
            if not isinstance(outcome, Failed):
                self.say_left_out(name, outcome.left_out)

    def note_failures(self, name, number, failures, start):
        """failures: a Failed, or None, for each record."""
        lost = self.runner.lost()
        if lost:
            cause, _, remedy = lost.partition('; ')
            raise Problem(f'{cause} ({next(filter(None, failures))}); '
                          f'{remedy}, and run the same command again')
        self.failed.add(name)
        said = {}
        for record, error in zip(self.runner.records, failures):
            if error:
                where = '' if len(set(map(str, failures))) == 1 else \
                    self.prefix(record)
                said[f'{where}{name}: {error}'] = True
                record.add_failure({
                    'round': number, 'point': name, 'reason': str(error),
                    'start': round(start, 3), 'boot': record.boot})
        for line in said:
            self.progress.say(line)

    def never_steady(self):
        """A point that failed and without which the plan cannot become
        steady, or None.
        """
        wanted = steady.history(self.plan.steady._asdict(), self.points, []) \
            if self.plan.steady else ()
        return next((name for name in wanted if name in self.failed), None)

    def say_left_out(self, point, reasons):
        for metric, why in reasons.items():
            if metric not in self.told and metric in FEW:
                self.progress.say(f'{point}: {named(metric).title} is left '
                                  f'out: {why}; the report lists all points '
                                  'like this')
        self.told |= reasons.keys()

    def are_steady(self, last):
        """Whether the plan asks for steady state and every record reached it
        by the last round. Asks all of them, for each prints its figures.
        """
        return bool(self.plan.steady) and all([
            is_steady(record, self.plan,
                      self.runner.points(record.path, self.points), last,
                      self.prefix(record))
            for record in self.runner.records])

    def prefix(self, record):
        """What tells the points of several records apart in a message."""
        return '' if len(self.runner.records) == 1 else \
            os.path.basename(record.path) + '/'


def is_steady(record, plan, points, last, prefix):
    """Whether all points that the plan selects are steady by the last round,
    which the header then records. prefix: precedes the name of a point.
    """
    state, settings = record.header['steady'], plan.steady._asdict()
    lines = [line for line in directory.last_lines(record.lines())
             if line['round'] <= last]
    series = steady.history(settings, points, lines)
    if not series or any(len(values) < last for values in series.values()):
        return False
    figures = {name: steady.figures_of_plan(settings, values)
               for name, values in series.items()}
    if not all(figures.values()):
        return False
    now = all(point_figures.steady for point_figures in figures.values())
    if now and state['reached'] != last:
        state['reached'] = last
        record.write_header()
    if now or last == most_rounds(plan):
        say_steady(last, figures, now, prefix)
    return now


def say_steady(last, figures, now, prefix):
    """Prints the figures of the point that decided: the worst one."""
    name, worst = max(figures.items(), key=lambda item: (
        not item[1].steady, item[1].range))
    state = 'steady' if now else 'not steady'
    note(f'round {last}: {state}; {prefix}{name}: range {worst.range:.1f} %, '
         f'slope {worst.slope:.1f} % of the average {worst.average:.6g}')
