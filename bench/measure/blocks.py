# SPDX-License-Identifier: GPL-2.0-only
"""A drive reads and writes whole blocks of 512 bytes or of 4 KiB. Points of a
plan that have smaller ones are left out.
"""

import os

from bench.plan.point import drive_names
from bench.units import count, show_size
from vm.problem import Problem
from . import hardware


def leave_out(points, default, root='/'):
    """The points that the drives can do, and a line for each block size that
    they cannot. default: fio's filename for points that name no drives.
    """
    kept, left_out = [], {}
    for point in points:
        why = why_too_small(point, default, root)
        if why:
            left_out[why] = left_out.get(why, 0) + 1
        else:
            kept.append(point)
    if points and not kept:
        raise Problem(f'{next(iter(left_out))}, no points left; give another '
                      'bs')
    return kept, [f'{why}; {count(number, "point")} left out'
                  for why, number in left_out.items()]


def why_too_small(point, default, root):
    """Why the drives cannot do a point, or None. Only O_DIRECT needs whole
    blocks of the drive.
    """
    direct = [option for option in point['job']
              if option.startswith('direct=')]
    if direct[-1:] != ['direct=1']:
        return None
    for name in drive_names(point['axes']['drives'] or default or ''):
        size = block_size(name, root)
        if size and point['axes']['bs'] % size:
            return (f'bs {show_size(point["axes"]["bs"])}: {name} has blocks '
                    f'of {show_size(size)}')
    return None


def block_size(name, root='/'):
    """The logical block size of a drive, or of the drive that a file is on, in
    bytes; None if not known.
    """
    block = hardware.block_directory(root, name) if os.path.exists(name) \
        else None
    if not block:
        block = device_of_file(name, root)
    return block and hardware.read_number(
        root, hardware.disk_of(root, block) + '/queue/logical_block_size')


def device_of_file(name, root):
    """The sysfs directory of the device that has the file's file system."""
    try:
        number = os.stat(name if os.path.exists(name)
                         else os.path.dirname(name) or '.').st_dev
    except OSError:
        return None
    file = f'/sys/dev/block/{os.major(number)}:{os.minor(number)}'
    return hardware.resolve(root, file)
