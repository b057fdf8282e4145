# SPDX-License-Identifier: GPL-2.0-only
"""The precondition: drives are written once or several times, in order or at
random, before they are measured.
"""

import time

from bench.plan.point import filename
from bench.units import count, show_size
from vm.problem import Problem, note
from .runner import Failed

# Seconds for one job: writing a large drive takes days.
LIMIT = 7 * 86400
STEPS = {'fill': ('write', 131072), 'random': ('randwrite', 4096)}


def precondition_jobs(plan, drives):
    """[(what, fio options)] for each step and drive."""
    jobs = []
    for step, times in plan.precondition.steps:
        rw, bs = STEPS[step]
        bs = plan.precondition.bs or bs
        for drive in drives:
            options = ['ioengine=io_uring', 'direct=1', f'rw={rw}',
                       f'bs={bs}', f'iodepth={plan.precondition.iodepth}',
                       'numjobs=1', f'loops={times}', 'randrepeat=0',
                       f'filename={filename([drive])}']
            options += [option for option in plan.fio
                        if option.partition('=')[0] in ('size', 'offset')]
            jobs.append((f'{step} of {drive}, {count(times, "time")}, in '
                         f'blocks of {show_size(bs)}', options))
    return jobs


def precondition_drives(runner, plan):
    """Runs once for a directory of results; starts over if interrupted."""
    records = [record for record in runner.records
               if record.header.get('precondition') and
               not record.header['precondition']['done']]
    if not records:
        return
    begin = time.time()
    jobs = precondition_jobs(plan, runner.drives)
    for number, (what, options) in enumerate(jobs, 1):
        note(f'precondition: {what}')
        try:
            runner.precondition(records, f'precondition-{number}', options,
                                LIMIT)
        except Failed as error:
            raise Problem(f'precondition: {what}: {error}')
    for record in records:
        state = record.header['precondition']
        state['seconds'] = round(time.time() - begin, 3)
        state['done'] = round(time.time(), 3)
        record.write_header()
