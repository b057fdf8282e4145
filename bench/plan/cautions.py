# SPDX-License-Identifier: GPL-2.0-only
"""What the options of a job take from its figures, and what is said about it
before a run. The options are those of a point's job, or of fio's JSON.
"""

from bench.units import count
from .job import OFF, is_on, is_uring, options_of
from .point import WRITES

# Options that make other threads work for the job
THREADS = {
    'sqthread_poll': 'the kernel thread that submits',
    'force_async': 'the kernel\'s workers',
    'verify_async': 'fio\'s threads that verify',
}


def uncounted_cpu(options):
    """Why fio's CPU time is not that of the job, or None: it counts the thread
    of the job, and no other that works for it.
    """
    threads = [f'{who} ({name})' for name, who in THREADS.items()
               if is_on(options, name)]
    if options.get('io_submit_mode') == 'offload':
        threads.append('fio\'s threads that submit (io_submit_mode=offload)')
    if is_uring(options) and options.get('direct') in OFF and \
            options.get('rw') in WRITES:
        threads.append('the kernel\'s workers (direct=0)')
    return f'fio does not count {" and ".join(threads)}' if threads else None


def warms_up(options):
    """Whether the engine reads a block before the job and compares it: on
    paths whose transfers may end without an error and without data.
    """
    return options.get('dmabuf_path') == 'direct' or \
        options.get('dmabuf_source', '').startswith('p2pmem')


def uncompared(options):
    """Why a job has figures although nothing looked at its data, or None."""
    if warms_up(options) and options.get('dmabuf_warmup') in OFF and \
            not is_on(options, 'verify'):
        return 'nothing is compared (dmabuf_warmup=0): figures of data that ' \
               'never arrived look like any other'
    return None


def cautions(points):
    """Lines to print before these points are measured."""
    reasons = {}
    for point in points:
        options = options_of(point['job'])
        hidden = uncounted_cpu(options)
        for why in (hidden and f'cpu and switches are left out: {hidden}',
                    uncompared(options)):
            if why:
                reasons[why] = reasons.get(why, 0) + 1
    return [f'{count(number, "point")}: {why}'
            for why, number in reasons.items()]
