# SPDX-License-Identifier: GPL-2.0-only
"""The Runner of run --client: fio servers on other machines run the jobs, all
at the same time, and each gets its own directory of results. What this machine
cannot see of them is recorded as not known.
"""

import os
import re

from bench.plan import paths
from bench.results import directory
from bench.units import count
from vm.problem import Problem, note
from . import fio, server
from .drive import check_names
from .fio_json import left_out
from .measurement import check_report, figures_of, is_compared, job_text, \
    patience
from .options import find_fio
from .runner import PREPARING, Failed, Outcome, Runner

# The engine's line at the end of a job: its path, with the interface of path
# direct, its source and its place
LINE = re.compile(
    r'dmabuf: (?P<name>\S+): path (?P<path>\w+)'
    r'(?: \(interface family (?P<family>[^,()]+(?:\([^()]*\))?)'
    r'(?:, (?:[^()]|\([^()]*\))*)?\))?'
    r'(?: \(plain requests[^)]*\))?, source (?P<source>[^ ,]+)'
    r'(?P<rest>.*)')


def make_runner(options, plan, points, drives, filename):
    """Raises a Problem if a server cannot be used or a drive must not be
    written to. filename: fio's, for points that name no drives.
    """
    check_destroy(options, drives, plan.writes(points))
    program = find_fio(options)
    hosts = [host._replace(facts=server.ask_server(program, host))
             for host in server.parse_hosts(options.client)]
    plugin = options.plugin or os.environ.get('FIO_DMABUF_MODULE')
    engine = any(paths.is_engine(paths.PATHS[point['axes']['path']])
                 for point in points)
    return ClientRunner(options.output, drives, plan, program, plugin,
                        filename, hosts, engine)


def leave_out_programs(options, points):
    """The points that fio servers can measure: a server runs fio and no other
    program.
    """
    if getattr(options, 'trace', None):
        raise Problem('--trace: events of another machine\'s kernel cannot be '
                      'counted from here; leave it out, or run there')
    kept = [point for point in points
            if not paths.PATHS[point['axes']['path']].program]
    for name in sorted({point['axes']['path'] for point in points
                        if point not in kept}):
        note(f'path {name}: not measured by fio, and a server runs nothing '
             'else; left out')
    if not kept:
        raise Problem('--client: no points left; give another path')
    return kept


def check_destroy(options, names, writes):
    """The contents of a drive of another machine cannot be checked."""
    check_names(options.destroy, names)
    for name in names if writes else ():
        if name not in options.destroy:
            raise Problem(f'{name}: the plan writes to it, and its contents '
                          'on another machine cannot be checked; give '
                          f'--destroy {name} if it may be overwritten on all '
                          'of them')


class ClientRunner(Runner):
    """hosts: the servers, in the order of records; engine: whether the plugin
    is needed.
    """

    is_here = False

    def __init__(self, output, drives, plan, program, plugin, filename, hosts,
                 engine):
        output = os.path.abspath(output)
        super().__init__(output, [(os.path.join(output, host.folder),
                                   host.name) for host in hosts], drives)
        self.plan, self.program, self.plugin = plan, program, plugin
        self.filename, self.hosts, self.engine = filename, hosts, engine

    def environment(self, path, host_name):
        host, = [host for host in self.hosts if host.name == host_name]
        return server.server_environment(host, self.drives, (
            self.plugin or 'dmabuf') if self.engine else None)

    def prepare(self, records, name, options, tick):
        for record, host, answer in self.together(
                records, fio.job_file(name, options), PREPARING,
                lambda _: tick(None)):
            why = server.part_failure(answer)
            if why:
                raise Failed(f'{host.name}: {why}')
            directory.write_text(record.path, name + '.json', answer.text)

    def is_file(self, drive):
        return not drive.startswith('/dev/')

    def size(self, drive):
        return None

    def measure(self, point, stem, tick):
        job = job_text(point, self.plugin, self.filename, None)
        for record in self.records:
            directory.write_text(record.path, f'{point["name"]}/job.fio', job)
        answers = self.together(self.records, job,
                                self.plan.runtime + self.plan.ramp, tick,
                                patience(self.plan, point['axes']))
        for record, _, answer in answers:
            record.log(stem, answer.lines)
        for _, host, answer in answers:
            why = server.part_failure(answer)
            if why:
                raise Failed(f'{host.name}: {why}')
        # the lines of all hosts are in each answer
        measured = check_lines(answers[0][2].lines, len(answers), point)
        return [Outcome(answer.text, figures_of(
            answer.result, self.plan.runtime, host.name), measured,
            left_out(answer.result)) for _, host, answer in answers]

    def together(self, records, job, seconds, tick=None, patience=None):
        """Runs one job file on the hosts of some records, all at the same
        time; [(record, host, Answer)].
        """
        pairs = [(record, host) for record, host in
                 zip(self.records, self.hosts) if record in records]
        file = directory.write_text(records[0].path, 'client.fio', job)
        arguments = []
        for _, host in pairs:
            arguments += [f'--client={server.client_address(host)}', file]
        try:
            answer = fio.run(self.program, arguments,
                             os.path.join(records[0].path, 'client'), seconds,
                             self.locks, tick, patience)
        finally:
            os.unlink(file)
        return [(record, host, server.part_of(answer, host))
                for record, host in pairs]

    def lost(self):
        """A host that does not answer."""
        for host in self.hosts:
            try:
                server.ask_server(self.program, host)
            except Problem as problem:
                return str(problem)
        return None


def check_lines(lines, hosts, point):
    """What the engine measured, from its lines of all hosts together: its
    report is a file on the other machine. None for other engines.
    """
    axes = point['axes']
    path = paths.PATHS[axes['path']]
    if not paths.is_engine(path):
        return None
    matches = [match for match in map(LINE.search, lines)
               if match and match['name'] == point['name']]
    jobs = axes['numjobs'] * hosts
    if len(matches) != jobs:
        raise Failed(f'dmabuf: {count(len(matches), "summary line")} of '
                     f'{count(jobs, "job")}; install the plugin of this '
                     'fio-dmabuf on all hosts')
    for match in matches:
        place = re.search(r', slices placed: (\w+)', match['rest'])
        check_report({'path': match['path'], 'source': match['source'],
                      'place': place[1] if place else 'packed'}, path, axes)
    warmed_up = not any('data not compared' in match['rest']
                        for match in matches)
    return {key: matches[0][key] for key in ('path', 'family', 'source')} | {
        'compared': is_compared(point, warmed_up)}
