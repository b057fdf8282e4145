# SPDX-License-Identifier: GPL-2.0-only
"""The Runner of this machine."""

import glob
import json
import os

from bench.plan import paths, point as plan_point
from bench.results import directory
from bench.units import count
from vm.problem import Problem
from . import drive, environment, fio, hardware, trace
from .fio_json import left_out, total_ios
from .measurement import check_report, figures_of, is_compared, job_text, \
    patience
from .options import find_fio, plugin_file
from .record import clear
from .runner import PREPARING, Failed, Outcome, Runner

# The remedy for reports that are not those of this version's engine
OWN_PLUGIN = 'use the plugin of this fio-dmabuf'


def make_runner(options, plan, points, drives, filename):
    """Raises a Problem if something is missing or a drive must not be written
    to. filename: fio's, for points that name no drives.
    """
    program, plugin = find_fio(options), plugin_file(options)
    fio.version(program)
    counter = trace.Counter(trace.kinds_of(options.trace))
    if plugin and not os.path.isfile(plugin):
        raise Problem(f'{plugin}: no such file; build the plugin, or give it '
                      'with --plugin')
    paths.check_programs(points)
    is_new = not directory.is_results(options.output)
    drive.check_drives(drives, plan.writes(points), options.destroy,
                       has_size=any(option.startswith('size=')
                                    for option in plan.fio),
                       own=[] if is_new else drives)
    engine = any(paths.is_engine(paths.PATHS[point['axes']['path']])
                 for point in points)
    return LocalRunner(options.output, drives, plan, program, plugin, filename,
                       counter, engine)


class LocalRunner(Runner):
    """counter: that of --trace; engine: whether the plugin is needed."""

    def __init__(self, output, drives, plan, program, plugin, filename,
                 counter, engine):
        super().__init__(os.path.abspath(output), [(output, None)], drives)
        self.plan, self.program, self.plugin = plan, program, plugin
        self.filename, self.counter = filename, counter
        self.engine, self.trace = engine, counter.kinds
        self.boot = environment.boot_id()

    def environment(self, path, host_name):
        version = self.plugin_version(path) if self.engine else None
        return environment.collect(self.drives, self.program, self.plugin,
                                   version)

    def prepare(self, records, name, options, tick):
        path = records[0].path
        job = directory.write_text(path, name + '.fio',
                                   fio.job_file(name, options))
        answer = fio.run(self.program, job, os.path.join(path, name),
                         PREPARING, self.locks,
                         lambda pid: tick(fio.written_by(pid)))
        why = fio.failure(answer)
        if why:
            raise Failed(why)
        directory.write_text(path, name + '.json', answer.text)

    def is_file(self, drive):
        return not hardware.device_number(drive)

    def size(self, drive):
        return hardware.size_of('/', drive)

    def measure(self, point, stem, tick):
        record = self.records[0]
        base = os.path.join(record.path, stem)
        path = paths.PATHS[point['axes']['path']]
        job = directory.write_text(
            record.path, f'{point["name"]}/job.fio',
            job_text(point, self.plugin, self.filename, base + '.report'))
        with self.counter as counter:
            answer = fio.run(paths.program_of(path, self.program), job, base,
                             self.plan.runtime + self.plan.ramp, self.locks,
                             tick, patience(self.plan, point['axes']))
        record.log(stem, answer.lines)
        why = fio.failure(answer)
        if why:
            raise Failed(why)
        measured = check_reports(base, path, point)
        figures = figures_of(answer.result, self.plan.runtime)
        figures.update(counter.result(total_ios(answer.result)))
        return [Outcome(answer.text, figures, measured,
                        left_out(answer.result))]

    def lost(self):
        """An OSError if the directory is full."""
        check_room(self.output)
        for name in self.drives:
            why = drive.why_unusable(name)
            if why:
                return f'{name}: {why}; reconnect it'
        return None

    def plugin_version(self, path):
        """The version of the plugin. Loads it into fio, which reads a small
        file once; a Problem says why it cannot be used.
        """
        base = os.path.join(path, 'probe')
        data = base + '.data'
        engine = f'external:{self.plugin}' if self.plugin else 'dmabuf'
        options = [f'ioengine={engine}', 'dmabuf_path=host', 'rw=read',
                   'bs=4k', 'size=4k',
                   f'filename={plan_point.filename([data])}',
                   f'dmabuf_report={base}.report']
        try:
            with open(data, 'wb') as f:
                f.write(bytes(4096))
            job = directory.write_text(path, 'probe.fio',
                                       fio.job_file('probe', options))
            answer = fio.run(self.program, job, base, 1, self.locks)
            why = fio.failure(answer)
            if why:
                remedy = '' if self.plugin else \
                    '; install fio-dmabuf, or give --plugin FILE'
                raise Problem(f'{self.plugin or "ioengine=dmabuf"}: cannot be '
                              f'used: {why}{remedy}')
            return read_report(base + '.report')['fio_dmabuf']
        except Failed as error:
            raise Problem(str(error))
        finally:
            clear(base)


def check_room(path):
    """Raises an OSError if the directory is full."""
    file = os.path.join(path, 'probe')
    try:
        with open(file, 'wb') as f:
            f.write(bytes(1 << 16))
            f.flush()
            os.fsync(f.fileno())
    finally:
        if os.path.exists(file):
            os.unlink(file)


# ---- what the engine reports ----

def check_reports(base, path, point):
    """What the engine reports to have measured: path, family, source, and
    whether data was compared; Failed if the point asks for something else.
    None for other engines.
    """
    axes = point['axes']
    if not paths.is_engine(path):
        return None
    files = report_files(base)
    if len(files) != axes['numjobs']:
        raise Failed(f'dmabuf: {count(len(files), "report")} of '
                     f'{count(axes["numjobs"], "job")}; {OWN_PLUGIN}')
    reports = [read_report(file) for file in files]
    for report in reports:
        check_report(report, path, axes)
    return {'path': reports[0]['path'],
            'family': reports[0]['interface_family'],
            'source': reports[0]['source'],
            'compared': is_compared(point, all(
                report.get('warmup_reads') for report in reports))}


def report_files(base):
    """BASE.report, or BASE.1.report and so on for several jobs."""
    return sorted(glob.glob(glob.escape(base) + '.report') +
                  glob.glob(glob.escape(base) + '.[0-9]*.report'))


def read_report(file):
    try:
        with open(file, encoding='utf-8') as f:
            report = json.load(f)
        if {'path', 'source', 'interface_family', 'place'} <= report.keys():
            return report
    except (ValueError, AttributeError):
        pass
    raise Failed(f'{file}: cut off or not a report; {OWN_PLUGIN}')
