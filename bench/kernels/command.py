# SPDX-License-Identifier: GPL-2.0-only
"""kernels: boots each kernel in turn in the virtual machine, runs the plan in
it, and compares the kernels. The boots are in boots.py.
"""

import argparse
import os
import re

from bench import FAILED
from bench.compare import command as compare
from bench.measure import options as settings, precondition, rounds, trace
from bench.plan.cautions import cautions
from bench.plan.plan import find_plan, load_plan
from bench.plan.point import points_of
from bench.results import directory
from bench.units import count, parse_size
from vm.problem import Problem, note, program
from . import boots, guest

# Bytes per second that a fast guest writes; SLOWEST in boots.py is for others
WRITES = 100 * 10 ** 6
EMULATION = {
    'icount': 'its clock counts instructions',
    'tcg': 'emulated on a real clock',
    'kvm': 'on a real clock'}


def add(parser):
    argument = parser.add_argument
    argument('plan', metavar='PLAN', help='as for run')
    argument('--kernel', action='append', default=[], required=True,
             metavar='[NAME=]KERNEL', help='boot this kernel: FILE, '
             'debian:VERSION or test, as for t/vm/run; the first one is the '
             'base of the comparison; its results go to DIR/NAME (repeatable)')
    argument('-o', '--output', required=True, metavar='DIR',
             help='write the results to this directory; an existing one is '
             'continued')
    argument('--boots', type=int, default=7, metavar='N',
             help='boot each kernel N times (default: 7)')
    argument('--seed', type=int, help='seed of the order of the boots '
             '(default: a new one)')
    argument('--timeout', type=int, metavar='SECONDS', help='time limit of '
             'one boot (default: depends on the plan)')
    add_vm_options(argument)
    argument('--trace', metavar='LIST', help='as for run')
    argument('--rounds', type=int, metavar='N', help='as for run, in each '
             'boot')
    argument('--runtime', metavar='TIME', help='as for run')
    argument('--fio', metavar='FILE', help='as for run')
    argument('--plugin', metavar='FILE', help='as for run')


def add_vm_options(argument):
    argument('--modules', action='append', default=[], metavar='NAME=DIR',
             help='use these modules for the kernel NAME, which is a file '
             '(repeatable)')
    argument('--iommu', default='strict', choices=('off', 'lazy', 'strict',
                                                   'pt'),
             help='mode of the IOMMU (default: strict)')
    argument('--accel', default='icount', choices=tuple(EMULATION),
             help='icount: emulate, the guest\'s clock counts its '
             'instructions, so that figures repeat (default); tcg: emulate on '
             'a real clock; kvm: use hardware virtualization')
    argument('--cpus', type=int, metavar='N', help='processors of the guest '
             '(default: 1 with icount, else 2)')
    argument('--memory', default='2G', metavar='SIZE',
             help='memory of the guest (default: 2G)')
    argument('--drives', default='1,1G', metavar='N[,SIZE]',
             help='drives of the guest: ${DRIVE1} and so on in the plan, '
             '${DRIVE} for all of them (default: 1,1G)')
    argument('--real-drives', action='store_true', help='use drives that keep '
             'what is written; without it drives take no time, read as zeroes '
             'and forget what is written')
    argument('--append', default='', metavar='TEXT',
             help='append this to the kernel command line')


def main(options):
    options.kernels = name_kernels(options.kernel)
    for text in options.modules:
        name, _, path = text.partition('=')
        if name not in options.kernels or not os.path.isdir(path):
            raise Problem(f'--modules {text}: no such kernel or directory; '
                          'write NAME=DIR')
    check_options(options)
    options.cpus = options.cpus or (1 if options.accel == 'icount' else 2)
    seconds = check_plan(options)
    if boots.are_missing(options):
        check_machine(options)
    boots.begin_directory(options)
    with directory.locked(options.output):
        missing = boots.boot_all(options, seconds)
    if missing:
        note(f'{options.output}: not compared, {count(missing, "boot")} '
             'missing; run the same command again to retry')
        return FAILED
    print(about(options), flush=True)
    parser = argparse.ArgumentParser()
    compare.add(parser)
    return compare.main(parser.parse_args(
        [os.path.join(options.output, name) for name in options.kernels]))


def about(options):
    """What a reader must know about all these figures."""
    return (f'Measured in an emulated machine ({options.accel}: '
            f'{EMULATION[options.accel]}; --cpus {options.cpus}, IOMMU '
            f'{options.iommu}): the figures compare the code paths of '
            'kernels, not hardware.')


def check_options(options):
    for name in ('boots', 'cpus', 'timeout'):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise Problem(f'--{name} {value}: give at least 1')
    for kernel in options.kernel:
        if kernel.rpartition('=')[2] == 'test' and not os.path.isdir(
                os.path.join(guest.SOURCE, 't', 'kernel')):
            raise Problem('--kernel test: it is built from fio-dmabuf\'s '
                          'source tree; run bench/fio-dmabuf-bench there')
    trace.kinds_of(options.trace)


def check_machine(options):
    """Checks what every boot needs, once, and before a directory is created
    for these kernels.
    """
    program('qemu-system-x86_64', 'qemu-system-x86')
    program('busybox', 'busybox-static')
    settings.find_fio(options)
    for wish in options.kernels.values():
        if not re.fullmatch('test|debian(:.+)?', wish) and \
                not os.path.isfile(wish):
            raise Problem(f'--kernel {wish}: no such file; give a file, or '
                          'debian:VERSION')


def name_kernels(wishes):
    """Name -> kernel, in the order given."""
    kernels = {}
    for wish in wishes:
        match = re.fullmatch(r'([A-Za-z0-9][\w.+~-]*)=(.+)', wish)
        if match and not os.path.exists(wish):
            name, wish = match.groups()
        else:
            name = re.sub(r'[^\w.+~-]', '-', os.path.basename(wish)
                          if os.path.exists(wish) else wish).lstrip('-.')
        if name in kernels or name in ('', boots.LOGS, boots.FAILURES):
            raise Problem(f'--kernel {wish}: its name cannot be "{name}"; '
                          'give another with --kernel NAME=KERNEL')
        kernels[name] = wish
    if len(kernels) < 2:
        raise Problem('--kernel: nothing to compare with; give at least two')
    return kernels


def check_plan(options):
    """Reads the plan, so that an error in it is found before any kernel boots.
    Returns about how many seconds it takes.
    """
    match = re.fullmatch(r'([1-9]\d*)(,\w+)?', options.drives)
    if not match:
        raise Problem(f'--drives {options.drives}: not a number of drives and '
                      'a size; write 1,1G')
    options.drive = [f'/dev/nvme{n}n1' for n in range(int(match[1]))]
    options.plan_file = find_plan(options.plan)
    plan = settings.override_plan(options, load_plan(
        options.plan, settings.plan_variables(options)))
    options.plan_text = plan.text
    points, left_out = points_of(plan)
    for line in left_out + cautions(points):
        note(line)
    return rounds.run_seconds(plan, points) + \
        precondition_seconds(plan, options.drive, match[2])


def precondition_seconds(plan, drives, size):
    """How long a guest of this speed writes to drives of this size."""
    try:
        size = parse_size(size[1:] if size else '1G')
    except ValueError as error:
        raise Problem(f'--drives: {error}')
    return (precondition.total_bytes(plan, drives, lambda _: size) or 0) / \
        WRITES
