# SPDX-License-Identifier: GPL-2.0-only
"""A plan: an ini file that says what is measured and how often. doc/bench.md
describes its format.
"""

import configparser
import glob
import os
import re
from collections import namedtuple

from bench import SOURCE
from bench.units import parse_size, parse_time
from vm.problem import Problem, reason
from . import job, limits, paths, point

SHIPPED = os.path.join(SOURCE, 'bench/plans')

Precondition = namedtuple('Precondition', 'steps bs iodepth purge')
Steady = namedtuple('Steady', 'window range slope most metric points')

# Options that run sets itself: one of these in [fio] would contradict the axes
# of the point.
RESERVED = set(point.AXES) | {
    'rwmixwrite', 'bssplit', 'bsrange', 'filename', 'directory', 'ioengine',
    'runtime', 'ramp_time', 'time_based', 'group_reporting', 'dmabuf_path',
    'dmabuf_source', 'dmabuf_place', 'dmabuf_size', 'dmabuf_report', 'name',
    'stonewall', 'include',
    'unified_rw_reporting', 'lat_percentiles', 'percentile_list'}
STEPS = ('fill', 'random')


class Plan(namedtuple('Plan', 'file name text description rounds runtime ramp '
                      'seed order sections fio path_fio precondition steady '
                      'patience', defaults=(None,))):
    """What a plan's file says, with defaults for what it leaves out. patience:
    seconds that a job may take beyond its time, if --patience gives them.
    """

    def writes(self, points):
        """Whether the precondition or these points write to a drive."""
        return bool(self.precondition.steps) or any(
            entry['axes']['rw'] in point.WRITES for entry in points)


def shipped_plans():
    """Name -> file of the plans that come with this program."""
    files = sorted(glob.glob(os.path.join(SHIPPED, '*.ini')))
    return {os.path.basename(file)[:-4]: file for file in files}


def find_plan(name):
    if os.path.isfile(name) or os.sep in name:
        return name
    known = shipped_plans()
    if name not in known:
        raise Problem(f'{name}: no such plan; give a file or one of '
                      f'{" ".join(known)}')
    return known[name]


def load_plan(name, variables):
    """The plan in a file, or the shipped one of that name."""
    file = find_plan(name)
    try:
        with open(file, encoding='utf-8') as f:
            text = f.read()
    except UnicodeDecodeError:
        raise Problem(f'{file}: not text; a plan is an ini file')
    except OSError as error:
        raise Problem(f'{file}: {reason(error)}; give a plan file')
    return parse_plan(file, text, variables)


def ini_reader():
    return configparser.ConfigParser(interpolation=None, delimiters='=',
                                     allow_no_value=True, default_section='')


def parse_plan(file, text, variables):
    ini = ini_reader()
    try:
        ini.read_string(text, file)
    except configparser.Error as error:
        why = ' '.join(str(error).split())
        raise Problem(f'{file}: {why}; see doc/bench.md for the format')
    sections = {section: Section(file, section, ini[section], variables)
                for section in ini.sections()}
    return make_plan(file, text, sections)


class Section:
    """The values of a section. Each is taken once; end() refuses those that
    are left.
    """

    def __init__(self, file, name, values, variables):
        self.file, self.name, self.variables = file, name, variables
        self.values = dict(values)
        self.known = []

    def fail(self, key, why):
        raise Problem(f'{self.file}: [{self.name}] {key}: {why}')

    def substitute(self, key, text):
        """Replaces the variables, unless there are none (None)."""
        if self.variables is None:
            return text

        def value(match):
            if match[1] not in self.variables:
                self.fail(key, f'${{{match[1]}}} is not set; ' +
                          ('give --drive' if match[1].startswith('DRIVE')
                           else 'set it in the environment'))
            return self.variables[match[1]]
        return re.sub(r'\$\{(\w+)\}', value, text)

    def take(self, key, read, default=None):
        """The value, converted by read(text)."""
        self.known.append(key)
        if key not in self.values:
            return default
        text = self.values.pop(key)
        if not text:
            self.fail(key, 'no value; give one or remove the line')
        try:
            return read(self.substitute(key, text))
        except ValueError as error:
            self.fail(key, error)

    def end(self):
        for key in self.values:
            self.fail(key, 'unknown key; use one of ' + ' '.join(self.known))


def join_lines(text):
    return ' '.join(text.split())


def integer_from(least):
    return lambda text: point.parse_number(text, least, 1 << 31)


def make_plan(file, text, sections):
    def section(name):
        return sections.pop(name, None) or Section(file, name, {}, {})
    head = section('plan')
    common = {
        'description': head.take('description', join_lines, ''),
        'rounds': head.take('rounds', integer_from(1), 7),
        'runtime': head.take('runtime', positive_time, 10),
        'ramp': head.take('ramp', parse_time, 0),
        'seed': head.take('seed', integer_from(0)),
        'order': head.take('order', lambda text: point.one_of(
            text, ('random', 'plan')), 'random')}
    head.end()
    precondition = read_precondition(section('precondition'))
    steady = read_steady(sections.pop('steady', None))
    fio, path_fio, axes = [], {}, []
    for name, values in sections.items():
        word, _, path = name.partition(' ')
        if word == 'points':
            axes.append((name, read_axes(values)))
        elif name == 'fio':
            fio = read_fio(values)
        elif word == 'fio' and path in paths.PATHS:
            path_fio[path] = read_fio(values)
        else:
            raise Problem(f'{file}: [{name}]: unknown section; use plan, '
                          'points, fio, precondition or steady')
    if not axes:
        raise Problem(f'{file}: no section [points]; add one that says what '
                      'to measure')
    return Plan(file=file, name=os.path.basename(file).removesuffix('.ini'),
                text=text, sections=axes, fio=fio, path_fio=path_fio,
                precondition=precondition, steady=steady, **common)


def positive_time(text):
    seconds = parse_time(text)
    if not seconds:
        raise ValueError('0 measures nothing; give at least 1')
    return seconds


def read_axes(section):
    axes = {}
    for axis in point.AXES:
        values = section.take(axis, lambda text: point.parse_values(
            axis, text.split()))
        if values:
            axes[axis] = values
    section.end()
    return axes


def read_fio(section):
    options = []
    for key, text in section.values.items():
        if job.option_name(key) in RESERVED:
            section.fail(key, 'the axes and the plan set it; remove it here')
        options.append(key if text is None else
                       f'{key}={section.substitute(key, text)}')
    return options


def read_steps(text):
    """Words NAME or NAME*TIMES, done in this order."""
    steps = []
    for word in text.split():
        name, _, times = word.partition('*')
        if name == 'none' and text.strip() == 'none':
            continue
        steps.append((point.one_of(name, STEPS),
                      point.parse_number(times or '1', 1, 1000)))
    return steps


def read_precondition(section):
    precondition = Precondition(
        steps=section.take('steps', read_steps, []),
        bs=section.take('bs', parse_size),
        iodepth=section.take('iodepth', lambda text: point.parse_number(
            text, 1, limits.RING_DEPTH), 32),
        purge=section.take('purge', join_lines))
    section.end()
    return precondition


def read_steady(section):
    """Rounds are repeated until the points that "points" selects are steady:
    each line has words AXIS=VALUE that all apply to a point. Without it all
    points are selected.
    """
    if section is None:
        return None
    steady = Steady(
        window=section.take('window', integer_from(2), 5),
        range=section.take('range', integer_from(1), 20),
        slope=section.take('slope', integer_from(1), 10),
        most=section.take('most', integer_from(1), 25),
        metric=section.take('metric', lambda text: point.one_of(
            text, ('iops', 'bw', 'lat_mean')), 'iops'),
        points=section.take('points', read_filters, [{}]))
    section.end()
    if steady.most < steady.window:
        section.fail('most', f'{steady.most} rounds are fewer than the window '
                     f'of {steady.window}; give more')
    return steady


def read_filters(text):
    return [read_filter(line) for line in text.splitlines() if line.split()]


def read_filter(line):
    values = {}
    for word in line.split():
        axis, _, text = word.partition('=')
        point.one_of(axis, point.AXES)
        values[axis] = point.parse_values(axis, [text])[0]
    return values
