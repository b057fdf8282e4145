# SPDX-License-Identifier: GPL-2.0-only
"""The differences between two results. Drive, fio, plugin and jobs must be the
same; kernels are what is compared; the rest is only shown.
"""

from bench.format import one_line
from bench.measure import environment
from bench.units import count
from vm.problem import Problem

HEADER = ('plan', 'rounds', 'order', 'host')


def differences(a, b):
    """[(what, in a, in b, kind)], first those of the kind 'refused', then
    'loud' and 'shown'. a and b have points, header and environment.
    """
    must_match, other = environment.differences(a.environment, b.environment)
    must_match = must_match + job_differences(a.points, b.points) + \
        data_differences(a.points, b.points)
    other = other + [(name, a.header.get(name), b.header.get(name))
                     for name in HEADER
                     if a.header.get(name) != b.header.get(name)]
    loud = [difference for difference in other if is_loud(difference[0])]
    shown = [difference for difference in other if not is_loud(difference[0])]
    return [(what, one_line(one), one_line(two), kind)
            for kind, group in (('refused', must_match), ('loud', loud),
                                ('shown', shown))
            for what, one, two in group]


def is_loud(what):
    return environment.is_iommu(what)


def job_differences(a, b):
    """The first point whose jobs differ, and how many more there are."""
    jobs = {point['name']: point['job'] for point in b}
    differing = [point for point in a
                 if point['job'] != jobs.get(point['name'], point['job'])]
    if not differing:
        return []
    name, job = differing[0]['name'], differing[0]['job']
    more = len(differing) - 1
    more = f' (and of {count(more, "more point")})' if more else ''
    return [(f'job of {name}{more}', lines_without(job, jobs[name]),
             lines_without(jobs[name], job))]


def data_differences(a, b):
    """The first point whose data one side compared and the other did not: that
    side may have measured transfers that moved nothing.
    """
    words = {True: 'compared', False: 'not compared'}
    others = {point['name']: point.get('compared') for point in b}
    return [(f'data of {point["name"]}', words[point['compared']],
             words[others[point['name']]]) for point in a
            if {point.get('compared'), others.get(point['name'])} ==
            {True, False}][:1]


def lines_without(job, other):
    return ' '.join(line for line in job if line not in other) or \
        'only the common lines'


def refuse(one, two, differing, remedy):
    """Raises a Problem if what must be the same is not."""
    must_match = [difference for difference in differing
                  if difference[3] == 'refused']
    if not must_match:
        return
    what, a, b, _ = must_match[0]
    more = f' (and in {len(must_match) - 1} more)' if must_match[1:] else ''
    raise Problem(f'{one} and {two} differ in {what}: {a} and {b}{more}; '
                  f'{remedy}')
