# SPDX-License-Identifier: GPL-2.0-only
"""The shape of what a directory of results holds as JSON. Files get damaged and
edited, and come from other versions; what reads them relies on their shape.

    a type       a value of it; NUMBER: a finite number
    {name: ...}  an object; others of its members may be anything
    {str: ...}   an object all of whose members are alike
    [...]        a list all of whose members are alike

A value may be null, and a member missing, unless it is Needed.
"""

import math
from collections import namedtuple

Needed = namedtuple('Needed', 'shape')
NUMBER = float

HEADER = {
    'format': Needed(int), 'rounds': Needed(int), 'runtime': Needed(NUMBER),
    'created': Needed(NUMBER), 'ramp': NUMBER, 'order': str, 'seed': int,
    'ab': {'id': str, 'settings': [str]}, 'extended': [Needed(int)],
    'precondition': {'done': NUMBER, 'finished': [dict]},
    'steady': {'reached': int}}

ENVIRONMENT = {
    'boot': str, 'created': NUMBER,
    'kernel': {'release': str, 'version': str, 'command_line': str,
               'config': {str: str}},
    'cpu': {'model': str}, 'memory': {'bytes': NUMBER},
    'mitigations': {str: str},
    'drives': Needed([Needed({
        'name': str, 'model': str, 'bytes': NUMBER, 'queue': dict,
        'controllers': [Needed({'name': str, 'iommu': str})],
        'written': {'percent': NUMBER, 'zeros': NUMBER, 'source': str}})]),
    'fio': {'file': str, 'version': str},
    'plugin': {'file': str, 'version': str}}


def wrong(value, shape, name=''):
    """The name of the first member that is not of its shape, or None."""
    if isinstance(shape, Needed):
        if value is None:
            return name
        shape = shape.shape
    if value is None:
        return None
    if isinstance(shape, dict):
        return wrong_member(value, shape, name)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return name
        return first(wrong(each, shape[0], f'{name} {number}')
                     for number, each in enumerate(value, 1))
    return None if is_of(value, shape) else name


def wrong_member(value, shape, name):
    if not isinstance(value, dict):
        return name
    if str in shape:
        shape = dict.fromkeys(value, shape[str])
    return first(wrong(value.get(each), what, f'{name} {each}'.strip())
                 for each, what in shape.items())


def first(names):
    return next((name for name in names if name is not None), None)


def is_of(value, kind):
    if isinstance(value, bool):
        return kind is bool
    if kind is NUMBER:
        return isinstance(value, (int, float)) and math.isfinite(value)
    return isinstance(value, kind)
