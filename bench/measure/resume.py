# SPDX-License-Identifier: GPL-2.0-only
"""An existing directory of results can be continued only with the same plan on
the same system.
"""

from bench.format import one_line
from bench.results import directory
from vm.problem import Problem
from .environment import boot_differences


def resume(path, header, plan_text, points, environment):
    """The header to continue with; a Problem says what differs. The number of
    rounds may grow; the seed is kept unless another one is given.
    """
    old = directory.read(path)
    before = {key: old.header.get(key) for key in header}
    difference = compare_headers(before, header) or \
        compare_plans(path, plan_text, old.points, points) or \
        compare_systems(old.environment, environment)
    if difference:
        what, there, here = difference
        raise Problem(f'{path}: {what} differs: {one_line(there)} there, '
                      f'{one_line(here)} now; give another directory')
    directory.remove_partial_lines(path)
    kept = dict(old.header)
    if header['rounds'] > kept['rounds']:
        if not directory.untried(old):
            # somebody may have looked at a result, and wants another
            kept['extended'] = kept.get('extended', []) + [kept['rounds']]
        kept['rounds'] = header['rounds']
        directory.write_json(path, directory.HEADER, kept)
    return kept


def compare_headers(old, new):
    """(what, there, here), or None."""
    for key in ('plan', 'runtime', 'ramp', 'order', 'host', 'trace', 'purge'):
        if old.get(key) != new.get(key):
            return key, old.get(key), new.get(key)
    there, here = settings_of(old), settings_of(new)
    if there != here:
        return '--ab', there, here
    if new['seed'] not in (None, old['seed']):
        return 'seed', old['seed'], new['seed']
    if new['rounds'] < old['rounds']:
        return 'rounds', old['rounds'], new['rounds']
    return None


def settings_of(header):
    """The side of --ab that a header is of, in words."""
    ab = header.get('ab')
    return ab and f'{ab["side"]}: {" ".join(ab["settings"]) or "none"}'


def compare_plans(path, text, old, new):
    with open(f'{path}/{directory.PLAN}', encoding='utf-8') as f:
        if f.read() != text:
            return 'the text of the plan', 'another', 'this'
    for before, now in zip(old, new):
        if before['name'] != now['name']:
            return 'a point', before['name'], now['name']
        if before != now:
            return f'the job of {before["name"]}', 'another', 'this'
    if len(old) != len(new):
        return 'the number of points', len(old), len(new)
    return None


def compare_systems(old, new):
    for before, now in zip(old['drives'], new['drives']):
        if before['kind'] == 'file' and before['name'] != now['name']:
            return 'the file', before['name'], now['name']
    return next(iter(boot_differences(old, new)), None)
