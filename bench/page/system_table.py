# SPDX-License-Identifier: GPL-2.0-only
"""What was measured on, as a list; see environment.py for what it holds."""

import re

from bench import format
from bench.measure.environment import iommu
from . import html
from .html import tag

# Longer lists are folded.
FEW = 14


def first(environment, *names):
    """The first of these that is known; a name is a way through
    dictionaries and lists."""
    for name in names:
        found = environment
        for part in name.split('.'):
            if isinstance(found, dict):
                found = found.get(part)
            elif isinstance(found, list) and part.isdigit():
                found = found[int(part)] if int(part) < len(found) else None
            else:
                found = None
        if isinstance(found, (str, int)) and found != '':
            return str(found).strip()
    return None


def kernel(environment):
    return first(environment, 'kernel.release', 'kernel')


def drive(environment):
    """The model, or for a file that there is one."""
    found = first(environment, 'drives.0.model')
    if found:
        number = len(environment['drives'])
        return found if number == 1 else f'{number} drives, {found}'
    where = first(environment, 'drives.0.file_system')
    return f'a file on {where}' if where else None


def system(environment):
    """Kernel, drive and mode of its IOMMU in a few words."""
    release = kernel(environment)
    words = (f'kernel {release}' if release else None, drive(environment),
             iommu(environment))
    return ', '.join(filter(None, words)) or 'an unknown system'


def scalar(value):
    if value is None:
        return tag('span', 'not known', class_='muted')
    if value is True or value is False:
        return 'yes' if value else 'no'
    if value == '':
        return tag('span', 'empty', class_='muted')
    return str(value)


def words(name):
    """The name of a member as a person reads it; what has a dot or capitals
    is a name of the kernel's."""
    return name.replace('_', ' ') if re.fullmatch('[a-z0-9_]+', name) \
        else name


def content(value, name=None):
    if isinstance(value, dict):
        pairs = html.definitions([(words(key), content(each, key))
                                  for key, each in value.items()])
        if len(value) <= FEW:
            return pairs
        return tag('details', [tag('summary', f'{len(value)} entries'),
                               pairs])
    if isinstance(value, list):
        if any(isinstance(each, (dict, list)) for each in value):
            return [content(each) for each in value]
        return ', '.join(map(str, value)) if value else scalar(None)
    if name == 'bytes' and isinstance(value, int):
        return format.capacity(value)
    if name == 'created' and isinstance(value, (int, float)):
        return format.date(value)
    return scalar(value)


def table(environment):
    """A card for each part, and one for what has no parts."""
    single = {name: value for name, value in environment.items()
              if not isinstance(value, (dict, list))}
    cards = [tag('div', content(single), class_='card')] if single else []
    cards += [tag('div', [tag('h3', words(name)), content(value, name)],
                  class_='card')
              for name, value in environment.items() if name not in single]
    return tag('div', cards, class_='cards')
