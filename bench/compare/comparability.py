# SPDX-License-Identifier: GPL-2.0-only
"""In what two results differ: drive, fio, plugin and job have to be the same,
a kernel is what is compared, and the rest is good to know.
"""

from bench.format import one_line
from bench.measure import environment
from vm.problem import Problem

HEADER = ('plan', 'rounds', 'order', 'host')


def find(a, b):
    """(what, in a, in b, kind) for each difference, those first that have to
    be none. a and b have points, header and environment.
    """
    must, other = environment.differences(a.environment, b.environment)
    must = must + jobs(a, b)
    other = other + [(name, a.header.get(name), b.header.get(name))
                     for name in HEADER
                     if a.header.get(name) != b.header.get(name)]
    found = [each + ('refused',) for each in must]
    found += [each + ('loud',) for each in other if is_loud(each[0])]
    found += [each + ('shown',) for each in other if not is_loud(each[0])]
    return [(what, one_line(one), one_line(two), kind)
            for what, one, two, kind in found]


def is_loud(what):
    """The mode of the IOMMU: the gain of path direct depends most on it."""
    return what.split()[-1] == 'iommu'


def jobs(a, b):
    """The first point whose jobs differ, and how many more there are."""
    theirs = {point['name']: point['job'] for point in b.points}
    found = [(point['name'], point['job'], theirs[point['name']])
             for point in a.points
             if point['job'] != theirs.get(point['name'], point['job'])]
    if not found:
        return []
    name, one, two = found[0]
    more = len(found) - 1
    more = f' (and of {more} more point{"s" * (more > 1)})' if more else ''
    return [(f'job of {name}{more}',
             ' '.join(line for line in one if line not in two) or 'the rest',
             ' '.join(line for line in two if line not in one) or 'the rest')]


def refuse(one, two, found, remedy):
    """A Problem when what has to be the same is not."""
    must = [each for each in found if each[3] == 'refused']
    if not must:
        return
    what, a, b, _ = must[0]
    more = f' (and in {len(must) - 1} more)' if must[1:] else ''
    raise Problem(f'{one} and {two} differ in {what}: {a} and {b}{more}; '
                  f'{remedy}')
