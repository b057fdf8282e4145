# SPDX-License-Identifier: GPL-2.0-only
"""The settings that --ab compares: what kinds there are, and how the values of
the machine among them are set, checked and restored. Functions take the root
of the file system with these values.
"""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
from collections import namedtuple

from bench.plan import paths, plan
from vm.problem import Problem, held, reason
from . import hardware

# text: as given; kind, name, value: its parts, name is None for some kinds
Setting = namedtuple('Setting', 'text kind name value')

# form     as it is given
# name     what its name must match, None for a kind without names
# places   a function of the name that returns the file with the value, below
#          the queue of each drive if per_drive; None if it is no value of the
#          machine
# stays    whether it stays set, or what it did stays done: both sides need it
Kind = namedtuple('Kind', 'form name places per_drive stays',
                  defaults=(None, None, False, False))

KINDS = {
    'plugin': Kind('plugin=FILE'),
    'fio': Kind('fio=FILE'),
    'path': Kind('path=NAME', stays=True),
    'fio:': Kind('fio:OPTION=VALUE', r'\w+'),
    'scheduler': Kind('scheduler=NAME', None, lambda _: 'scheduler', True,
                      True),
    'queue:': Kind('queue:ATTRIBUTE=VALUE', r'\w+(/\w+)*',
                   lambda name: name, True, True),
    'sysctl:': Kind('sysctl:NAME=VALUE', r'[\w-]+(\.[\w-]+)+',
                    lambda name: '/proc/sys/' + name.replace('.', '/'), False,
                    True),
    'param:': Kind('param:MODULE.NAME=VALUE', r'[\w-]+\.\w+',
                   lambda name: '/sys/module/{}/parameters/{}'.format(
                       *name.replace('-', '_').split('.')), False, True),
    'run': Kind('run=COMMAND', stays=True),
}
# A new scheduler resets these, so they come after it and are restored with it.
RESET = ('nr_requests', 'wbt_lat_usec')
# Of module parameters that are bool
BOOLEAN = {'1': 'Y', 'y': 'Y', 'on': 'Y', 'true': 'Y',
           '0': 'N', 'n': 'N', 'off': 'N', 'false': 'N'}


# ---- what is given ----

def parse_sides(pairs):
    """The settings of side A and of side B; pairs: (A, B) of each --ab."""
    sides = [[parse(text) for text in texts if text != 'none']
             for texts in zip(*pairs)]
    keys = [[setting.kind + (setting.name or '') for setting in side]
            for side in sides]
    for names in keys:
        for key in names:
            if names.count(key) > 1:
                raise Problem(f'--ab: {key} is given twice for one side; give '
                              'one value')
    for side, other in ((0, 1), (1, 0)):
        for setting, key in zip(sides[side], keys[side]):
            if KINDS[setting.kind].stays and key not in keys[other]:
                nothing = ' (run=true does nothing)' if key == 'run' else ''
                raise Problem(f'--ab {setting.text}: the other side has no '
                              f'{key}, and would be measured with what this '
                              f'one sets; give both sides one{nothing}')
    return sides


def parse(text):
    word, equals, value = text.partition('=')
    kind, colon, name = word.partition(':')
    found = KINDS.get(kind + colon)
    if not found or not equals or not value or \
            colon and not re.fullmatch(found.name, name):
        raise Problem(f'--ab {text}: not a setting; give none or one of ' +
                      ', '.join(kind.form for kind in KINDS.values()))
    setting = Setting(text, kind + colon, name or None, value)
    if kind == 'path' and value not in paths.PATHS:
        raise Problem(f'--ab {text}: no such path; give one of '
                      f'{" ".join(paths.PATHS)}')
    if setting.kind == 'fio:' and name in plan.RESERVED:
        raise Problem(f'--ab {text}: the axes and the plan set {name}; give '
                      'another option')
    if setting.kind == 'plugin' and not os.path.isfile(value):
        raise Problem(f'--ab {text}: no such file; build the plugin, or give '
                      'another one')
    return setting


def value_of(settings, kind):
    """The value of a kind without names, or None."""
    return next((setting.value for setting in settings
                 if setting.kind == kind), None)


def fio_options(settings, job):
    """The options of a job with those of the settings instead of its own."""
    given = {setting.name: f'{setting.name}={setting.value}'
             for setting in settings if setting.kind == 'fio:'}
    return [option for option in job
            if option.partition('=')[0] not in given] + list(given.values())


# ---- values of the machine ----

def files_of(setting, drives, root='/'):
    """The files that have the value of a setting, below the root."""
    kind = KINDS[setting.kind]
    if not kind.places:
        return []
    place = kind.places(setting.name)
    return [place] if not kind.per_drive else \
        [f'{queue}/{place}' for queue in queues(setting, drives, root)]


def queues(setting, drives, root):
    """The sysfs directories of the drives' queues, each once."""
    found = {}
    for drive in drives:
        block = hardware.block_directory(root, drive)
        if not block:
            raise Problem(f'--ab {setting.text}: {drive} is not a drive; give '
                          'a drive with --drive')
        found[hardware.disk_of(root, block) + '/queue'] = True
    return list(found)


def read(file, root='/'):
    """The value in a file: of a choice, the word in brackets. Raises an
    OSError.
    """
    with open(os.path.join(root, file.lstrip('/')), encoding='utf-8',
              errors='replace') as f:
        return hardware.bracketed(f.read().strip('\n\0'))


def write(file, value, root='/'):
    """Writes a value at once, as the kernel takes it; raises an OSError."""
    fd = os.open(os.path.join(root, file.lstrip('/')),
                 os.O_WRONLY | os.O_TRUNC)
    try:
        os.write(fd, value.encode() or b'\n')
    finally:
        os.close(fd)


def same(asked, now):
    """Whether a value that reads as "now" is the one that was asked for."""
    one, two = ' '.join(asked.split()), ' '.join(now.split())
    return one == two or BOOLEAN.get(one.lower()) == two or \
        number(one) is not None and number(one) == number(two)


def number(text):
    try:
        return int(text, 0)
    except ValueError:
        return None


def old_values(sides, drives, root='/'):
    """{file: value} of all that the settings of the sides change."""
    old = {}
    for setting in [setting for side in sides for setting in side]:
        for file in files_of(setting, drives, root):
            try:
                old[file] = read(file, root)
            except OSError as error:
                raise Problem(f'--ab {setting.text}: {file}: '
                              f'{reason(error)}; check the name, or set it '
                              'with run=')
            for name in RESET if is_scheduler(file) else ():
                beside = os.path.join(os.path.dirname(file), name)
                value = hardware.read_text(root, beside)
                if value is not None:
                    old.setdefault(beside, value)
    return old


def restore(old, root='/'):
    """Restores these values; returns a line for each that cannot be."""
    lines = []
    for file in sorted(old, key=is_scheduler, reverse=True):
        try:
            if read(file, root) != old[file]:
                write(file, old[file], root)
            now = read(file, root)
            why = None if same(old[file], now) else f'it reads {now}'
        except OSError as error:
            why = reason(error)
        if why:
            lines.append(f'{file}: not restored to {old[file]}: {why}; write '
                         'it yourself')
    return lines


def is_scheduler(file):
    return os.path.basename(file) == 'scheduler'


# ---- one side ----

def apply(settings, drives, root='/'):
    """Sets the values of a side and runs its commands; a Problem if a value
    does not take or a command fails.
    """
    places = [(setting, file) for setting in settings
              for file in files_of(setting, drives, root)]
    for setting, file in sorted(places, reverse=True,
                                key=lambda place: is_scheduler(place[1])):
        try:
            write(file, setting.value, root)
        except OSError as error:
            raise Problem(f'--ab {setting.text}: {file}: {reason(error)}; ' +
                          remedy(file, error, root))
    check(settings, drives, 'give a value that it takes', root)
    for setting in settings:
        if setting.kind == 'run':
            run(setting)


def remedy(file, error, root):
    if isinstance(error, PermissionError):
        return 'run as root' if os.geteuid() else \
            'give one that can be changed'
    choice = hardware.read_text(root, file) or ''
    if re.search(r'\[.+\]', choice):
        return f'give one of {re.sub(r"[][]", "", choice)}'
    return 'give a value that it takes'


def check(settings, drives, todo, root='/'):
    """Reads the values of a side; a Problem with this remedy if one differs.
    """
    for setting in settings:
        for file in files_of(setting, drives, root):
            try:
                now = read(file, root)
            except OSError as error:
                raise Problem(f'--ab {setting.text}: {file}: '
                              f'{reason(error)}; {todo}')
            if not same(setting.value, now):
                raise Problem(f'--ab {setting.text}: {file} reads {now}; '
                              f'{todo}')


def run(setting):
    """Runs a command to its end. What it starts in the background stays,
    unless this program is interrupted meanwhile.
    """
    with tempfile.TemporaryFile() as output:
        process = None
        try:
            with held():
                process = subprocess.Popen(
                    ['sh', '-c', setting.value], stdin=subprocess.DEVNULL,
                    stdout=output, stderr=output, start_new_session=True)
            status = process.wait()
        except BaseException:
            if process:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            raise
        if status:
            output.seek(0)
            lines = output.read().decode(errors='replace').split('\n')
            said = [line.strip() for line in lines if line.strip()]
            why = f'exit status {status}' if status > 0 else \
                f'killed by signal {-status}'
            raise Problem(f'--ab {setting.text}: {why}' +
                          (f' ({said[-1]})' if said else '') +
                          '; fix the command')
