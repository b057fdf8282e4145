# SPDX-License-Identifier: GPL-2.0-only
"""The progress of a run: a bar with the time left on a terminal, otherwise a
line for each round.
"""

import shutil
import sys
import time

from bench import NAME
from bench.units import count, show_time
from vm.problem import note

WIDTH = 24


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
        bar = '#' * int(part * WIDTH)
        line = (f'{NAME}: [{bar:<{WIDTH}}] {self.done}/{self.total} '
                f'{show_time(self.left())} left  {self.text}')
        columns = shutil.get_terminal_size().columns
        print('\r' + line[:columns - 1] + '\033[K', end='', file=sys.stderr,
              flush=True)

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
            print('\r\033[K', end='', file=sys.stderr, flush=True)
