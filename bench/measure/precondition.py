# SPDX-License-Identifier: GPL-2.0-only
"""What is done to a drive before it is measured: it is written once or several
times, in order or at random.
"""

import os
import time

from bench.plan import point
from bench.results import directory
from bench.units import show_size
from vm.problem import Problem, note
from . import fio

# A whole drive may take a day.
LIMIT = 7 * 86400
STEPS = {'fill': ('write', 131072), 'random': ('randwrite', 4096)}


def jobs(plan, drives):
    """[(what, fio options)] for each step and drive."""
    made = []
    for step, times in plan.precondition.steps:
        rw, bs = STEPS[step]
        bs = plan.precondition.bs or bs
        for drive in drives:
            options = ['ioengine=io_uring', 'direct=1', f'rw={rw}',
                       f'bs={bs}', f'iodepth={plan.precondition.iodepth}',
                       'numjobs=1', f'loops={times}', 'randrepeat=0',
                       f'filename={point.filename([drive])}']
            options += [each for each in plan.fio
                        if each.partition('=')[0] in ('size', 'offset')]
            made.append((f'{step} of {drive}, {times} times, in blocks of '
                         f'{show_size(bs)}', options))
    return made


def run(setup, header, drives):
    """Once for a directory; one that was interrupted begins again."""
    state = header.get('precondition')
    if not state or state['done']:
        return
    begin = time.time()
    for number, (what, options) in enumerate(jobs(setup.plan, drives), 1):
        note(f'precondition: {what}')
        name = f'precondition-{number}'
        job = directory.write(setup.path, name + '.fio',
                              fio.job_file(name, options))
        answer = fio.run(setup.fio, job, os.path.join(setup.path, name),
                         LIMIT, setup.keep)
        why = fio.failure(answer)
        if why:
            raise Problem(f'precondition: {what}: {why}')
        directory.write(setup.path, name + '.json', answer.text)
    state['seconds'] = round(time.time() - begin, 3)
    state['done'] = round(time.time(), 3)
    directory.write_json(setup.path, directory.HEADER, header)
