# SPDX-License-Identifier: GPL-2.0-only
"""A judgement in words, the same for every output: its sides, what differs
between them, what is missing, the verdict on a change, and the outcome. The
verdict itself is decided in significance.py.
"""

from collections import namedtuple

from bench import format
from bench.measure.environment import iommu
from bench.metrics import named
from bench.units import count
from .significance import is_significant

# plain   in a table of plain text
# page    in a table of a page
# points  after a number of points: "3 better"
Verdict = namedtuple('Verdict', 'plain page points')
VERDICTS = {
    'better': Verdict('better', '\u25b2 better', 'better'),
    'worse': Verdict('WORSE', '\u25bc worse', 'worse'),
    'same': Verdict('~', '~', 'with no significant change'),
    'few': Verdict('?', 'too few', 'with too few samples'),
    None: Verdict('', '', ''),
}
# Kinds of difference between sides: the label in plain text, the remark on a
# page
DIFFERENCES = {
    'refused': ('MISMATCH', 'should match; compared with --force'),
    'loud': ('IOMMU MODE', 'affects results'),
    'shown': ('differs', ''),
}


# ---- sides ----

def side_names(judgement):
    return [side['name'] for side in judgement['sides']]


def side_letter(number):
    """Sides are A, B, C: their names may be long. Beyond Z: S27."""
    return chr(ord('A') + number) if number < 26 else f'S{number + 1}'


def side_summary(side):
    release = (side['environment'].get('kernel') or {}).get('release')
    kernel = f'kernel {release}' if release else 'unknown kernel'
    mode = iommu(side['environment'])
    return (f'{side["name"]}: {kernel}, '
            f'{mode + ", " if mode else ""}{count(side["boots"], "boot")}, '
            f'{count(side["rounds"], "round")}')


def preamble(judgement):
    """(label, text) of each side, difference, missing point and note."""
    lines = [(side_letter(number), side_summary(side))
             for number, side in enumerate(judgement['sides'])]
    several = len(judgement['sides']) > 2
    for difference in judgement['differences']:
        label, _ = DIFFERENCES[difference['kind']]
        of = f' of {side_letter(difference["side"])}' if several else ''
        lines.append((label + of, f'{difference["what"]}: '
                      f'{difference["base"]} | {difference["other"]}'))
    for number in range(len(judgement['sides'])):
        lines += [(f'missing in {side_letter(number)}', point_list(points) +
                   (f' ({reason})' if reason else ''))
                  for reason, points in
                  missing_by_reason(judgement, number).items()]
    return lines + [('note', text) for text in judgement['notes']]


def missing_by_reason(judgement, number):
    """{reason: the points that a side lacks for it}"""
    reasons = {}
    for missing in judgement['missing']:
        if missing['side'] == number:
            reasons.setdefault(missing['reason'], []).append(missing['point'])
    return reasons


def point_list(names, most=10):
    more = f' and {len(names) - most} more' if len(names) > most else ''
    return f'{count(len(names), "point")}: {", ".join(names[:most])}{more}'


# ---- changes ----

def change_text(change):
    """A change with its verdict, as a cell of a table of plain text."""
    verdict = VERDICTS[change['verdict']].plain
    if is_significant(change):
        return (f'{change_size(change["percent"], format.plain_change)} '
                f'{verdict}')
    return verdict


def change_size(percent, form):
    """A change from 0 has no size; form is a function of format.py."""
    return 'from 0' if percent is None else form(percent)


def sentence(judgement, number):
    """(verdict, words) on all points of a side together, by IOPS if they
    were judged, otherwise by the first metric.
    """
    base, other = judgement['sides'][0]['name'], \
        judgement['sides'][number]['name']
    rows = {row['metric']: row for row in reversed(judgement['summary'])}
    row = rows.get('iops') or next(reversed(rows.values()), None)
    if row is None:
        return None, f'{other} cannot be compared with {base}: they have ' \
                     'no metric in common.'
    change = row['changes'][number]
    verdict, percent = change['verdict'], change['percent']
    title = named(row['metric']).title
    if percent is None:
        return None, f'{other} cannot be compared with {base}: the change ' \
                     f'of {title} is unknown.'
    interval = ''
    if change['interval']:
        interval = (f', {format.share(judgement["confidence"])} confidence '
                    f'interval {format.interval(change["interval"])}')
    how = (f'{title} {format.change(percent)}{interval}, geometric mean of '
           f'{count(row["points"], "point")}')
    if verdict == 'few':
        return verdict, (f'Too few {judgement["samples"]} to tell whether '
                         f'{other} differs from {base} ({how}).')
    if not is_significant(change):
        return verdict, (f'No significant difference between {other} and '
                         f'{base} ({how}).')
    word = verdict
    if row['metric'] == 'iops':
        word = {'better': 'faster', 'worse': 'slower'}[verdict]
    return verdict, (f'{other} is {format.percent(abs(percent))} {word} than '
                     f'{base}, a significant difference ({how}).')


# ---- the whole ----

def legend(judgement):
    samples = judgement['samples']
    return (f'Values are medians over {samples}. Change: relative to A, with '
            f'its {judgement["confidence"] * 100:g} % confidence interval '
            '(bootstrap); "~" if it is not significant (p > '
            f'{judgement["level"]:g}), "?" if there are too few {samples} to '
            'tell. p: rank test (Mann-Whitney), corrected for the number of '
            'rows. All points together: geometric mean.')


def outcome(judgement):
    """Whether there is a regression: the last line."""
    regressions = judgement['regressions']
    limit = judgement['fail_above']
    above = f' above {limit:g} %' if limit else ''
    watched = ', '.join(metric['name'] for metric in judgement['metrics']
                        if metric['fails'])
    if not watched:
        return 'Regressions not checked: no --fail-on metric was judged.'
    if not regressions:
        return f'No regression{above} ({watched}).'
    return f'{count(len(regressions), "regression")}{above}: ' + '; '.join(
        f'{regression["metric"]} of {regression["point"] or "all points"} in '
        f'{side_letter(regression["side"])}' +
        ('' if regression['percent'] is None
         else f' {format.plain_change(regression["percent"])}')
        for regression in regressions[:3]) + \
        (' ...' if len(regressions) > 3 else '.')
