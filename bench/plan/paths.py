# SPDX-License-Identifier: GPL-2.0-only
"""The table of paths: what a job of each is to fio. A path is a row here and
nothing anywhere else.
"""

import os
import shutil
from collections import namedtuple

from vm.problem import Problem

DEVICES = ('heap', 'udmabuf', 'drm', 'vfio', 'cuda', 'hip', 'fd')

# What says where the programs of this package are
PROGRAMS = 'FIO_DMABUF_PROGRAMS'

# name      as in a plan, and in the axis "path"
# help      one line: what it is
# copies    how often a CPU copies a byte between the drive and the job's
#           buffer: a fact of the method, see doc/read-the-ladder.md
# options   fio options of the job, or a function of the axes that gives them
# sources   kinds of dmabuf_source that it takes, the default, in full, first;
#           none: it is no path of the engine
# places    whether dmabuf_place applies
# program   None for fio; else a program of this package that takes the same
#           job file and prints the same JSON
# refuses   None, or a function of the axes that says what it cannot do
Path = namedtuple('Path', 'name help copies options sources places program '
                  'refuses', defaults=((), False, None, None))

# A block that is read a second time would come from memory: what the kernel
# has of the drive is dropped before, each block is read once, and the job
# ends early when it has read all. Writes would end in memory.
CACHED = ['direct=0', 'invalidate=1', 'time_based=0', 'norandommap=0']
READS = ('read', 'randread')


def one_at_a_time(axes):
    if axes['iodepth'] != 1:
        return 'does one I/O at a time: give iodepth = 1'
    return None


def page_cache(axes):
    """Several jobs would find what the first of them has read."""
    if axes['rw'] not in READS:
        return 'only reads: a write would end in the page cache'
    if axes['numjobs'] != 1:
        return 'has one job: another would find its blocks in the page cache'
    return one_at_a_time(axes)


def sendfile(axes):
    if ':' in (axes['drives'] or '').replace('\\:', ''):
        return 'reads one drive'
    return page_cache(axes)


def engine(name):
    return ['ioengine=dmabuf', f'dmabuf_path={name}', 'direct=1']


TABLE = (
    Path('buffered', 'pread() through the page cache', 1,
         ['ioengine=psync'] + CACHED, refuses=page_cache),
    Path('mmap', 'a mapping of the drive, of which the job copies', 1,
         ['ioengine=mmap'] + CACHED, refuses=page_cache),
    Path('sendfile', 'sendfile() from the page cache to /dev/null', 0,
         ['ioengine=sendfile'] + CACHED, program='fio-dmabuf-sendfile',
         refuses=sendfile),
    Path('splice', 'splice() from the page cache into a pipe, vmsplice() out '
         'of it', 1, ['ioengine=splice'] + CACHED, refuses=page_cache),
    Path('psync', 'pread() and pwrite() with O_DIRECT', 0,
         ['ioengine=psync', 'direct=1'], refuses=one_at_a_time),
    Path('io_uring', 'fio\'s io_uring with ordinary buffers, O_DIRECT', 0,
         ['ioengine=io_uring', 'direct=1']),
    Path('fixed', 'fio\'s io_uring with registered buffers and files, '
         'O_DIRECT', 0, ['ioengine=io_uring', 'direct=1', 'fixedbufs=1',
                         'registerfiles=1']),
    Path('host', 'ordinary fixed buffers, no dma-buf', 0, engine('host'),
         ('memory', 'p2pmem')),
    Path('staged', 'ordinary fixed buffers and a copy by the CPU to or from '
         'the dma-buf', 1, engine('staged'), ('heap:system',) + DEVICES, True),
    Path('pinned', 'the memory behind a udmabuf as ordinary fixed buffers', 0,
         engine('pinned'), ('udmabuf',), True),
    Path('direct', 'the dma-buf, registered for the drive', 0,
         engine('direct'), ('heap:system',) + DEVICES, True),
)

PATHS = {path.name: path for path in TABLE}


def path_options(path, axes):
    """The fio options of a job of this path."""
    given = path.options
    return list(given(axes) if callable(given) else given)


def is_engine(path):
    """Whether the engine of this project does the work, and reports it."""
    return bool(path.sources)


def program_of(path, fio):
    """The file of the program that measures this path."""
    if not path.program:
        return fio
    directory = os.environ.get(PROGRAMS) or '.'
    file = shutil.which(path.program, path=directory) or \
        shutil.which(path.program)
    if not file:
        raise Problem(f'{directory}/{path.program}: not found, needed for '
                      f'path {path.name}; run make, or say in {PROGRAMS} '
                      'which directory it is in')
    return os.path.abspath(file)


def check_programs(points):
    """A Problem when one that a point needs is not there."""
    for point in points:
        program_of(PATHS[point['axes']['path']], None)


def takes_source(path, source):
    return source_kind(source) in map(source_kind, path.sources)


def source_kind(source):
    return source.partition(':')[0]


def full_source(source):
    """As the engine names it."""
    return 'heap:system' if source == 'heap' else source


def same_source(asked, reported):
    """Whether a job took the memory that it was asked to take. Kinds with a
    device report its full name, which cannot be told from here.
    """
    if reported is None or source_kind(asked) != source_kind(reported):
        return False
    return source_kind(asked) not in ('heap', 'udmabuf', 'memory') or \
        full_source(asked) == full_source(reported)
