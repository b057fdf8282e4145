# SPDX-License-Identifier: GPL-2.0-only
"""The table of paths: the fio options of each. A path is a row here and
nothing anywhere else.
"""

import os
import shutil
from collections import namedtuple

from vm.problem import Problem

DEVICES = ('heap', 'udmabuf', 'drm', 'vfio', 'cuda', 'hip', 'fd')

# The environment variable that names the directory of this package's programs
PROGRAMS = 'FIO_DMABUF_PROGRAMS'

# name      its value on the axis "path"
# help      what it is, in one line
# copies    how often a CPU copies a byte between the drive and the job's
#           buffer: a fact of the method, see doc/read-the-ladder.md
# options   fio options of the job, or a function of the axes that returns them
# sources   kinds of dmabuf_source that it takes, the default (in full) first;
#           empty if the path is not one of the engine
# places    whether dmabuf_place applies
# program   None for fio, or a program of this package that takes the same job
#           file and prints the same JSON
# refuses   None, or a function of the axes that returns why it cannot do them
Path = namedtuple('Path', 'name help copies options sources places program '
                  'refuses', defaults=((), False, None, None))

# A block that is read a second time would come from memory. So the kernel's
# cached pages of the drive are dropped first, each block is read once, and the
# job ends early when it has read all of them. Writes would end in memory.
CACHED = ['direct=0', 'invalidate=1', 'time_based=0', 'norandommap=0']
READS = ('read', 'randread')


def one_at_a_time(axes):
    if axes['iodepth'] != 1:
        return 'does one I/O at a time (give iodepth = 1)'
    return None


def page_cache(axes):
    """Why a path through the page cache cannot do these axes, or None."""
    if axes['rw'] not in READS:
        return 'only reads (a write would end in the page cache)'
    if axes['numjobs'] != 1:
        return ('runs one job (a second one would find its blocks in the page '
                'cache)')
    return one_at_a_time(axes)


def sendfile(axes):
    if ':' in (axes['drives'] or '').replace('\\:', ''):
        return 'reads only one drive'
    return page_cache(axes)


def engine(name):
    return ['ioengine=dmabuf', f'dmabuf_path={name}', 'direct=1']


TABLE = (
    Path('buffered', 'pread() through the page cache', 1,
         ['ioengine=psync'] + CACHED, refuses=page_cache),
    Path('mmap', 'a mapping of the drive, from which the job copies', 1,
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
    """Whether this project's engine runs the jobs and reports on them."""
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
                      f'path {path.name}; run make, or set {PROGRAMS} to its '
                      'directory')
    return os.path.abspath(file)


def check_programs(points):
    """Raises a Problem if a program that a point needs is missing."""
    for point in points:
        program_of(PATHS[point['axes']['path']], None)


def takes_source(path, source):
    return source_kind(source) in map(source_kind, path.sources)


def source_kind(source):
    return source.partition(':')[0]


def full_source(source):
    """The name by which the engine reports it."""
    return 'heap:system' if source == 'heap' else source


def same_source(asked, reported):
    """Whether a job used the memory that it was asked to use. Kinds that have
    a device report its full name, which is not known here.
    """
    if reported is None or source_kind(asked) != source_kind(reported):
        return False
    return source_kind(asked) not in ('heap', 'udmabuf', 'memory') or \
        full_source(asked) == full_source(reported)
