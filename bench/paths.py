# SPDX-License-Identifier: GPL-2.0-only
"""The table of paths: what a job of each is to fio. A path is a row here and
nothing anywhere else.
"""

from collections import namedtuple

DEVICES = ('heap', 'udmabuf', 'drm', 'vfio', 'cuda', 'hip', 'fd')

# name      as in a plan, and in the axis "path"
# help      one line: what it is
# options   fio options of the job, or a function of the axes that gives them
# sources   kinds of dmabuf_source that it takes, the default, in full, first;
#           none: it is no path of the engine
# places    whether dmabuf_place applies
# program   None for fio; else a program of this package that takes the same
#           job file and prints the same JSON
Path = namedtuple('Path', 'name help options sources places program',
                  defaults=((), False, None))


def engine(name):
    return ['ioengine=dmabuf', f'dmabuf_path={name}', 'direct=1']


TABLE = (
    Path('host', 'ordinary fixed buffers, no dma-buf', engine('host'),
         ('memory', 'p2pmem')),
    Path('staged', 'ordinary fixed buffers and a copy by the CPU to or from '
         'the dma-buf', engine('staged'), ('heap:system',) + DEVICES, True),
    Path('pinned', 'the memory behind a udmabuf as ordinary fixed buffers',
         engine('pinned'), ('udmabuf',), True),
    Path('direct', 'the dma-buf, registered for the drive', engine('direct'),
         ('heap:system',) + DEVICES, True),
)

PATHS = {path.name: path for path in TABLE}


def options(path, axes):
    """The fio options of a job of this path."""
    given = path.options
    return list(given(axes) if callable(given) else given)


def is_engine(path):
    """Whether the engine of this project does the work, and reports it."""
    return bool(path.sources)


def takes(path, source):
    return kind(source) in map(kind, path.sources)


def kind(source):
    return source.partition(':')[0]


def full(source):
    """As the engine names it."""
    return 'heap:system' if source == 'heap' else source


def same_source(asked, reported):
    """Whether a job took the memory that it was asked to take. Kinds with a
    device report its full name, which cannot be told from here.
    """
    if reported is None or kind(asked) != kind(reported):
        return False
    return kind(asked) not in ('heap', 'udmabuf', 'memory') or \
        full(asked) == full(reported)
