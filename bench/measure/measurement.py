# SPDX-License-Identifier: GPL-2.0-only
"""One measurement: the job file of a point, the figures in fio's answer, the
check of the engine's report, and the line in the index.
"""

import time

from bench.plan import paths
from bench.plan.cautions import warms_up
from bench.plan.job import is_on, options_of
from bench.units import parse_size
from . import fio
from .fio_json import metrics, work_time
from .runner import Failed

# How much of its runtime a job may be short of
SHORT = 0.1


# Bytes per second: the slowest that a job fills its memory, or writes it out
SLOWEST = 16 << 20


def patience(plan, axes):
    """The seconds that the job of a point may take beyond its time: the more
    processes and memory it has, the longer it starts and ends.
    """
    if plan.patience:
        return plan.patience
    size = (axes['place'] or '').partition(':')[2]
    memory = max(axes['bs'] * axes['iodepth'],
                 parse_size(size) if size else 0)
    return fio.PATIENCE + axes['numjobs'] + \
        axes['numjobs'] * memory // SLOWEST


def job_text(point, plugin, drives, report):
    """The job file of a point on this machine. plugin: its file, None for the
    installed one; drives: fio's filename for a point that names no drives;
    report: the file for the engine's report, or None.
    """
    options = []
    for option in point['job']:
        if option == 'ioengine=dmabuf' and plugin:
            option = f'ioengine=external:{plugin}'
        options.append(option)
    options.append(f'filename={point["axes"]["drives"] or drives}')
    path = paths.PATHS[point['axes']['path']]
    if report and paths.is_engine(path):
        options.append(f'dmabuf_report={report}')
    return fio.job_file(point['name'], options)


def stem_of(name, round_number):
    """The files of a measurement in a directory of results, without suffix."""
    return f'{name}/r{round_number:02}'


def round_of(stem):
    return int(stem.rpartition('/r')[2])


def measure(runner, point, round_number, tick):
    """Measures a point once for all records of a runner; returns an Outcome, or
    a Failed, for each. After Failed only a log is left.
    """
    stem = stem_of(point['name'], round_number)
    for record in runner.records:
        record.prepare(stem)
    start = round(time.time(), 3)
    try:
        outcomes = runner.measure(point, stem, tick)
    except BaseException:
        for record in runner.records:
            record.discard(stem)
        raise
    for record, outcome in zip(runner.records, outcomes):
        if isinstance(outcome, Failed):
            record.discard(stem)
            continue
        record.add(stem, outcome.json, {
            'round': round_number, 'point': point['name'],
            'file': stem + '.json', 'start': outcome.start or start,
            'boot': record.boot, 'metrics': outcome.metrics,
            'measured': outcome.measured} |
            ({'left_out': outcome.left_out} if outcome.left_out else {}))
    return outcomes


def figures_of(result, runtime, speaker='fio'):
    """The metrics in fio's JSON; Failed if a job did not work for its runtime.
    speaker: what an error begins with.
    """
    worked, asked = work_time(result)
    if worked < asked - SHORT * runtime:
        raise Failed(f'{speaker}: its jobs worked for {worked:.1f} s of '
                     f'{asked} s, so that one was killed or ended early; see '
                     'the kernel log for the cause')
    figures = metrics(result)
    if not figures:
        raise Failed(f'{speaker}: no I/O completed within the runtime; give a '
                     'longer one')
    return figures


def check_report(report, path, axes):
    """Failed if the engine did not measure what the point asks for."""
    place = (axes['place'] or 'packed').partition(':')[0]
    for what, asked, same in (
            ('path', path.name, report['path'] == path.name),
            ('source', axes['source'],
             paths.same_source(axes['source'], report['source'])),
            ('place', place, report['place'] == place)):
        if not same:
            raise Failed(f'dmabuf: {what} {report[what]} was measured instead '
                         f'of {asked}; the figures are discarded')


def is_compared(point, warmed_up):
    """Whether anything looked at the data that the drive moved: the engine's
    warm-up, or fio. None for paths that have no warm-up.
    """
    options = options_of(point['job'])
    if not warms_up(options):
        return None
    return warmed_up or is_on(options, 'verify')
