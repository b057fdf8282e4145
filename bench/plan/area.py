# SPDX-License-Identifier: GPL-2.0-only
"""Where the jobs of a point read and write. Several jobs that go in order get
a part of the drive each: all but the first would find their blocks in a cache.
"""

from .job import options_of

# Several jobs of these read or write in order, each in a part of its own.
IN_ORDER = ('read', 'write', 'rw', 'readwrite')
# Options with which a plan says itself where its jobs read and write
AREA = ('offset_increment', 'size', 'io_size', 'offset', 'filesize', 'nrfiles',
        'zonemode', 'zonesize', 'zoneskip')


def fio_options(plan, axes):
    """What [fio] and [fio PATH] add to the job of a point."""
    return plan.fio + plan.path_fio.get(axes['path'], [])


def area_option(plan, axes):
    """The first option of AREA that the plan gives to a point, or None."""
    given = options_of(fio_options(plan, axes))
    return next((name for name in AREA if name in given), None)


def share_blocks(axes):
    """Whether several jobs would all begin at the first block."""
    return axes['numjobs'] > 1 and axes['rw'] in IN_ORDER


def part_options(plan, axes):
    """Gives each of several jobs that go in order a part of its own, in whole
    percent of the drive: all but the first would find their blocks in a cache.
    """
    percent = 100 // axes['numjobs']
    if not share_blocks(axes) or not percent or area_option(plan, axes):
        return []
    return [f'offset_increment={percent}%', f'size={percent}%']


def why_shared(plan, axes):
    """A line if several jobs begin at the same block after all, or None."""
    option = area_option(plan, axes)
    if not share_blocks(axes) or option == 'offset_increment' or \
            part_options(plan, axes):
        return None
    why = f'[fio] sets {option}; add offset_increment there' if option else \
        'there are more than 100; give fewer'
    return (f'rw {axes["rw"]}, numjobs {axes["numjobs"]}: all jobs begin at '
            f'the same block, because {why}, or the drive\'s cache answers '
            'most of them')
