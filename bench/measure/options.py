# SPDX-License-Identifier: GPL-2.0-only
"""The options that `run` and `kernels` share: the variables of a plan, values
that override the plan's, the files of fio and the plugin.
"""

import os
import shutil

from bench.plan.plan import positive_time
from bench.plan.point import filename
from vm.problem import Problem


def plan_variables(options):
    """The environment, with ${DRIVE}, ${DRIVE1}, ... from --drive."""
    drives = [filename([drive]) for drive in options.drive]
    numbered = {f'DRIVE{n}': drive for n, drive in enumerate(drives, 1)}
    together = {'DRIVE': ':'.join(drives)} if drives else {}
    return os.environ | numbered | together


def override_plan(options, plan):
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
            changes['runtime'] = positive_time(options.runtime)
    except ValueError as error:
        raise Problem(f'--runtime: {error}')
    try:
        if getattr(options, 'patience', None) is not None:
            changes['patience'] = positive_time(options.patience)
    except ValueError as error:
        raise Problem(f'--patience: {error}')
    if changes.get('rounds', 1) < 1:
        raise Problem(f'--rounds: {options.rounds} measures nothing; give at '
                      'least 1')
    if plan.steady and options.rounds:
        if options.rounds < plan.steady.window:
            raise Problem(f'--rounds: {options.rounds} are fewer than the '
                          f'window of {plan.steady.window} in [steady], so '
                          'that nothing can become steady; give at least '
                          f'{plan.steady.window}')
        changes['steady'] = plan.steady._replace(most=options.rounds)
    return plan._replace(**changes)


def find_fio(options):
    name = options.fio or os.environ.get('FIO') or 'fio'
    file = shutil.which(name)
    if not file:
        raise Problem(f'{name}: not found; install fio, or give it with --fio')
    return os.path.abspath(file)


def plugin_file(options):
    plugin = options.plugin or os.environ.get('FIO_DMABUF_MODULE')
    return os.path.abspath(plugin) if plugin else None
