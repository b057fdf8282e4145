# SPDX-License-Identifier: GPL-2.0-only
"""One measurement: the job file of a point, fio, what the engine reports, and
the files of it in the directory of results.
"""

import glob
import json
import os
import time
from collections import namedtuple

from bench.plan import paths, point
from bench.results import directory
from vm.problem import Problem, held
from . import fio
from .fio_json import metrics, total_ios
from .trace import Counter

# What all measurements of a run have in common. path: the directory; drives:
# fio's filename where a point has none; plugin: its file, None for the one
# that is installed; keep: descriptors for fio; counter: that of
# --trace
Setup = namedtuple('Setup', 'path plan fio plugin drives keep boot counter',
                   defaults=(Counter(()),))


class Failed(Exception):
    """A point that could not be measured; the reason in one line."""


def job_text(setup, each, report):
    """The job file of a point, with the place where it runs."""
    options = []
    for option in each['job']:
        if option == 'ioengine=dmabuf' and setup.plugin:
            option = f'ioengine=external:{setup.plugin}'
        options.append(option)
    options.append(f'filename={each["axes"]["drives"] or setup.drives}')
    path = paths.PATHS[each['axes']['path']]
    if report and paths.is_engine(path):
        options.append(f'dmabuf_report={report}')
    return fio.job_file(each['name'], options)


def measure(setup, each, round_number, tick, record):
    """Measures a point and hands the line of the index, without seq, to
    record(). Failed when fio or the engine says so; then nothing but a log is
    left.
    """
    stem = f'{each["name"]}/r{round_number:02}'
    base = os.path.join(setup.path, stem)
    os.makedirs(os.path.dirname(base), exist_ok=True)
    clear(base)
    path = paths.PATHS[each['axes']['path']]
    job = directory.write(setup.path, f'{each["name"]}/job.fio',
                          job_text(setup, each, base + '.report'))
    start = time.time()
    try:
        with setup.counter as counter:
            answer = fio.run(paths.program(path, setup.fio), job, base,
                             setup.plan.runtime + setup.plan.ramp, setup.keep,
                             tick)
        log(setup, stem, answer.lines)
        why = fio.failure(answer)
        if why:
            raise Failed(why)
        measured = check_reports(base, path, each['axes'])
        figures = metrics(answer.result)
        if not figures:
            raise Failed('fio: no I/O was done in the time of the '
                         'measurement; give a longer runtime')
        figures.update(counter.result(total_ios(answer.result)))
    except BaseException:
        clear(base, but='.log')
        raise
    keep(setup, stem, answer.text, record, {
        'round': round_number, 'point': each['name'], 'file': stem + '.json',
        'start': round(start, 3), 'boot': setup.boot, 'metrics': figures,
        'measured': measured})


def keep(setup, stem, text, record, line):
    """The file and its line, or neither: no signal comes between them."""
    with held():
        try:
            file = directory.write(setup.path, stem + '.json', text)
            record(line | {'bytes': os.stat(file).st_size})
        except BaseException:
            clear(os.path.join(setup.path, stem), but='.log')
            raise


def clear(base, but=None):
    """Removes what an interrupted measurement has left."""
    for file in glob.glob(glob.escape(base) + '.*'):
        if not but or not file.endswith(but):
            os.unlink(file)


def log(setup, stem, lines):
    if lines:
        directory.write(setup.path, stem + '.log', '\n'.join(lines) + '\n')


def check_reports(base, path, axes):
    """What the engine says that it measured: path, family and source; Failed
    when that is not what the point asks for. None for other engines.
    """
    if not paths.is_engine(path):
        return None
    files = report_files(base)
    if len(files) != axes['numjobs']:
        raise Failed(f'dmabuf: {len(files)} reports of {axes["numjobs"]} '
                     'jobs; is the plugin the one of this fio-dmabuf?')
    reports = [read_report(file) for file in files]
    for report in reports:
        check_report(report, path, axes)
    return {'path': reports[0]['path'],
            'family': reports[0]['interface_family'],
            'source': reports[0]['source']}


def report_files(base):
    """BASE.report, or with several jobs BASE.1.report and so on."""
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
    raise Failed(f'{file}: cut off or no report; is the plugin the one of '
                 'this fio-dmabuf?')


def check_report(report, path, axes):
    place = (axes['place'] or 'packed').partition(':')[0]
    for what, asked, same in (
            ('path', path.name, report['path'] == path.name),
            ('source', axes['source'],
             paths.same_source(axes['source'], report['source'])),
            ('place', place, report['place'] == place)):
        if not same:
            raise Failed(f'dmabuf: {what} {report[what]} was measured where '
                         f'{asked} was asked for; the figures are not kept')


def plugin_version(setup):
    """Loads the plugin into fio with one read of a small file, and returns
    its version; a Problem tells why it cannot be used.
    """
    base = os.path.join(setup.path, 'probe')
    data = base + '.data'
    engine = f'external:{setup.plugin}' if setup.plugin else 'dmabuf'
    try:
        with open(data, 'wb') as f:
            f.write(bytes(4096))
        job = directory.write(setup.path, 'probe.fio', fio.job_file('probe', [
            f'ioengine={engine}', 'dmabuf_path=host', 'rw=read', 'bs=4k',
            'size=4k', f'filename={point.filename([data])}',
            f'dmabuf_report={base}.report']))
        answer = fio.run(setup.fio, job, base, 1, setup.keep)
        why = fio.failure(answer)
        if why:
            remedy = '' if setup.plugin else \
                '; install fio-dmabuf, or give --plugin FILE'
            raise Problem(f'{setup.plugin or "ioengine=dmabuf"}: cannot be '
                          f'used: {why}{remedy}')
        return read_report(base + '.report')['fio_dmabuf']
    except Failed as error:
        raise Problem(str(error))
    finally:
        clear(base)
