# SPDX-License-Identifier: GPL-2.0-only
"""How much of a drive or file was ever written. A drive answers the read of a
block that never was, or was deallocated, without its flash; a file system that
of a hole without the drive: figures that no data can have.
"""

import errno
import json
import os
import shutil
import subprocess

from . import hardware
from .drive import SBIN

# Where the kernel or the drive does not say it, blocks are looked at.
SAMPLES, BLOCK = 64, 4096
# Longer lists of extents are not walked to the end.
EXTENTS = 100000
# Percent: what is said from which on, of what is known and of samples
ENOUGH, ZEROS = 99, 50


def facts(root, name):
    """percent  how much was written, rounded down to a tenth; None if unknown
    source   who says so, or why it is unknown
    zeros    percent of sampled blocks that are all zeros; None without samples

    None for a file that is empty or does not exist.
    """
    block = hardware.block_directory(root, name)
    size = hardware.size_of(root, name)
    if not size:
        return None
    percent, source = namespace_use(root, block) if block else \
        file_data(name)
    return {'percent': percent, 'source': source,
            'zeros': zero_blocks(name, size) if percent is None else None}


def tenths(part, whole):
    return 1000 * part // whole / 10


# ---- files ----

def file_data(name):
    """What is no hole. A file system that compresses, or knows no holes, has
    fewer blocks than bytes and yet no hole.
    """
    try:
        fd = os.open(name, os.O_RDONLY)
    except OSError as error:
        return None, os.strerror(error.errno)
    try:
        status = os.fstat(fd)
        data = count_data(fd, status.st_size)
    except OSError as error:
        return None, f'SEEK_HOLE: {os.strerror(error.errno)}'
    finally:
        os.close(fd)
    if data is None:
        return None, 'too many extents'
    if data == status.st_size and status.st_blocks * 512 < data // 2:
        return None, 'fewer blocks than bytes, but no holes'
    return tenths(data, status.st_size), 'the holes of the file'


def count_data(fd, size):
    """Bytes that are not in holes, None if there are too many of those."""
    total = end = 0
    for _ in range(EXTENTS):
        try:
            begin = os.lseek(fd, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return total
            raise
        end = os.lseek(fd, begin, os.SEEK_HOLE)
        total += end - begin
        if end >= size:
            return total
    return None


# ---- drives ----

def namespace_use(root, block):
    """The utilization of a namespace: fewer blocks than it has are certain. A
    drive without thin provisioning may count all of them from the beginning.
    """
    disk = hardware.disk_of(root, block)
    if not os.path.basename(disk).startswith('nvme'):
        return None, 'not an NVMe drive'
    used, size, thin, source = kernel_says(root, disk)
    if used is None or used >= size:
        told = ask_drive('/dev/' + os.path.basename(disk))
        if isinstance(told, str):
            return None, told if used is None else f'{source}; {told}'
        used, size, thin, source = told
    if used >= size and not thin:
        return None, f'{source}, but it may count blocks never written'
    if disk != block and 0 < used < size:
        return None, f'{source} is {tenths(used, size)} %, of all partitions'
    return tenths(min(used, size), size), source


def kernel_says(root, disk):
    """Blocks used, blocks, whether thin provisioning is known, and words."""
    used = hardware.read_number(root, disk + '/nuse')
    length = hardware.read_number(root, disk + '/size')
    block = hardware.read_number(root, disk + '/queue/logical_block_size')
    if used is None or not length or not block:
        return None, None, False, None
    return used, length * 512 // block, False, 'utilization (nuse in sysfs)'


def ask_drive(name):
    """As kernel_says(), from nvme-cli; or why there is no answer."""
    nvme = shutil.which('nvme', path=os.environ.get('PATH', '') + SBIN)
    if not nvme:
        return 'nvme: not found; install nvme-cli'
    try:
        done = subprocess.run([nvme, 'id-ns', '-o', 'json', name],
                              capture_output=True, text=True, errors='replace',
                              stdin=subprocess.DEVNULL, timeout=60)
        told = json.loads(done.stdout)
        return (int(told['nuse']), int(told['nsze']),
                bool(int(told['nsfeat']) & 1), 'utilization (nvme id-ns)')
    except (OSError, subprocess.TimeoutExpired) as error:
        return f'nvme id-ns: {error}'
    except (ValueError, KeyError, TypeError):
        why = (done.stderr.strip().splitlines() or ['no answer'])[0]
        return f'nvme id-ns: {why}'


def zero_blocks(name, size):
    """Percent of sampled blocks that are zeros, None if they cannot be read.
    They do not stay in the page cache.
    """
    samples = min(SAMPLES, size // BLOCK)
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        zeros = 0
        for number in range(samples):
            at = (2 * number + 1) * size // (2 * samples) // BLOCK * BLOCK
            zeros += not any(os.pread(fd, BLOCK, at))
            os.posix_fadvise(fd, at, BLOCK, os.POSIX_FADV_DONTNEED)
    except OSError:
        return None
    finally:
        os.close(fd)
    return round(100 * zeros / samples) if samples else None


# ---- in words ----

def lines(drives):
    """A line for each drive of environment.json of which too little was
    written.
    """
    return list(filter(None, map(line_of, drives or [])))


def line_of(drive):
    """The words follow "Measured on"."""
    fact = (drive or {}).get('written')
    if not fact:
        return None
    percent, zeros = fact.get('percent'), fact.get('zeros')
    if percent is not None and percent < ENOUGH:
        missing = f'{drive["name"]}, of which {100 - percent:.3g} %'
        if drive.get('kind') == 'file':
            return (f'{missing} had never been written when the measurement '
                    'began: holes are read without the drive')
        return (f'{missing} had never been written, or was deallocated, when '
                'the measurement began: such blocks are read without the '
                'flash')
    if percent is None and zeros is not None and zeros >= ZEROS:
        return (f'{drive["name"]}, where {zeros} % of sampled blocks were '
                'zeros when the measurement began: they may never have been '
                'written, and such blocks can be read faster than data')
    return None


def unknown(drives):
    """A line for each drive of which nothing is known."""
    return [f'{drive["name"]}: how much of it was ever written is unknown '
            f'({drive["written"]["source"]})' for drive in drives
            if (drive.get('written') or {}).get('percent', 0) is None and
            drive['written']['zeros'] is None]
