# SPDX-License-Identifier: GPL-2.0-only
"""A judgement in words, the same for every output: its sides, its design, what
differs, what is lost or missing, the answer on a change, and the outcome. The
answers themselves are given in answers.py.
"""

from collections import namedtuple

from bench import format
from bench.measure.environment import iommu
from bench.metrics import named
from bench.units import count

# plain   in a table of plain text
# page    in a table of a page
# points  after a number of points: "3 better"
Answer = namedtuple('Answer', 'plain page points')
ANSWERS = {
    'worse': Answer('WORSE', '\u25bc worse', 'worse'),
    'undetermined': Answer('open', 'undetermined', 'undetermined'),
    'equivalent': Answer('equal', '= equivalent', 'equivalent'),
    'better': Answer('better', '\u25b2 better', 'better'),
    None: Answer('', '', 'described'),
}
DRIFT = 'drift?'
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
    settings = ', '.join(side['settings'] or ())
    families = ' and '.join(side['families'])
    return (f'{side["name"]}: {settings + ", " if settings else ""}{kernel}, '
            f'{"interface family " + families + ", " if families else ""}'
            f'{mode + ", " if mode else ""}{count(side["boots"], "boot")}, '
            f'{count(side["rounds"], "round")}')


def design_text(judgement):
    """What a sample is, and how the sides lie in time."""
    design = judgement['design']
    numbers = design['samples']
    each = count(numbers[0], design['unit']) if len(set(numbers)) == 1 else \
        ' and '.join(map(str, numbers)) + f' {design["unit"]}s'
    order = 'in turn' if design['interleaved'] else 'one after the other'
    text = f'{each} a side, {order}'
    if design['looks']:
        text += (f'; extended {count(design["looks"], "time")}, so judged at '
                 f'a level of {design["level"]:.2g}')
    return text


def preamble(judgement):
    """(label, text) of all that comes before the rows: what was lost first."""
    several = len(judgement['sides']) > 2
    lines = [(f'LOST in {side_letter(number)}', text)
             for number, text in lost_by_reason(judgement)]
    lines += [(side_letter(number), side_summary(side))
              for number, side in enumerate(judgement['sides'])]
    lines.append(('design', design_text(judgement)))
    if judgement['design']['why']:
        lines.append(('NO VERDICT', judgement['design']['why']))
    for difference in judgement['differences']:
        label, _ = DIFFERENCES[difference['kind']]
        of = f' of {side_letter(difference["side"])}' if several else ''
        lines.append((label + of, f'{difference["what"]}: '
                      f'{difference["base"]} | {difference["other"]}'))
    for number in range(len(judgement['sides'])):
        lines += [(f'missing in {side_letter(number)}', point_list(points) +
                   (f' ({reason})' if reason else ''))
                  for reason, points in
                  by_reason(judgement['missing'], number).items()]
    return lines + [('note', text) for text in judgement['notes']]


def lost_by_reason(judgement):
    """(number of a side, points and why they cannot be measured on it)"""
    return [(number, f'{point_list(points)}: {reason}')
            for number in range(1, len(judgement['sides']))
            for reason, points in
            by_reason(judgement['lost'], number).items()]


def by_reason(entries, number):
    """{reason: the points that a side lacks for it}"""
    reasons = {}
    for entry in entries:
        if entry['side'] == number:
            reasons.setdefault(entry['reason'], []).append(entry['point'])
    return reasons


def point_list(names, most=10):
    more = f' and {len(names) - most} more' if len(names) > most else ''
    return f'{count(len(names), "point")}: {", ".join(names[:most])}{more}'


# ---- changes ----

def answer_text(change):
    """The answer on a change, as a cell of a table of plain text."""
    return DRIFT if change['drift'] else ANSWERS[change['answer']].plain


def change_size(percent, form):
    """A change from 0 has no size; form is a function of format.py."""
    return 'from 0' if percent is None else form(percent)


def share_of_judgement(judgement):
    """How often all intervals of a side hold, as text."""
    return f'{(1 - judgement["design"]["level"]) * 100:.4g} %'


def headline(judgement, number):
    """(answer, sentences) on a side: what was lost, what is worse, and then
    all points together, by IOPS if they were judged, otherwise by the first
    metric.
    """
    base, other = (judgement['sides'][at]['name'] for at in (0, number))
    lost = [entry['point'] for entry in judgement['lost']
            if entry['side'] == number]
    sentences = []
    answer = None
    if lost:
        answer = 'worse'
        sentences.append(f'{other} cannot measure {point_list(lost, 3)}, '
                         f'which {base} can.')
    worse = [one for one in judgement['regressions']
             if one['side'] == number and one['point']]
    if worse:
        answer = 'worse'
        sentences.append(f'{other} is worse than {base} at '
                         f'{regression_list(worse, format.change)}.')
    row = main_row(judgement)
    if row is None:
        if judgement['rows']:
            sentences.append('There is no mean over all points; see each.')
        elif not sentences:
            sentences.append(f'{other} cannot be compared with {base}: they '
                             'have nothing in common.')
        return answer, sentences
    change = row['changes'][number]
    sentences.append(whole_sentence(judgement, row, change, base, other))
    if judgement['design']['why']:
        sentences.append(f'No verdict: {judgement["design"]["why"]}.')
    return answer or change['answer'], sentences


def main_row(judgement):
    rows = {row['metric']: row for row in reversed(judgement['summary'])}
    return rows.get('iops') or next(reversed(rows.values()), None)


def whole_sentence(judgement, row, change, base, other):
    """On the geometric mean of all points."""
    title = named(row['metric']).title
    how = f'geometric mean of {count(row["points"], "point")}'
    size = f'{title} {change_size(change["percent"], format.change)}'
    if judgement['design']['why']:
        return f'{other} differs from {base} by {size} ({how}).'
    if change['interval']:
        size += f', {format.interval(change["interval"])}'
    margin = f'\u00b1{judgement["margin"]:g}{format.THIN}%'
    words = {
        'better': f'{other} is better than {base}',
        'worse': f'{other} is worse than {base}',
        'equivalent': f'{other} and {base} are equivalent within {margin}',
        'undetermined': f'Whether {other} differs from {base} by more than '
                        f'{margin} is undetermined',
    }[change['answer']]
    return f'All points together: {words} ({size}, {how}).'


# ---- the whole ----

def legend(judgement):
    unit = judgement['design']['unit']
    text = f'A, B: medians over {unit}s. '
    if judgement['design']['why']:
        return text + ('Change: of the medians, in percent, relative to A. It '
                       'may be chance, a drift, or the difference between two '
                       'boots.')
    return text + (
        'Change: relative to A, in percent, the geometric mean of the changes '
        f'in each {unit}, with its interval; '
        f'{share_of_judgement(judgement)} for all intervals together '
        '(permutation of whole blocks, maximum statistic). Shows: a '
        'change of this size would have been found every other time, smaller '
        'ones less often. Equal: the '
        f'whole interval is within {judgement["margin"]:g} %. Open: '
        'neither equal nor a change. All points together: geometric mean.')


def regression_list(entries, form, most=3):
    """The worst ones: what, where, how much and how sure."""
    return '; '.join(
        f'{one["point"] or "all points"} ({named(one["metric"]).title} '
        f'{change_size(one["percent"], form)}'
        + (f', at least {form(nearest(one["interval"]))}'
           if one['interval'] else '') + ')'
        for one in entries[:most]) + \
        (f' and {len(entries) - most} more' if len(entries) > most else '')


def nearest(interval):
    return min(interval, key=abs)


def outcome(judgement):
    """Whether there is a regression: the last line."""
    limit = judgement['fail_above']
    above = f' above {limit:g} %' if limit else ''
    watched = ', '.join(metric['name'] for metric in judgement['metrics']
                        if metric['fails'])
    parts = []
    for number in range(1, len(judgement['sides'])):
        lost = [entry['point'] for entry in judgement['lost']
                if entry['side'] == number]
        if lost:
            parts.append(f'Lost in {side_letter(number)}: '
                         f'{point_list(lost, 3)}.')
        worse = [one for one in judgement['regressions']
                 if one['side'] == number]
        if worse:
            parts.append(
                f'{count(len(worse), "regression")}{above} in '
                f'{side_letter(number)}: '
                f'{regression_list(worse, format.plain_change)}.')
    if judgement['design']['why']:
        parts.append(f'No verdict: {judgement["design"]["why"]}.')
    elif not watched:
        parts.append('No verdict: no metric of --fail-on was judged.')
    elif judgement['undetermined']:
        limit = max(judgement['margin'], limit or 0)
        parts.append(
            f'{"" if parts else "No verdict: "}'
            f'{count(judgement["undetermined"], "change")} of {watched} may '
            f'be for the worse by more than {limit:g} %.')
    hidden = judgement['uncompared']
    if hidden and not judgement['design']['why']:
        parts.append(f'{"" if parts else "No verdict: "}missing or failed in '
                     f'part on a side: {", ".join(hidden[:3])}' +
                     (f' and {len(hidden) - 3} more' if hidden[3:] else '') +
                     '.')
    if not parts:
        parts.append(f'No regression{above} ({watched}).')
    return ' '.join(parts)
