# SPDX-License-Identifier: GPL-2.0-only
"""The points of a plan: the product of the axes of each section [points],
without the combinations that make no sense, and the fio job of each point.
"""

import itertools
import os
import re

from bench.units import parse_size, show_size
from vm.problem import Problem
from . import limits, paths
from .area import fio_options, part_options, why_shared
from .job import options_once

AXES = ('path', 'source', 'rw', 'rwmixread', 'bs', 'iodepth', 'numjobs',
        'place', 'drives')
DEFAULTS = {'path': ['direct'], 'rw': ['randread'], 'bs': ['4k'],
            'iodepth': ['32'], 'numjobs': ['1']}
MIXED = ('rw', 'readwrite', 'randrw')
ONLY_WRITES = ('write', 'randwrite')
WRITES = ONLY_WRITES + MIXED
RW = ('read', 'randread') + WRITES
PLACES = ('packed', 'spread', 'tail', 'random')
# Options of every job, unless its path overrides them: each round has new
# offsets.
COMMON = ['time_based=1', 'group_reporting=1', 'randrepeat=0',
          'norandommap=1', 'lat_percentiles=1']


def parse_number(text, least, most):
    if not text.isdigit() or not least <= int(text) <= most:
        raise ValueError(f'{text}: not a number from {least} to {most}')
    return int(text)


def one_of(text, words):
    if text not in words:
        raise ValueError(f'{text}: unknown; use one of {" ".join(words)}')
    return text


def parse_place(text):
    """PLACE or PLACE:SIZE, where SIZE is that of all the job's memory."""
    word, colon, size = text.partition(':')
    one_of(word, PLACES)
    return f'{word}:{show_size(parse_size(size))}' if colon else word


READERS = {
    'path': lambda text: one_of(text, list(paths.PATHS)),
    'source': paths.full_source,
    'rw': lambda text: one_of(text, RW),
    'rwmixread': lambda text: parse_number(text, 0, 100),
    'bs': parse_size,
    'iodepth': lambda text: parse_number(text, 1, 1 << 20),
    'numjobs': lambda text: parse_number(text, 1, 4096),
    'place': parse_place,
    'drives': str,
}


def parse_values(axis, words):
    """The values of an axis; a ValueError names the one that is wrong."""
    read = []
    for word in words:
        value = READERS[axis](word)
        if value in read:
            raise ValueError(f'{word}: given twice')
        read.append(value)
    return read


def section_axes(axes):
    """All axes of a section, as lists: what the plan gives, otherwise the
    default, or [None] where the path decides.
    """
    return {axis: parse_values(axis, DEFAULTS[axis]) if axis in DEFAULTS
            else [None] for axis in AXES} | axes


def combine_axes(axes):
    """The points of one section, as axes, and why others were left out."""
    kept, left_out = [], {}
    for combination in itertools.product(*(axes[axis] for axis in AXES)):
        point, why = complete_axes(dict(zip(AXES, combination)))
        left_out |= {why: True} if why else {}
        if point and point not in kept:
            kept.append(point)
    return kept, list(left_out)


def complete_axes(point):
    """Fills in what the path decides: the point, or None if the path cannot
    do it, and why it, or an axis of it, was left out.
    """
    path, why = paths.PATHS[point['path']], None
    if point['rw'] not in MIXED:
        point['rwmixread'] = None
    elif point['rwmixread'] is None:
        point['rwmixread'] = 50
    if not path.sources:
        why = point['source'] and f'path {path.name} has no source'
        point['source'] = None
    elif point['source'] is None:
        point['source'] = path.sources[0]
    elif not paths.takes_source(path, point['source']):
        return None, (f'path {path.name} does not take source '
                      f'{point["source"]}')
    if not path.places:
        why = point['place'] and f'path {path.name} has no place'
        point['place'] = None
    elif point['place'] is None:
        point['place'] = 'packed'
    point['drives'] = point['drives'] or ''
    refused = path.refuses and path.refuses(point) or \
        limits.why_too_large(point, paths.path_options(path, point))
    return (None, f'path {path.name} {refused}') if refused else (point, why)


def point_name(axes):
    """The name of a point and of its directory; a shell needs no quotes."""
    words = [axes['path']]
    if axes['source'] and \
            axes['source'] != paths.PATHS[axes['path']].sources[0]:
        words.append(axes['source'])
    return join_words(words, axes)


def join_words(words, axes):
    """A name of these words and of all axes but path and source."""
    words.append(axes['rw'])
    if axes['rwmixread'] is not None:
        words.append(str(axes['rwmixread']))
    words += [show_size(axes['bs']), f'q{axes["iodepth"]}',
              f'j{axes["numjobs"]}']
    if axes['place'] not in (None, 'packed'):
        words.append(axes['place'])
    if axes['drives']:
        words.append('+'.join(os.path.basename(drive) for drive
                              in drive_names(axes['drives'])))
    return re.sub(r'[^\w.+-]', '_', '-'.join(words), flags=re.ASCII)


def drive_names(text):
    """Splits fio's filename=: a backslash precedes a colon that is part of a
    name.
    """
    return [name.replace('\\:', ':')
            for name in re.split(r'(?<!\\):', text) if name]


def drives_of(points, default):
    """The names of all drives, in the order of the plan."""
    names = []
    for point in points:
        text = point['axes']['drives'] or default
        if not text:
            raise Problem('run: no drive; give --drive DEVICE')
        mine = drive_names(text)
        for drive in mine:
            if mine.count(drive) > 1:
                raise Problem(f'{drive}: given twice; a drive counts once')
        names += [drive for drive in mine if drive not in names]
    return names


def filename(drives):
    return ':'.join(drive.replace(':', '\\:') for drive in drives)


def job_options(plan, axes):
    """The fio options of a point, each once, without those that depend on the
    machine: file name, plugin and report.
    """
    path = paths.PATHS[axes['path']]
    lines = [f'rw={axes["rw"]}', f'bs={axes["bs"]}',
             f'iodepth={axes["iodepth"]}', f'numjobs={axes["numjobs"]}']
    if axes['rwmixread'] is not None:
        lines.append(f'rwmixread={axes["rwmixread"]}')
    lines += COMMON + paths.path_options(path, axes)
    if axes['source']:
        lines.append(f'dmabuf_source={axes["source"]}')
    if axes['place']:
        word, _, size = axes['place'].partition(':')
        lines.append(f'dmabuf_place={word}')
        lines += [f'dmabuf_size={size}'] if size else []
    lines += [f'runtime={plan.runtime}', f'ramp_time={plan.ramp}']
    return options_once(lines + part_options(plan, axes) +
                        fio_options(plan, axes))


def points_of(plan):
    """All points of a plan as in points.json, and lines that explain why
    others were left out, or whose jobs share their blocks.
    """
    points, left_out, shared = {}, [], {}
    for section, axes in plan.sections:
        kept, why = combine_axes(section_axes(axes))
        left_out += [f'[{section}]: {reason}; left out' for reason in why]
        if not kept:
            raise Problem(f'{plan.file}: [{section}]: no points left: '
                          f'{why[0]}; change the axes')
        for axes in kept:
            name = point_name(axes)
            if points.setdefault(name, axes) != axes:
                raise Problem(f'{plan.file}: [{section}]: two points have the '
                              f'name {name}; remove one')
            shared[why_shared(plan, axes)] = True
    return as_points(plan, points), left_out + list(filter(None, shared))


def as_points(plan, axes):
    """The points as in points.json; axes: those of each name."""
    points = [{'name': name, 'axes': axes, 'job': job_options(plan, axes)}
              for name, axes in axes.items()]
    check_steady(plan, points)
    return points


def check_steady(plan, points):
    """Raises a Problem if [steady] waits for points that are not measured: it
    would never be reached.
    """
    for axes in plan.steady.points if plan.steady else ():
        if not any(matches(point, axes) for point in points):
            words = ' '.join(f'{axis}={value}' for axis, value in
                             axes.items())
            raise Problem(f'{plan.file}: [steady] points: no point '
                          f'{"has " + words if words else "is left"}, so that '
                          'none can become steady; change that line or the '
                          'points')


def matches(point, axes):
    """Whether a point has these values of some axes."""
    return all(point['axes'][axis] == value for axis, value in axes.items())


# ---- one path and another ----

def points_of_paths(plan, names):
    """The points of a plan with each of these paths in turn, whatever the plan
    says: a list for each path, with the same names in the same order, and
    lines that explain why others were left out.
    """
    pairs, left_out, shared = {}, [], {}
    for section, axes in plan.sections:
        kept, why = combine_paths(section_axes(axes), names)
        left_out += [f'[{section}]: {reason}; left out' for reason in why]
        for name, completed in kept:
            if pairs.setdefault(name, completed) != completed:
                raise Problem(f'{plan.file}: [{section}]: two points have the '
                              f'name {name}; remove one')
            for axes in completed:
                shared[why_shared(plan, axes)] = True
    if not pairs:
        raise Problem(f'{plan.file}: no points that path '
                      f'{" and path ".join(names)} can do: {left_out[0]}; '
                      'change the plan or a path')
    return [as_points(plan, {name: completed[number] for name, completed
                             in pairs.items()})
            for number in range(len(names))], \
        left_out + list(filter(None, shared))


def combine_paths(axes, names):
    """[(name, [the axes with each path])] of one section, and why others were
    left out. A name says what the plan asks for, and not what a path makes of
    it.
    """
    kept, left_out = [], {}
    for values in itertools.product(*(axes[axis] for axis in AXES
                                      if axis != 'path')):
        asked = dict(zip((axis for axis in AXES if axis != 'path'), values))
        answers = [complete_axes({'path': name} | asked) for name in names]
        left_out |= {why: True for _, why in answers if why}
        completed = [point for point, _ in answers]
        if all(completed):
            words = [asked['source']] if asked['source'] else []
            kept.append((join_words(words, completed[0] | {
                'place': asked['place']}), completed))
    return kept, list(left_out)
