#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Measures compare with many points: time, CPU time and memory of the whole
command. What fio wrote is only looked for, so here every file of it is a link
to one.

    t/unit/bench/many.py [POINTS [BOOTS]]
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import sample  # noqa: E402

TOP = os.path.realpath(__file__).rsplit('/t/unit/', 1)[0]

SIZE = 100


def linked(path, plan, boots, seed):
    """A side of boots of one round whose files are links."""
    for boot in range(1, boots + 1):
        top = os.path.join(path, f'boot-{boot:02}')
        sample.directory(top, plan, 1, seed * 1000 + boot, files=False,
                         size=SIZE, boot=f'{seed}-{boot}',
                         start=boot * 10 ** 6 + seed)
        shared = os.path.join(top, 'shared')
        with open(shared, 'w', encoding='utf-8') as file:
            file.write('x' * SIZE)
        for point in plan:
            os.mkdir(os.path.join(top, point['name']))
            os.link(shared, os.path.join(top, point['name'], 'r01.json'))
    return path


def measure(points=10000, boots=7):
    plan = sample.points(points)
    with tempfile.TemporaryDirectory() as top:
        sides = [linked(os.path.join(top, name), plan, boots, seed)
                 for name, seed in (('a', 1), ('b', 2))]
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, os.path.join(TOP, 'bench', 'fio-dmabuf-bench'),
             'compare', *sides, '-o', os.path.join(top, 'out')])
        seconds = time.monotonic() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        lines = sum(1 for _ in open(os.path.join(top, 'out'),
                                    encoding='utf-8'))
    print(f'{points} points x {boots} boots x 2 sides: {seconds:.1f} s, of '
          f'CPU {used.ru_utime + used.ru_stime:.1f} s, '
          f'{used.ru_maxrss >> 10} MiB, {lines} lines, exit status '
          f'{done.returncode}')


if __name__ == '__main__':
    measure(*map(int, sys.argv[1:3]))
