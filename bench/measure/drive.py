# SPDX-License-Identifier: GPL-2.0-only
"""Checks that a drive exists and may be written to: its contents are never
overwritten unless --destroy names it.
"""

import os
import re
import shutil
import stat
import subprocess

from bench.units import count
from vm.problem import Problem, reason
from . import hardware
from .identity import check_distinct

# Not in everybody's PATH
SBIN = ':/usr/sbin:/sbin'


def check_drives(names, writes, destroy, has_size, own, root='/'):
    """Raises a Problem if one of the drives cannot be used. writes: the plan
    writes; destroy: the names given to --destroy; has_size: fio is given a
    size; own: files with data that an earlier part of this run wrote.
    """
    check_names(destroy, names)
    for name in names:
        if exists(name, writes):
            check_readable(name, writes)
        if not hardware.device_number(name):
            check_file(name, writes and name not in destroy and
                       name not in own, has_size)
        elif writes and name not in destroy:
            why = why_not_empty(name, root)
            if why:
                raise Problem(f'{name}: {why}, and the plan writes; use '
                              'another drive, or give --destroy ' + name)
    check_distinct(names, root)


def check_names(destroy, names):
    """Raises a Problem if --destroy names a drive that the plan does not."""
    for name in destroy:
        if name not in names:
            raise Problem(f'--destroy {name}: the plan has no such drive; '
                          f'use one of {" ".join(names)}')


def exists(name, writes):
    """fio would create a regular file under a name that does not exist: right
    for a plan that writes, but not in /dev.
    """
    if os.path.exists(name):
        return True
    if not writes or os.path.realpath(name).startswith('/dev/'):
        raise Problem(f'{name}: no such drive or file; check the name' +
                      ('' if writes else ', a plan that only reads needs one '
                       'with data'))
    return False


def check_readable(name, writes):
    kind = os.stat(name).st_mode
    if not stat.S_ISBLK(kind) and not stat.S_ISREG(kind):
        raise Problem(f'{name}: neither a drive nor a file; check the name')
    if stat.S_ISREG(kind) and os.path.realpath(name).startswith('/dev/') \
            and not os.path.realpath(name).startswith('/dev/shm/'):
        raise Problem(f'{name}: a regular file in /dev; remove it')
    why = why_unusable(name, os.O_RDWR if writes else os.O_RDONLY)
    if why:
        raise Problem(f'{name}: {why}; check the drive, or run as root')


def why_unusable(name, flags=os.O_RDONLY):
    """Why a drive cannot be opened, or None."""
    try:
        fd = os.open(name, flags | os.O_NONBLOCK)
    except OSError as error:
        return reason(error)
    try:
        if stat.S_ISBLK(os.fstat(fd).st_mode) and \
                not os.lseek(fd, 0, os.SEEK_END):
            return 'its size is 0'
    except OSError as error:
        return reason(error)
    finally:
        os.close(fd)
    return None


def check_file(name, keep, has_size):
    """Checks a regular file; keep: its data must not be overwritten."""
    size = os.stat(name).st_size if os.path.exists(name) else 0
    if size and keep:
        raise Problem(f'{name}: a file with data, and the plan writes; use '
                      'another file, or give --destroy ' + name)
    if not size and not has_size:
        raise Problem(f'{name}: a file without data, and the plan gives no '
                      'size; add size= to [fio]')


# ---- what is on a drive ----

def why_not_empty(name, root='/'):
    """Why a block device must not be written to, or None."""
    block = hardware.block_directory(root, name)
    if not block:
        return 'it is not known to sysfs'
    parts = partitions(root, block)
    return in_use(root, [block] + parts) or \
        (f'it has {count(len(parts), "partition")}' if parts else None) or \
        in_exclusive_use(name) or signatures(name)


def partitions(root, block):
    return [f'{block}/{name}' for name in hardware.list_names(root, block)
            if hardware.read_text(root, f'{block}/{name}/partition')]


def in_use(root, blocks):
    """Mounts, swap and holders (dm, md, LVM) of a drive and its partitions."""
    for block in blocks:
        name = os.path.basename(block)
        holders = hardware.list_names(root, block + '/holders')
        if holders:
            return f'{name} is held by {" ".join(holders)}'
        number = hardware.read_text(root, block + '/dev')
        where = mount_point(root, number, name)
        if where:
            return f'{name} is mounted on {where}'
        if name in swap_devices(root):
            return f'{name} is swap'
    return None


def mount_point(root, number, name):
    """Where a block device is mounted, or None. Compares the device number,
    and the name for file systems that have their own numbers (btrfs).
    """
    table = hardware.read_text(root, '/proc/self/mountinfo') or ''
    for line in table.splitlines():
        left, _, right = line.partition(' - ')
        fields, source = left.split(), (right.split() + ['', ''])[1]
        if fields[2] == number or source.startswith('/dev/') and \
                os.path.basename(os.path.realpath(source)) == name:
            return fields[4]
    return None


def swap_devices(root):
    lines = (hardware.read_text(root, '/proc/swaps') or '').splitlines()[1:]
    return {os.path.basename(os.path.realpath(line.split()[0]))
            for line in lines}


def in_exclusive_use(name):
    """O_EXCL fails for a drive that is in use: why, or None."""
    try:
        os.close(os.open(name, os.O_RDONLY | os.O_EXCL))
    except OSError as error:
        return f'it is in use ({reason(error)})'
    return None


def signatures(name):
    """Partition table or file system, as libblkid sees them."""
    blkid = shutil.which('blkid', path=os.environ.get('PATH', '') + SBIN)
    if not blkid:
        return cannot_tell('blkid is not found')
    try:
        done = subprocess.run([blkid, '-p', '-o', 'export', name],
                              capture_output=True, text=True,
                              errors='replace', timeout=120)
    except (OSError, subprocess.TimeoutExpired) as error:
        return cannot_tell(f'blkid: {error}')
    if done.returncode == 2 and not done.stderr.strip():
        return None
    if done.returncode == 8:
        return 'it has several signatures'
    tags = dict(re.findall(r'^(\w+)=(.*)$', done.stdout, re.M))
    if done.returncode == 0 and 'TYPE' in tags:
        return f'it has a signature of {tags["TYPE"]}'
    if done.returncode == 0 and 'PTTYPE' in tags:
        return f'it has a partition table ({tags["PTTYPE"]})'
    why = (done.stderr.strip().splitlines() or
           [f'exit status {done.returncode}'])[0]
    return cannot_tell(f'blkid -p: {why}')


def cannot_tell(why):
    return f'whether it has a file system is unknown ({why})'
