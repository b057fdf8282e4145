# SPDX-License-Identifier: GPL-2.0-only
"""A judgement in words, the same for every output: its sides, what differs
between them, what is missing, the verdict on a change, and the outcome. The
verdict itself is decided in significance.py.
"""

from collections import namedtuple

from bench import format
from bench.format import count
from bench.measure.environment import iommu
from bench.metrics import named
from .significance import is_significant

# plain   in a table of plain text
# page    in a table of a page
# points  of a number of points: "3 points better"
Verdict = namedtuple('Verdict', 'plain page points')
VERDICTS = {
    'better': Verdict('better', '\u25b2 better', 'better'),
    'worse': Verdict('WORSE', '\u25bc worse', 'worse'),
    'same': Verdict('~', '~', 'without a significant difference'),
    'few': Verdict('?', 'too few', 'with too few samples'),
    None: Verdict('', '', ''),
}
# The kinds of a difference between sides: in plain text, and on a page
DIFFERENCES = {
    'refused': ('NOT THE SAME', 'must not differ; compared by force'),
    'loud': ('IOMMU MODE', 'changes figures'),
    'shown': ('differs', ''),
}


# ---- sides ----

def side_names(judgement):
    return [side['name'] for side in judgement['sides']]


def side_letter(number):
    """Sides are A, B, C: their names may be long. Beyond Z: S27."""
    return chr(ord('A') + number) if number < 26 else f'S{number + 1}'


def side_summary(side):
    kernel = (side['environment'].get('kernel') or {}).get('release')
    mode = iommu(side['environment'])
    return (f'{side["name"]}: {kernel or "kernel unknown"}, '
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
    """{reason: points that a side does not have for it}"""
    reasons = {}
    for missing in judgement['missing']:
        if missing['side'] == number:
            reasons.setdefault(missing['reason'], []).append(missing['point'])
    return reasons


def point_list(names, most=10):
    more = f' and {len(names) - most} more' if len(names) > most else ''
    return f'{count(len(names), "point")}: {", ".join(names[:most])}{more}'


# ---- changes ----

def plain_change(change):
    """A change with its verdict, as a cell of a table of plain text."""
    verdict = VERDICTS[change['verdict']].plain
    if is_significant(change):
        return f'{change_size(change["percent"])} {verdict}'
    return verdict


def change_size(percent):
    """In percent; a base of 0 has none."""
    return 'from 0' if percent is None else format.plain_change(percent)


def sentence(judgement, number):
    """(verdict, words) on all points of a side together: of IOPS, or of the
    first metric there is.
    """
    base, other = judgement['sides'][0]['name'], \
        judgement['sides'][number]['name']
    rows = {row['metric']: row for row in reversed(judgement['summary'])}
    row = rows.get('iops') or next(reversed(rows.values()), None)
    if row is None:
        return None, f'{other} cannot be judged against {base}: they have ' \
                     'no figure in common.'
    change = row['changes'][number]
    verdict, percent = change['verdict'], change['percent']
    title = named(row['metric']).title
    if percent is None:
        return None, f'{other} cannot be judged against {base}: there is ' \
                     f'no change of {title} to tell.'
    how = (f'{title} {format.change(percent)}, '
           f'{format.share(judgement["confidence"])} interval '
           f'{format.interval(change["interval"])}, geometric mean of '
           f'{count(row["points"], "point")}')
    if verdict == 'few':
        return verdict, (f'Whether {other} differs from {base} cannot be '
                         f'said: too few {judgement["samples"]} ({how}).')
    if not is_significant(change):
        return verdict, (f'No difference between {other} and {base} that '
                         f'can be believed ({how}).')
    word = verdict
    if row['metric'] == 'iops':
        word = {'better': 'faster', 'worse': 'slower'}[verdict]
    return verdict, (f'{other} is {format.percent(abs(percent))} {word} than '
                     f'{base}, and that can be believed ({how}).')


# ---- the whole ----

def legend(judgement):
    samples = judgement['samples']
    return (f'A and the others: medians over {samples}. Change: of the median '
            f'against A, with its {judgement["confidence"] * 100:g} % '
            'interval (bootstrap). p: rank test (Mann-Whitney), corrected for '
            'the number of rows; "~": no significant difference (p > '
            f'{judgement["level"]:g}), "?": too few {samples} to tell. All '
            'points together: geometric mean.')


def outcome(judgement):
    """Whether there is a regression: the last line."""
    regressions = judgement['regressions']
    limit = judgement['fail_above']
    beyond = f' by more than {limit:g} %' if limit else ''
    watched = ', '.join(metric['name'] for metric in judgement['metrics']
                        if metric['fails'])
    if not watched:
        return 'No regression looked for: none of its metrics is judged.'
    if not regressions:
        return f'No regression ({watched}){beyond}.'
    return f'{count(len(regressions), "regression")}{beyond}: ' + '; '.join(
        f'{regression["metric"]} of {regression["point"] or "all points"} in '
        f'{side_letter(regression["side"])}' +
        ('' if regression['percent'] is None
         else f' {format.plain_change(regression["percent"])}')
        for regression in regressions[:3]) + \
        (' ...' if len(regressions) > 3 else '.')
