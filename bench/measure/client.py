# SPDX-License-Identifier: GPL-2.0-only
"""run --client: fio servers on other machines do the running, all at the same
time, and each gets a directory of results of its own. What this machine
cannot see of them is not known, and said to be so.
"""

import contextlib
import functools
import os
import re
import time

from bench.plan import paths
from bench.results import directory
from vm.problem import Interrupted, Problem, note, reason
from . import fio, measure, options as settings, precondition, rounds, \
    session
from .fio_json import metrics
from .progress import Progress
from .server import address, ask, environment, failure, parse, part

# What the engine says at the end of a job: its path, with the interface of
# path direct, source and place.
LINE = re.compile(
    r'dmabuf: (?P<name>\S+): path (?P<path>\w+)'
    r'(?: \(interface family (?P<family>[^,()]+(?:\([^()]*\))?)'
    r'(?:, (?:[^()]|\([^()]*\))*)?\))?'
    r'(?: \(plain requests[^)]*\))?, source (?P<source>[^ ,]+)'
    r'(?P<rest>.*)')


# ---- a run ----

def start(options, wanted, points, variables):
    """What run does, on the hosts of --client; the exit status."""
    if getattr(options, 'trace', None):
        raise Problem('--trace: the kernel of another machine cannot be '
                      'counted from here; leave it out, or run there')
    points = possible(points)
    names = session.drives_of(points, variables.get('DRIVE'))
    permit(options, names, session.writes(wanted, points))
    program = settings.fio_of(options)
    hosts = [each._replace(facts=ask(program, each))
             for each in parse(options.client)]
    plugin = options.plugin or os.environ.get('FIO_DMABUF_MODULE')
    uses = any(paths.is_engine(paths.PATHS[each['axes']['path']])
               for each in points)
    with contextlib.ExitStack() as stack:
        ready = []
        for host in hosts:
            path = os.path.join(os.path.abspath(options.output), host.folder)
            directory.make(path)
            lock = stack.enter_context(directory.locked(path))
            setup = measure.Setup(
                path=path, plan=wanted, fio=program, plugin=plugin,
                keep=(lock,), drives=variables.get('DRIVE'), boot=None)
            header = session.open_directory(
                setup, session.header_of(wanted, host.name), points,
                environment(host, names, (plugin or 'dmabuf') if uses
                            else None))
            # one order for all
            wanted = wanted._replace(seed=header['seed'])
            ready.append(host._replace(setup=setup, header=header))
        return go(ready, names, points)


def possible(points):
    """A fio server runs fio and no other program."""
    kept = [each for each in points
            if not paths.PATHS[each['axes']['path']].program]
    for name in sorted({each['axes']['path'] for each in points
                        if each not in kept}):
        note(f'path {name} is not measured by fio, and a server has nothing '
             'else: left out')
    if not kept:
        raise Problem('--client: no point is left; give another path')
    return kept


def permit(options, names, writes):
    """What is on a drive of another machine cannot be seen."""
    for name in options.destroy:
        if name not in names:
            raise Problem(f'--destroy {name}: the plan has no such drive; '
                          f'there are {" ".join(names)}')
    for name in names if writes else ():
        if name not in options.destroy:
            raise Problem(f'{name}: what is on it cannot be seen on another '
                          'machine, and the plan writes; give --destroy '
                          f'{name} if it is of no value on all of them')


def prepare(hosts, names):
    """The precondition, on those hosts that have not had it."""
    todo = [host for host in hosts if host.header.get('precondition') and
            not host.header['precondition']['done']]
    if not todo:
        return
    begin_time = time.time()
    for number, (what, options) in enumerate(
            precondition.jobs(todo[0].setup.plan, names), 1):
        note(f'precondition: {what}')
        name = f'precondition-{number}'
        for host, answer in together(todo, name, fio.job_file(name, options),
                                     precondition.LIMIT, None):
            why = failure(answer)
            if why:
                raise Problem(f'precondition: {what}: {host.name}: {why}')
            directory.write(host.setup.path, name + '.json', answer.text)
    for host in todo:
        state = host.header['precondition']
        state['seconds'] = round(time.time() - begin_time, 3)
        state['done'] = round(time.time(), 3)
        directory.write_json(host.setup.path, directory.HEADER, host.header)


class State:
    """What a run keeps while it goes on."""

    def __init__(self, hosts, points):
        self.hosts, self.failed = hosts, {}
        # a measurement is done when it is so on all hosts
        self.done = set.intersection(*(done(host) for host in hosts))
        self.seq = {host.name: len(index(host)) for host in hosts}
        plan = hosts[0].setup.plan
        self.progress = Progress(
            rounds.most(plan) * len(points) - len(self.done),
            rounds.seconds(plan))


def index(host):
    return directory.read_lines(os.path.join(host.setup.path,
                                             directory.INDEX))


def done(host):
    return {(line['point'], line['round'])
            for line in directory.counting(index(host))
            if not directory.damage(host.setup.path, line)}


def go(hosts, names, points):
    where = os.path.dirname(hosts[0].setup.path)
    try:
        prepare(hosts, names)
        state = State(hosts, points)
        try:
            measure_rounds(state, points)
        finally:
            state.progress.clear()
    except Interrupted:
        note(f'{where}: stopped; the same command goes on')
        raise
    except OSError as error:
        remedy = 'make room' if error.errno in session.NO_ROOM else \
            'mend that'
        raise Problem(f'{error.filename or where}: {reason(error)}; {remedy}, '
                      'and the same command goes on')
    if state.failed:
        raise Problem(f'{where}: {len(state.failed)} of {len(points)} points '
                      'could not be measured, see above; the same command '
                      'tries them again')
    return 0


def measure_rounds(state, points):
    """The order of the first host's directory is that of all."""
    plan, header = state.hosts[0].setup.plan, state.hosts[0].header
    most = rounds.most(plan)
    for number in range(1, most + 1):
        if plan.steady and all_steady(state, points, number - 1):
            return
        todo = [each for each in rounds.order(header['seed'], header['order'],
                                              number, points)
                if (each['name'], number) not in state.done and
                each['name'] not in state.failed]
        if todo:
            state.progress.round(number, most, len(todo))
        for each in todo:
            measure_one(state, each, number)
            state.progress.step()
    if plan.steady:
        all_steady(state, points, most)


def all_steady(state, points, last):
    return all([rounds.is_steady(host.setup, host.header, points, last)
                for host in state.hosts])


# ---- one measurement, on all hosts at once ----

def measure_one(state, each, number):
    state.progress.show(each['name'])
    stem = f'{each["name"]}/r{number:02}'
    start_time = round(time.time(), 3)
    line = {'round': number, 'point': each['name'], 'file': stem + '.json',
            'start': start_time, 'boot': None}
    try:
        measure_together(state, each, stem, line)
    except measure.Failed as error:
        look_around(state, error)
        state.failed[each['name']] = str(error)
        state.progress.say(f'{each["name"]}: {error}')
        for host in state.hosts:
            directory.append(host.setup.path, directory.FAILURES, {
                'round': number, 'point': each['name'],
                'reason': str(error), 'start': start_time, 'boot': None})


def append(state, host, line):
    directory.append(host.setup.path, directory.INDEX,
                     {'seq': state.seq[host.name] + 1} | line)
    state.seq[host.name] += 1


def look_around(state, error):
    """A host that is gone makes every other point fail as well."""
    for host in state.hosts:
        try:
            ask(host.setup.fio, host)
        except Problem as problem:
            raise Problem(f'{problem} ({error}); when it is back the same '
                          'command goes on')


def measure_together(state, each, stem, line):
    """What is measured is kept when all hosts have it."""
    hosts, plan = state.hosts, state.hosts[0].setup.plan
    job = measure.job_text(hosts[0].setup, each, None)
    for host in hosts:
        folder = os.path.join(host.setup.path, each['name'])
        os.makedirs(folder, exist_ok=True)
        measure.clear(os.path.join(host.setup.path, stem))
        directory.write(host.setup.path, f'{each["name"]}/job.fio', job)
    answers = together(hosts, each['name'], job, plan.runtime + plan.ramp,
                       state.progress.show)
    for host, answer in answers:
        measure.log(host.setup, stem, answer.lines)
    for host, answer in answers:
        why = failure(answer)
        if why:
            raise measure.Failed(f'{host.name}: {why}')
    measured = check_lines(answers, each)
    found = []
    for host, answer in answers:
        figures = metrics(answer.result)
        if not figures:
            raise measure.Failed(f'{host.name}: no I/O was done in the time '
                                 'of the measurement; give a longer runtime')
        found.append((host, answer, figures))
    for host, answer, figures in found:
        measure.keep(host.setup, stem, answer.text,
                     functools.partial(append, state, host),
                     line | {'metrics': figures, 'measured': measured})


def together(hosts, name, job, seconds, tick):
    """Runs one job file on all hosts; [(host, Answer)]."""
    setup = hosts[0].setup
    file = directory.write(setup.path, 'client.fio', job)
    arguments = []
    for host in hosts:
        arguments += [f'--client={address(host)}', file]
    try:
        answer = fio.run(setup.fio, arguments,
                         os.path.join(setup.path, 'client'), seconds,
                         setup.keep, tick)
    finally:
        os.unlink(file)
    return [(host, part(answer, host)) for host in hosts]


def check_lines(answers, each):
    """What the engine said on all hosts together, of the path that it used:
    its report is a file on the other machine. None for other engines.
    """
    axes = each['axes']
    path = paths.PATHS[axes['path']]
    if not paths.is_engine(path):
        return None
    lines = [found for found in map(LINE.search, answers[0][1].lines)
             if found and found['name'] == each['name']]
    if len(lines) != axes['numjobs'] * len(answers):
        raise measure.Failed(
            f'dmabuf: {len(lines)} lines at the end of '
            f'{axes["numjobs"] * len(answers)} jobs; are the plugins those '
            'of this fio-dmabuf?')
    for line in lines:
        place = re.search(r', slices placed: (\w+)', line['rest'])
        measure.check_report({'path': line['path'], 'source': line['source'],
                              'place': place[1] if place else 'packed'},
                             path, axes)
    return {key: lines[0][key] for key in ('path', 'family', 'source')}
