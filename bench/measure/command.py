# SPDX-License-Identifier: GPL-2.0-only
"""run: measures the points of a plan in rounds, each in a new order, into a
directory that can be continued.
"""

import shlex

from bench.plan.cautions import cautions
from bench.plan.plan import load_plan, shipped_plans
from bench.plan.point import check_steady, drives_of, points_of
from bench.units import show_time
from vm.problem import Problem, note
from . import blocks, hardware, local, precondition, rounds, session
from .measurement import job_text
from .options import plan_variables, override_plan, plugin_file


def add(parser):
    argument = parser.add_argument
    argument('plan', nargs='?', metavar='PLAN',
             help='a plan file, or the name of a plan that --list shows')
    argument('-o', '--output', metavar='DIR',
             help='write the results to this directory; an existing one is '
             'continued')
    argument('--list', action='store_true', help='list the plans that come '
             'with this program')
    argument('--dry-run', action='store_true', help='print the points, their '
             'jobs and the time they take, but run nothing')
    argument('--drive', action='append', default=[], metavar='DEVICE',
             help='measure this drive or file, ${DRIVE} in a plan '
             '(repeatable: ${DRIVE1}, ${DRIVE2} and so on)')
    argument('--destroy', action='append', default=[], metavar='DRIVE',
             help='overwrite this drive whatever it contains; DRIVE is its '
             'name in the plan or in --drive (repeatable)')
    argument('--ab', action='append', nargs=2, metavar=('A', 'B'),
             help='measure each point with setting A and with setting B, one '
             'right after the other, into DIR/A and DIR/B; a setting is none, '
             'scheduler=NAME, sysctl:NAME=VALUE, fio:OPTION=VALUE and so on '
             '(repeatable)')
    argument('--client', metavar='HOST[,HOST...]', help='run the jobs on '
             'these fio servers, all at the same time; DIR gets a directory '
             'for each')
    argument('--rounds', type=int, metavar='N',
             help='measure so many rounds (default: as the plan says)')
    argument('--runtime', metavar='TIME',
             help='measure a point for so long (default: as the plan says)')
    argument('--patience', metavar='TIME', help='let fio take so long beyond '
             'the runtime to start and end a job, before it is killed '
             '(default: 2 minutes, and more for jobs with much memory)')
    argument('--seed', type=int, metavar='N', help='seed of the random order '
             '(default: a new one)')
    argument('--trace', metavar='LIST', help='count kernel events during each '
             'point: iommu (mappings), syscalls, or both separated by a '
             'comma; there is no ramp then')
    argument('--fio', metavar='FILE', help='run this fio (default: $FIO, or '
             'fio in PATH)')
    argument('--plugin', metavar='FILE', help='use this fio-dmabuf plugin '
             '(default: $FIO_DMABUF_MODULE, or the installed one)')


def main(options):
    if options.list:
        return list_plans()
    if not options.plan:
        raise Problem('run: no plan; give a file or one of '
                      f'{" ".join(shipped_plans())}')
    variables = plan_variables(options)
    filename = variables.get('DRIVE')
    plan = override_plan(options, load_plan(options.plan, variables))
    if options.ab:
        return run_ab(options, plan, filename)
    points, left_out = points_of(plan)
    if not options.client:
        points, too_small = blocks.leave_out(points, filename)
        left_out += too_small
        check_steady(plan, points)
    for line in left_out + cautions(points):
        note(line)
    if options.dry_run:
        return dry_run(options, plan, points, filename)
    need_output(options)
    make_runner = local.make_runner
    if options.client:
        from . import client  # not needed in a guest
        make_runner = client.make_runner
        points = client.leave_out_programs(options, points)
        check_steady(plan, points)
    runner = make_runner(options, plan, points,
                         drives_of(points, filename), filename)
    return session.run_plan(runner, plan, points)


def run_ab(options, plan, filename):
    from . import ab  # not needed in a guest
    sides, left_out = ab.make_sides(options, plan, filename)
    points = sides[0].points
    for line in left_out + cautions([point for side in sides
                                     for point in side.points]):
        note(line)
    if options.dry_run:
        for side in sides:
            print(f'# side {side.name}: ' + (', '.join(
                each.text for each in side.settings) or 'none'))
            print_jobs(side.options, side.points, filename)
        return print_total(options, plan, points, filename, 2)
    need_output(options)
    runner = ab.make_runner(options, plan, sides,
                            drives_of(points, filename), filename)
    status = session.run_plan(runner, plan, points)
    note('both sides are measured; compare them: fio-dmabuf-bench compare ' +
         shlex.quote(options.output))
    return status


def need_output(options):
    if not options.output:
        raise Problem('run: no directory; give -o DIR')


def list_plans():
    for name in shipped_plans():
        plan = load_plan(name, None)
        points, _ = points_of(plan)
        print(f'{name:<10}{plan.description}; {time_of(plan, points)}' +
              precondition.time_in_words(plan, [None], lambda _: None))
    return 0


def time_of(plan, points, turns=1):
    return ('at most ' if plan.steady else 'about ') + \
        show_time(rounds.run_seconds(plan, points) * turns)


def drives_and_sizes(options, points, filename):
    """The drives, as far as they are given, and a function for their sizes:
    those of fio servers are not known.
    """
    names = [filename] if filename else [point['axes']['drives']
                                         for point in points]
    drives = drives_of(points, filename) if all(names) else [None]
    return drives, lambda drive: None if options.client or drive is None \
        else hardware.size_of('/', drive)


def dry_run(options, plan, points, filename):
    print_jobs(options, points, filename)
    return print_total(options, plan, points, filename)


def print_jobs(options, points, filename):
    for point in points:
        report = f'{options.output or "DIR"}/{point["name"]}/r01.report'
        print(job_text(point, plugin_file(options), filename or '${DRIVE}',
                       report))


def print_total(options, plan, points, filename, turns=1):
    print(f'# {len(points)} points' + (' on each side' * (turns > 1)) +
          f', {rounds.most_rounds(plan)} rounds, '
          f'{time_of(plan, points, turns)}' +
          precondition.time_in_words(plan, *drives_and_sizes(
              options, points, filename)) + '; ' +
          ('WRITES to the drive' if plan.writes(points) else 'only reads'))
    return 0
