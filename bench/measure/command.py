# SPDX-License-Identifier: GPL-2.0-only
"""run: measures the points of a plan over its rounds, each round in another
order, into a directory that can be continued.
"""

import errno
import os
import secrets
import shutil
import time

from bench.plan import paths, plan, point
from bench.results import directory
from bench.units import show_time
from vm.problem import Interrupted, Problem, note, reason
from . import blocks, drive, environment, fio, measure, precondition, \
    resume, rounds, trace

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def add(parser):
    argument = parser.add_argument
    argument('plan', nargs='?', metavar='PLAN',
             help='a plan file, or the name of one that comes along')
    argument('-o', '--output', metavar='DIR',
             help='the directory of results; one that is there is continued')
    argument('--list', action='store_true', help='list the plans that come '
             'along')
    argument('--dry-run', action='store_true', help='print the points, their '
             'jobs and the time they take, and run nothing')
    argument('--drive', action='append', default=[], metavar='DEVICE',
             help='a drive or file, ${DRIVE} in a plan; may be given several '
             'times: ${DRIVE1} and so on')
    argument('--destroy', action='append', default=[], metavar='DRIVE',
             help='write to this drive whatever is on it; by the name that '
             'the plan or --drive has for it')
    argument('--client', metavar='HOST[,HOST...]', help='fio servers on '
             'these machines do the running; a directory for each in DIR')
    argument('--rounds', type=int, metavar='N', help='instead of the plan\'s')
    argument('--runtime', metavar='TIME', help='instead of the plan\'s')
    argument('--seed', type=int, metavar='N', help='of the random order; '
             'default: a new one')
    argument('--trace', metavar='LIST', help='count events of the kernel '
             'during each point: iommu (mappings), syscalls, or both with a '
             'comma; without ramp')
    argument('--fio', metavar='FILE', help='the fio to run; default: FIO in '
             'the environment, or that in PATH')
    argument('--plugin', metavar='FILE', help='the plugin of fio-dmabuf; '
             'default: FIO_DMABUF_MODULE, or the one that is installed')


def main(options):
    if options.list:
        return list_plans()
    if not options.plan:
        raise Problem('run: no plan; give a file or one of '
                      f'{" ".join(plan.shipped())}')
    variables = drive_variables(options)
    wanted = override(options, plan.load(options.plan, variables))
    points, left_out = point.points(wanted)
    if not options.client:
        points, too_small = blocks.leave_out(points, variables.get('DRIVE'))
        left_out += too_small
    for line in left_out:
        note(line)
    if options.dry_run:
        return dry_run(options, wanted, points, variables)
    if not options.output:
        raise Problem('run: no directory; give -o DIR')
    if options.client:
        from . import client
        return client.start(options, wanted, points, variables)
    return run(options, wanted, points, variables)


def list_plans():
    for name in plan.shipped():
        each = plan.load(name, None)
        points, _ = point.points(each)
        print(f'{name:<10}{each.description}; {time_of(each, points)}')
    return 0


def time_of(wanted, points):
    seconds = len(points) * rounds.most(wanted) * rounds.seconds(wanted)
    return ('at most ' if wanted.steady else 'about ') + show_time(seconds)


def drive_variables(options):
    """The environment, with ${DRIVE}, ${DRIVE1}, ... from --drive."""
    drives = [point.filename([each]) for each in options.drive]
    numbered = {f'DRIVE{n}': each for n, each in enumerate(drives, 1)}
    together = {'DRIVE': ':'.join(drives)} if drives else {}
    return os.environ | numbered | together


def override(options, wanted):
    changes = {}
    if options.rounds is not None:
        changes['rounds'] = options.rounds
    if options.seed is not None:
        changes['seed'] = options.seed
    if options.trace:
        # a count includes the I/Os of a ramp, which fio leaves out
        changes['ramp'] = 0
    try:
        if options.runtime is not None:
            changes['runtime'] = plan.positive_time(options.runtime)
    except ValueError as error:
        raise Problem(f'--runtime: {error}')
    if changes.get('rounds', 1) < 1:
        raise Problem(f'--rounds: {options.rounds} measures nothing; give at '
                      'least 1')
    if wanted.steady and options.rounds:
        changes['steady'] = wanted.steady._replace(most=options.rounds)
    return wanted._replace(**changes)


def dry_run(options, wanted, points, variables):
    setup = measure.Setup(path=options.output or 'DIR', plan=wanted, fio='fio',
                          plugin=plugin_of(options), keep=(), boot=None,
                          drives=variables.get('DRIVE', '${DRIVE}'))
    for each in points:
        print(measure.job_text(
            setup, each, f'{setup.path}/{each["name"]}/r01.report'))
    print(f'# {len(points)} points, {rounds.most(wanted)} rounds, '
          f'{time_of(wanted, points)}; ' +
          ('WRITES to the drive' if writes(wanted, points) else 'only reads'))
    return 0


def plugin_of(options):
    plugin = options.plugin or os.environ.get('FIO_DMABUF_MODULE')
    return os.path.abspath(plugin) if plugin else None


def fio_of(options):
    name = options.fio or os.environ.get('FIO') or 'fio'
    file = shutil.which(name)
    if not file:
        raise Problem(f'{name}: not found; install fio, or name it with '
                      '--fio')
    return os.path.abspath(file)


def drives_of(points, default):
    """The names of all drives, in the order of the plan."""
    names = []
    for each in points:
        text = each['axes']['drives'] or default
        if not text:
            raise Problem('run: no drive; give --drive DEVICE')
        names += [name for name in point.drive_names(text)
                  if name not in names]
    return names


def writes(wanted, points):
    return bool(wanted.precondition.steps) or any(
        each['axes']['rw'] in point.WRITES for each in points)


def run(options, wanted, points, variables):
    names = drives_of(points, variables.get('DRIVE'))
    program, plugin = fio_of(options), plugin_of(options)
    fio.version(program)
    counter = trace.Counter(trace.kinds_of(options.trace))
    if plugin and not os.path.isfile(plugin):
        raise Problem(f'{plugin}: no such file; build the plugin, or name it '
                      'with --plugin')
    paths.check_programs(points)
    is_new = not directory.is_results(options.output)
    drive.check(names, writes(wanted, points), options.destroy,
                has_size=any(each.startswith('size=') for each in wanted.fio),
                own=[] if is_new else names)
    directory.make(options.output)
    with directory.locked(options.output) as lock:
        setup = measure.Setup(
            path=os.path.abspath(options.output), plan=wanted, fio=program,
            plugin=plugin, drives=variables.get('DRIVE'), keep=(lock,),
            boot=environment.boot(), counter=counter)
        return run_locked(setup, points, names)


def run_locked(setup, points, names):
    try:
        header = begin(setup, points, names)
        precondition.run(setup, header, names)
        return rounds.run(setup, header, points, names)
    except Interrupted:
        note(f'{setup.path}: stopped with {directory.measured(setup.path)} of '
             f'{rounds.most(setup.plan) * len(points)} measurements; the same '
             'command goes on')
        raise
    except OSError as error:
        remedy = 'make room' if error.errno in NO_ROOM else 'mend that'
        raise Problem(f'{error.filename or setup.path}: {reason(error)}; '
                      f'{remedy}, and the same command goes on')
    finally:
        if not os.listdir(setup.path):
            os.rmdir(setup.path)


def begin(setup, points, names):
    """The header of the directory, which is made, or continued when it is of
    the same plan on the same system.
    """
    engine = any(paths.is_engine(paths.PATHS[each['axes']['path']])
                 for each in points)
    version = measure.plugin_version(setup) if engine else None
    found = environment.collect(names, setup.fio, setup.plugin, version)
    header = header_of(setup.plan, trace=setup.counter.kinds)
    return open_directory(setup, header, points, found)


def header_of(wanted, host=None, trace=None):
    """trace: what is counted in the kernel, see run --trace."""
    return {'plan': wanted.name, 'rounds': rounds.most(wanted),
            'runtime': wanted.runtime, 'ramp': wanted.ramp,
            'seed': wanted.seed, 'order': wanted.order,
            'created': round(time.time(), 3), 'host': host, 'trace': trace,
            'purge': wanted.precondition.purge,
            'precondition': {'steps': wanted.precondition.steps,
                             'done': None, 'seconds': None}
            if wanted.precondition.steps else None,
            'steady': wanted.steady and wanted.steady._asdict() |
            {'reached': None}}


def open_directory(setup, header, points, found):
    text = setup.plan.text
    if directory.is_results(setup.path):
        return resume.resume(setup.path, header, text, points, found)
    if header['seed'] is None:
        header['seed'] = secrets.randbelow(1 << 32)
    directory.create(setup.path, header, text, points, found)
    return directory.read_header(setup.path)
