# SPDX-License-Identifier: GPL-2.0-only
"""The boots of `kernels`: every round boots each kernel once, in a new order,
so that changes of this system affect all of them alike. Which settings a
directory was started with, and whether a boot counts.
"""

import json
import os
import secrets
import shutil
import tempfile
import time

from bench.format import one_line
from bench.measure import environment
from bench.measure.rounds import round_order
from bench.results import directory
from bench.units import show_time
from vm.problem import Problem, note, reason
from . import guest

FORMAT = 1
BOOTS_FILE = 'boots.jsonl'
LOGS, FAILURES = 'logs', 'failed'
# Options that a directory is started with and must be continued with
SETTINGS = ('kernels', 'plan_text', 'iommu', 'accel', 'cpus', 'memory',
            'drives', 'real_drives', 'append', 'trace', 'rounds', 'runtime')
# How many seconds an emulated one takes at worst, and a boot
SLOWEST, BOOT = 20, 300
# A kernel that failed so many times in a row is skipped until the next run.
TRIES = 2


def begin_directory(options):
    """Creates a directory with the settings in options, or checks that an
    existing one was started with the same. Sets options.seed.
    """
    settings = {name: getattr(options, name) for name in SETTINGS}
    old = read_settings(options.output)
    if old is None:
        create_directory(options, settings)
        return
    if old.get('format') != FORMAT:
        raise Problem(f'{options.output}/{directory.KERNELS}: written by another '
                      'version; give another directory')
    for name in SETTINGS:
        if old.get(name) != settings[name]:
            raise Problem(f'{options.output}: started with different '
                          f'{name.replace("_", " ")}; give the same, or '
                          'another directory')
    options.seed = old['seed']
    note_extension(options, old)


def note_extension(options, old):
    """Records that more boots are wanted than at first, of which somebody may
    have seen the comparison: compare counts such looks.
    """
    before = old.get('boots') or options.boots
    if options.boots <= before:
        return
    done = all(os.path.isdir(boot_directory(options, name, number))
               for name in options.kernels for number in range(1, before + 1))
    more = {'boots': options.boots}
    if done:
        more['extended'] = old.get('extended', []) + [before]
    directory.write_json(options.output, directory.KERNELS, old | more)


def read_settings(output):
    """The settings of a directory; None if there are none yet."""
    path = os.path.join(output, directory.KERNELS)
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Problem(f'{output}: {reason(error)}; give another directory')
    except ValueError:
        raise Problem(f'{path}: empty, cut off or not JSON; give another '
                      'directory')


def create_directory(options, settings):
    if os.path.isdir(options.output) and os.listdir(options.output):
        raise Problem(f'{options.output}: not empty, and not written by '
                      'kernels; give another directory')
    if options.seed is None:
        options.seed = secrets.randbelow(1 << 31)
    try:
        os.makedirs(options.output, exist_ok=True)
        directory.write_json(options.output, directory.KERNELS, {
            'format': FORMAT, 'seed': options.seed,
            'boots': options.boots, **settings})
    except OSError as error:
        raise Problem(f'{options.output}: {reason(error)}; give another '
                      'directory')


def boot_directory(options, name, number):
    return os.path.join(options.output, name, f'boot-{number:02}')


def are_missing(options):
    return not all(os.path.isdir(boot_directory(options, name, number))
                   for name in options.kernels
                   for number in range(1, options.boots + 1))


def boot_all(options, seconds):
    """Boots whatever is missing; returns how many are still missing."""
    todo = [(number, name) for number in range(1, options.boots + 1)
            for name in round_order(options.seed, 'random', number,
                                     options.kernels)
            if not os.path.isdir(boot_directory(options, name, number))]
    failed = dict.fromkeys(options.kernels, 0)
    start, done = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix='fio-dmabuf-') as root:
        if todo:
            guest.fill_tree(root, options.plan_file)
        for at, (number, name) in enumerate(todo):
            if failed[name] == TRIES:
                continue
            left = ''
            if at:
                per_boot = (time.monotonic() - start) / at
                left = (f', about {show_time(per_boot * (len(todo) - at))} '
                        'left')
            note(f'boot {at + 1} of {len(todo)}: {name}, round {number}{left}')
            if boot_one(options, root, seconds, number, name):
                done += 1
                failed[name] = 0
                continue
            failed[name] += 1
            if failed[name] == TRIES:
                note(f'{name}: failed {TRIES} times in a row; its other boots '
                     'are skipped')
    return len(todo) - done


def machine_options(options, name, seconds):
    """The options of t/vm/run."""
    words = ['--kernel', options.kernels[name], '--iommu', options.iommu,
             '--accel', options.accel, '--cpus', str(options.cpus),
             '--memory', options.memory, '--drives', options.drives,
             '--timeout',
             str(options.timeout or int(seconds * SLOWEST + BOOT))]
    for text in options.modules:
        if text.startswith(name + '='):
            words += ['--modules', text.partition('=')[2]]
    if options.append:
        words += ['--append', options.append]
    if not options.real_drives:
        words += ['--null-drives']
    fio = options.fio or os.environ.get('FIO')
    plugin = options.plugin or os.environ.get('FIO_DMABUF_MODULE') or \
        environment.installed_plugin()
    return words + (['--fio', fio] if fio else []) + \
        (['--plugin', plugin] if plugin else [])


def run_arguments(options, number):
    """The options of `run` in the guest, which may overwrite its drives."""
    words = ['--seed', str(options.seed + number)]
    for name in options.drive:
        words += ['--drive', name, '--destroy', name]
    for name in ('trace', 'rounds', 'runtime'):
        value = getattr(options, name)
        if value is not None:
            words += ['--' + name, str(value)]
    return words


def boot_one(options, root, seconds, number, name):
    """Whether the boot counts; if not, a line says why."""
    stem = f'{name}-{number:02}'
    log = os.path.join(options.output, LOGS, stem + '.log')
    new = os.path.join(options.output, FAILURES, stem)
    os.makedirs(os.path.dirname(log), exist_ok=True)
    shutil.rmtree(new, ignore_errors=True)
    start = time.time()
    status, whole = guest.boot_guest(guest.boot_command(
        machine_options(options, name, seconds), root, options.plan_file,
        run_arguments(options, number)), log, new)
    why = None
    if status and not (whole and tried_all(new, status)):
        why = f'{guest.failure_in(log)}; see {log}'
    elif not whole:
        why = f'its results are cut off; see {log}'
    why = why or other_system(options, name, new)
    record_boot(options, number, name, start, status, why)
    if why:
        if not os.listdir(new):
            os.rmdir(new)
        note(f'{name}: boot {number} failed: {why}')
        return False
    if status:
        note(f'{name}: boot {number}: some points cannot be measured: '
             f'{directory.read(new).failures[0]["reason"]}')
    os.makedirs(os.path.join(options.output, name), exist_ok=True)
    os.rename(new, boot_directory(options, name, number))
    return True


def tried_all(path, status):
    """Whether `run` failed only because the kernel cannot do some points: all
    that is missing is among the failures, and other points have results.
    """
    if status != 2:
        return False
    try:
        results = directory.read(path)
    except Problem:
        return False
    done = {(line['point'], line['round']) for line in results.index}
    failed = {line['point'] for line in results.failures}
    rest = [point['name'] for point in results.points
            if point['name'] not in failed]
    return bool(done and failed) and not results.header.get('steady') and all(
        (name, number) in done for name in rest
        for number in range(1, results.header['rounds'] + 1))


def environment_of(path):
    try:
        return directory.read_json(path, directory.ENVIRONMENT)
    except Problem:
        return {}


def other_system(options, name, new):
    """Why a boot does not belong to the others of its name, or None: a name
    like debian:6.12 may change its meaning, and a boot may have another clock.
    """
    top = os.path.join(options.output, name)
    others = sorted(os.listdir(top)) if os.path.isdir(top) else ()
    if not others:
        return None
    differing = environment.boot_differences(
        environment_of(os.path.join(top, others[0])), environment_of(new))
    for what, before, now in differing:
        remedy = 'give the exact version, and another directory' \
            if what == 'kernel release' else 'give another directory'
        return f'{what}: {one_line(now)} now but {one_line(before)} ' \
               f'in {others[0]}; {remedy}'
    return None


def record_boot(options, number, name, start, status, why):
    """Adds a line about a boot to the list."""
    line = {'round': number, 'kernel': name, 'start': round(start, 3),
            'seconds': round(time.time() - start, 1), 'status': status,
            'failed': why}
    path = os.path.join(options.output, BOOTS_FILE)
    try:
        with open(path, 'a') as file:
            file.write(json.dumps(line) + '\n')
    except OSError as error:
        raise Problem(f'{path}: {reason(error)}; make room, and run the same '
                      'command again')
