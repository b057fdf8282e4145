# SPDX-License-Identifier: GPL-2.0-only
"""The layout: fio writes files that are smaller than size= says before a job
reads them. That may take long, and so it is done before the first measurement,
by fio itself.
"""

import os

from bench.plan.point import ONLY_WRITES, drive_names, filename
from bench.units import parse_size, show_size
from vm.problem import Problem
from .progress import Work
from .runner import Failed

# Options that decide what fio lays out, and with what contents
OPTIONS = ('size', 'filesize', 'offset', 'offset_increment', 'io_size',
           'nrfiles', 'overwrite', 'fallocate', 'create_on_open',
           'file_append', 'randrepeat', 'randseed', 'refill_buffers',
           'zero_buffers', 'scramble_buffers', 'buffer_pattern',
           'buffer_compress_percentage', 'buffer_compress_chunk',
           'dedupe_percentage')


def lay_out_files(runner, points):
    """Returns whether any file was written."""
    done = []
    for point in points:
        names = drive_names(point['axes']['drives'] or runner.filename)
        job = layout_options(point)
        if job and (names, job) not in done:
            done.append((names, job))
    return any([lay_out(runner, number, names, job)
                for number, (names, job) in enumerate(done, 1)])


def layout_options(point):
    """The options of a point's job that matter; None if fio lays out nothing
    for it.
    """
    given = [option for option in point['job']
             if option.partition('=')[0] in OPTIONS]
    values = values_of(given)
    if not {'size', 'filesize'} & values.keys() or \
            point['axes']['rw'] in ONLY_WRITES and 'overwrite' not in values:
        return None
    return given + ([f'numjobs={point["axes"]["numjobs"]}']
                    if 'offset_increment' in values else [])


def values_of(options):
    return {key: value for key, _, value in
            (option.partition('=') for option in options)}


def bytes_of_file(values, files):
    """How large fio makes each of so many files; None if it is not an absolute
    size, for which a file has to exist.
    """
    def size(name):
        return parse_size(values[name]) if name in values else 0
    try:
        if 'filesize' in values:
            return size('filesize')
        jobs = int(values.get('numjobs', 1))
        return size('size') // files + size('offset') + \
            (jobs - 1) * size('offset_increment')
    except ValueError:
        return None


def lay_out(runner, number, names, job):
    """Runs one job; returns whether there was something to write."""
    files = [name for name in names if runner.is_file(name)]
    wanted = bytes_of_file(values_of(job), len(names))
    if not files or wanted is None:
        return False
    before = {name: runner.size(name) for name in files}
    missing = sum(max(0, wanted - (size or 0)) for size in before.values())
    if not missing:
        return False
    words = f'layout of {" ".join(files)}, {show_size(wanted)} each'
    work = Work(words, missing)
    try:
        runner.prepare(runner.records, f'layout-{number}', [
            'ioengine=psync', 'create_only=1', 'rw=read', 'bs=4k',
            f'filename={filename(names)}'] + job, work.tick)
    except BaseException as error:
        # fio takes a file of this size for one that it has laid out
        if runner.is_here:
            undo(before)
        if isinstance(error, Failed):
            raise Problem(f'{words}: {error}')
        raise
    finally:
        work.clear()
    return True


def undo(before):
    """Makes files as large as they were. before: {name: bytes or None}."""
    for name, size in before.items():
        if not os.path.exists(name):
            continue
        if size is None:
            os.unlink(name)
        elif os.stat(name).st_size > size:
            os.truncate(name, size)
