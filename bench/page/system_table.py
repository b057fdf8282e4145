# SPDX-License-Identifier: GPL-2.0-only
"""What was measured on, in a few words and as a list; see environment.py for
what it holds.
"""

import re

from bench import format
from bench.measure.environment import iommu
from . import html
from .html import tag

# Longer lists are folded.
FEW = 14


# ---- in a few words ----

def first(environment, *names):
    """The first of these that is known; a name is a way through
    dictionaries and lists.
    """
    for name in names:
        value = environment
        for part in name.split('.'):
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and part.isdigit():
                value = value[int(part)] if int(part) < len(value) else None
            else:
                value = None
        if isinstance(value, (str, int)) and value != '':
            return str(value).strip()
    return None


def kernel_release(environment):
    return first(environment, 'kernel.release', 'kernel')


def drive_model(environment):
    """The model, or for a file that there is one."""
    model = first(environment, 'drives.0.model')
    if model:
        number = len(environment['drives'])
        return model if number == 1 else f'{number} drives, {model}'
    where = first(environment, 'drives.0.file_system')
    return f'a file on {where}' if where else None


def system(environment):
    """Kernel, drive and mode of its IOMMU."""
    release = kernel_release(environment)
    parts = (f'kernel {release}' if release else None,
             drive_model(environment), iommu(environment))
    return ', '.join(filter(None, parts)) or 'an unknown system'


# ---- as a list ----

def label(name):
    """The name of a member as a person reads it; one with a dot or capitals
    is the kernel's own.
    """
    return name.replace('_', ' ') if re.fullmatch('[a-z0-9_]+', name) \
        else name


def scalar(value):
    if value is None:
        return tag('span', 'unknown', class_='muted')
    if value is True or value is False:
        return 'yes' if value else 'no'
    if value == '':
        return tag('span', 'empty', class_='muted')
    return str(value)


def value_markup(value, name=None):
    if isinstance(value, dict):
        pairs = html.definitions([(label(key), value_markup(part, key))
                                  for key, part in value.items()])
        if len(value) <= FEW:
            return pairs
        return tag('details', [tag('summary', f'{len(value)} entries'),
                               pairs])
    if isinstance(value, list):
        if any(isinstance(part, (dict, list)) for part in value):
            return [value_markup(part) for part in value]
        return ', '.join(map(str, value)) if value else scalar(None)
    if name == 'bytes' and isinstance(value, int):
        return format.capacity(value)
    if name == 'created' and isinstance(value, (int, float)):
        return format.date(value)
    return scalar(value)


def cards(environment):
    """A card for each part, and one for what has no parts."""
    single = {name: value for name, value in environment.items()
              if not isinstance(value, (dict, list))}
    parts = [tag('div', value_markup(single), class_='card')] if single else []
    parts += [tag('div', [tag('h3', label(name)), value_markup(value, name)],
                  class_='card')
              for name, value in environment.items() if name not in single]
    return tag('div', parts, class_='cards')
