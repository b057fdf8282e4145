# SPDX-License-Identifier: GPL-2.0-only
"""The progress of a run: a bar with the time left on a terminal, otherwise a
line for each round, and for long work a line now and then.
"""

import shutil
import sys
import time

from bench import NAME
from bench.units import count, show_amount, show_time
from vm.problem import note

WIDTH = 24
# Seconds: between two looks at how far work is; until its first line, and the
# longest between two lines
LOOK, FIRST, LONGEST = 1, 5, 600
# Bytes: with fewer there is no rate; fio also writes its own files.
ENOUGH = 10 ** 6


class Progress:
    """total: number of measurements; seconds: a guess how long one takes,
    until the first ones show it.
    """

    def __init__(self, total, seconds):
        self.total, self.guess = total, seconds
        self.done = 0
        self.begin = time.monotonic()
        self.tty = sys.stderr.isatty()
        self.text = ''

    def left(self):
        """The time left, in seconds."""
        spent = time.monotonic() - self.begin
        seconds = spent / self.done if self.done else self.guess
        return max(0, seconds * self.total - spent)

    def round(self, number, rounds, points):
        """A round begins; points: how many of them it measures."""
        if not self.tty:
            note(f'round {number} of {rounds}: {count(points, "point")} to '
                 f'measure, about {show_time(self.left())} left in all')

    def show(self, text=None):
        """Draws the bar; text: what is being measured."""
        if not self.tty:
            return
        self.text = text or self.text
        part = self.done / self.total if self.total else 1
        draw(f'[{bar_of(part)}] {self.done}/{self.total} '
             f'{show_time(self.left())} left  {self.text}')

    def step(self, number=1):
        self.done += number
        self.show()

    def say(self, text):
        """Prints a line above the bar."""
        self.clear()
        note(text)
        self.show()

    def clear(self):
        if self.tty:
            clear_line()


class Work:
    """One long write to a drive. what: in words; total: bytes, None if not
    known; done: bytes that an earlier run has written.
    """

    def __init__(self, what, total, done=0):
        self.what, self.total = what, total
        self.first = self.before = self.done = done
        self.begin = self.looked = time.monotonic()
        self.wait, self.said = FIRST, self.begin
        self.tty = sys.stderr.isatty()
        note(f'{what}: {self.percent()} of {show_amount(total)}'
             if total else what)

    def percent(self):
        return f'{min(100, 100 * self.done // self.total)} %'

    def tick(self, written):
        """written: bytes of the piece that is being written, None if not
        known.
        """
        now = time.monotonic()
        if now - self.looked < LOOK:
            return
        self.looked = now
        # those of processes that ended are not in it
        self.done = max(self.done, self.before + (written or 0))
        if self.tty:
            part = self.done / self.total if self.total else 0
            draw(f'[{bar_of(part)}] {self.words(now)}  {self.what}')
        elif now - self.said >= self.wait:
            note(f'{self.what}: {self.words(now)}')
            self.said, self.wait = now, min(2 * self.wait, LONGEST)

    def words(self, now):
        """How far it is, how fast, and the time left, as far as known."""
        spent = now - self.begin
        rate = (self.done - self.first) / spent
        if self.done - self.first < ENOUGH:
            return f'{show_time(spent)} so far'
        if not self.total:
            return f'{show_amount(self.done)}, {show_amount(rate)}/s'
        left = max(0, self.total - self.done) / rate
        return (f'{self.percent()}, {show_amount(rate)}/s, '
                f'{show_time(left)} left')

    def piece_done(self, done):
        """done: bytes that are written, None for all of them."""
        self.done = self.before = (self.total or self.done) \
            if done is None else done

    def clear(self):
        if self.tty:
            clear_line()


def bar_of(part):
    return f'{"#" * int(min(part, 1) * WIDTH):<{WIDTH}}'


def draw(line):
    """Draws over the last line of a terminal."""
    columns = shutil.get_terminal_size().columns
    print('\r' + f'{NAME}: {line}'[:columns - 1] + '\033[K', end='',
          file=sys.stderr, flush=True)


def clear_line():
    print('\r\033[K', end='', file=sys.stderr, flush=True)
