# SPDX-License-Identifier: GPL-2.0-only
"""How far a run is: a bar with the time left on a terminal, otherwise a line
for each round.
"""

import shutil
import sys
import time

from bench import NAME
from bench.units import show_time
from vm.problem import note

WIDTH = 24


class Progress:
    """total measurements of about so many seconds each, which is put right
    by what the first ones took.
    """

    def __init__(self, total, seconds):
        self.total, self.guess = total, seconds
        self.done = 0
        self.begin = time.monotonic()
        self.tty = sys.stderr.isatty()
        self.text = ''

    def left(self):
        """Seconds."""
        spent = time.monotonic() - self.begin
        seconds = spent / self.done if self.done else self.guess
        return max(0, seconds * self.total - spent)

    def round(self, number, rounds, points):
        """A round begins; points of it are to be measured."""
        if not self.tty:
            note(f'round {number} of {rounds}: {points} to measure, about '
                 f'{show_time(self.left())} left in all')

    def show(self, text=None):
        """The bar, with what is measured."""
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

    def step(self, count=1):
        self.done += count
        self.show()

    def say(self, text):
        """A line that stays."""
        self.clear()
        note(text)
        self.show()

    def clear(self):
        if self.tty:
            print('\r\033[K', end='', file=sys.stderr, flush=True)
