# SPDX-License-Identifier: GPL-2.0-only
"""run: measures the points of a plan over its rounds, each round in another
order, into a directory that can be continued.
"""

from bench.plan.plan import load_plan, shipped_plans
from bench.plan.point import drives_of, points_of
from bench.units import show_time
from vm.problem import Problem, note
from . import blocks, local, rounds, session
from .measurement import job_text
from .options import plan_variables, override_plan, find_plugin


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
                      f'{" ".join(shipped_plans())}')
    variables = plan_variables(options)
    filename = variables.get('DRIVE')
    plan = override_plan(options, load_plan(options.plan, variables))
    points, left_out = points_of(plan)
    if not options.client:
        points, too_small = blocks.leave_out(points, filename)
        left_out += too_small
    for line in left_out:
        note(line)
    if options.dry_run:
        return dry_run(options, plan, points, filename)
    if not options.output:
        raise Problem('run: no directory; give -o DIR')
    make_runner = local.make_runner
    if options.client:
        from . import client  # a guest has no use for it
        make_runner = client.make_runner
        points = client.leave_out_programs(options, points)
    runner = make_runner(options, plan, points,
                         drives_of(points, filename), filename)
    return session.run_plan(runner, plan, points)


def list_plans():
    for name in shipped_plans():
        plan = load_plan(name, None)
        points, _ = points_of(plan)
        print(f'{name:<10}{plan.description}; {time_of(plan, points)}')
    return 0


def time_of(plan, points):
    return ('at most ' if plan.steady else 'about ') + \
        show_time(rounds.run_seconds(plan, points))


def dry_run(options, plan, points, filename):
    for point in points:
        report = f'{options.output or "DIR"}/{point["name"]}/r01.report'
        print(job_text(point, find_plugin(options), filename or '${DRIVE}',
                       report))
    print(f'# {len(points)} points, {rounds.most_rounds(plan)} rounds, '
          f'{time_of(plan, points)}; ' +
          ('WRITES to the drive' if plan.writes(points) else 'only reads'))
    return 0
