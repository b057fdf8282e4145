# SPDX-License-Identifier: GPL-2.0-only
"""run: measures the points of a plan over its rounds, each round in another
order, into a directory that can be continued.
"""

from bench.plan import plan, point
from bench.units import show_time
from vm.problem import Problem, note
from . import blocks, measure, rounds, session
from .options import drive_variables, override, plugin_of


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
    return session.run(options, wanted, points, variables)


def list_plans():
    for name in plan.shipped():
        each = plan.load(name, None)
        points, _ = point.points(each)
        print(f'{name:<10}{each.description}; {time_of(each, points)}')
    return 0


def time_of(wanted, points):
    seconds = len(points) * rounds.most(wanted) * rounds.seconds(wanted)
    return ('at most ' if wanted.steady else 'about ') + show_time(seconds)


def dry_run(options, wanted, points, variables):
    setup = measure.Setup(path=options.output or 'DIR', plan=wanted, fio='fio',
                          plugin=plugin_of(options), keep=(), boot=None,
                          drives=variables.get('DRIVE', '${DRIVE}'))
    for each in points:
        print(measure.job_text(
            setup, each, f'{setup.path}/{each["name"]}/r01.report'))
    print(f'# {len(points)} points, {rounds.most(wanted)} rounds, '
          f'{time_of(wanted, points)}; ' +
          ('WRITES to the drive' if session.writes(wanted, points)
           else 'only reads'))
    return 0
