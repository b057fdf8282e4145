# SPDX-License-Identifier: GPL-2.0-only
"""One drive under two names would be measured as two: a link, a partition and
its disk, two paths to a namespace, a device-mapper or loop device and what is
below it.
"""

import os
from collections import namedtuple

from vm.problem import Problem
from . import hardware

# disk: what tells one disk from another; first, end: its blocks of 512 bytes,
# None for all of it; words: how the disk is known
Area = namedtuple('Area', 'disk first end words')


def check_distinct(names, root='/'):
    """Raises a Problem if two of the drives share blocks."""
    known = []
    for name in names:
        mine = areas(name, root)
        for other, theirs in known:
            words = shared(mine, theirs)
            if words:
                raise Problem(f'{other} and {name}: the same drive ({words}); '
                              'give only one of them')
        known.append((name, mine))


def shared(a, b):
    """How two drives are known to overlap, or None; a, b: their areas(). What
    both are made of is no reason: so are two volumes on one disk.
    """
    pairs = [(one, other) for one in a[0] for other in b[0] + b[1]] + \
        [(one, other) for one in b[0] for other in a[1]]
    return next((one.words for one, other in pairs if overlap(one, other)),
                None)


def overlap(one, other):
    return one.disk == other.disk and (
        None in (one.end, other.end) or
        one.first < other.end and other.first < one.end)


def areas(name, root):
    """Two lists of Areas: a drive's or file's own, and what it is made of."""
    block = hardware.block_directory(root, name)
    if not block:
        return [file_area(name)], []
    return block_areas(root, block)


def file_area(name):
    """A file that does not exist yet is known by its path."""
    full = os.path.realpath(name)
    try:
        status = os.stat(full)
    except OSError:
        return Area(full, 0, None, full)
    return Area((status.st_dev, status.st_ino), 0, None, full)


def block_areas(root, block):
    own, below = [own_area(root, block)], []
    file = hardware.read_text(root, block + '/loop/backing_file')
    if file:
        whole = hardware.read_number(root, block + '/loop/offset') == 0
        (own if whole else below).append(file_area(file))
    for name in hardware.list_names(root, block + '/slaves'):
        slave = hardware.resolve(root, f'{block}/slaves/{name}')
        for some in block_areas(root, slave) if slave else ():
            below += some
    return own, below


def own_area(root, block):
    """Paths to one namespace or disk have the same wwid."""
    disk = hardware.disk_of(root, block)
    wwid = hardware.read_text(root, disk + '/wwid') or \
        hardware.read_text(root, disk + '/device/wwid')
    first = hardware.read_number(root, block + '/start')
    size = hardware.read_number(root, block + '/size')
    words = wwid or os.path.basename(disk)
    if block == disk or None in (first, size):
        return Area(wwid or disk, 0, None, words)
    return Area(wwid or disk, first, first + size, words)
