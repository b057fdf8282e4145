# SPDX-License-Identifier: GPL-2.0-only
"""The judgement as tables of words, which write_text and write_markdown set.
"""

from bench import format
from bench.format import count
from bench.measure.environment import iommu
from bench.metrics import METRICS

VERDICTS = {'better': 'better', 'worse': 'WORSE', 'same': '~', 'few': '?'}
KINDS = {'refused': 'NOT THE SAME', 'loud': 'IOMMU MODE', 'shown': 'differs'}


def heading(judgement):
    """(label, text) of each side, difference, missing point and note."""
    lines = [(letter(number), side_text(each))
             for number, each in enumerate(judgement['sides'])]
    several = len(judgement['sides']) > 2
    for each in judgement['differences']:
        of = f' of {letter(each["side"])}' if several else ''
        lines.append((KINDS[each['kind']] + of, f'{each["what"]}: '
                      f'{each["base"]} | {each["other"]}'))
    for number in range(len(judgement['sides'])):
        lines += [(f'missing in {letter(number)}', some(points) +
                   (f' ({reason})' if reason else ''))
                  for reason, points in by_reason(judgement, number).items()]
    return lines + [('note', text) for text in judgement['notes']]


def by_reason(judgement, number):
    """Reason -> the points that a side has not for it."""
    found = {}
    for each in judgement['missing']:
        if each['side'] == number:
            found.setdefault(each['reason'], []).append(each['point'])
    return found


def letter(number):
    """Sides are A, B, C: their names may be long. Beyond Z: S27."""
    return chr(ord('A') + number) if number < 26 else f'S{number + 1}'


def side_text(each):
    kernel = (each['environment'].get('kernel') or {}).get('release')
    mode = iommu(each['environment'])
    return (f'{each["name"]}: {kernel or "kernel unknown"}, '
            f'{mode + ", " if mode else ""}{count(each["boots"], "boot")}, '
            f'{count(each["rounds"], "round")}')


def some(names, most=10):
    more = f' and {len(names) - most} more' if len(names) > most else ''
    return f'{count(len(names), "point")}: {", ".join(names[:most])}{more}'


def legend(judgement):
    samples = judgement['samples']
    return (f'A and the others: medians over {samples}. Change: of the median '
            f'against A, with its {judgement["confidence"] * 100:g} % '
            'interval (bootstrap). p: rank test (Mann-Whitney), corrected for '
            'the number of rows; "~": no significant difference (p > '
            f'{judgement["level"]:g}), "?": too few {samples} to tell. All '
            'points together: geometric mean.')


def columns(judgement):
    names = ['', 'A']
    for number in range(1, len(judgement['sides'])):
        names += [letter(number), 'change', 'interval', 'p']
    return names


def groups(judgement):
    """(title, rows of cells) of the summary and of each metric."""
    metrics = [METRICS[each['name']] for each in judgement['metrics']]
    if judgement['summary']:
        yield 'All points together', [
            [over_all(each, METRICS[each['metric']], judgement)] +
            cells(each, METRICS[each['metric']])
            for each in judgement['summary']]
    rows = {metric.name: [] for metric in metrics}
    for each in judgement['rows']:
        rows[each['metric']].append(each)
    for metric in metrics:
        yield (f'{metric.plain_title} ({metric.better} is better)',
               [[each['point']] + cells(each, metric)
                for each in rows[metric.name]])


def over_all(row, metric, judgement):
    points = len(judgement['points'])
    less = f' ({row["points"]} of {points} points)' \
        if row['points'] < points else ''
    return metric.plain_title + less


def cells(row, metric):
    found = [figure(row['figures'][0], metric)]
    for each, made in zip(row['figures'][1:], row['changes'][1:]):
        found.append(figure(each, metric))
        found += [change(made), format.plain_interval(made['interval']),
                  format.plain_probability(made['adjusted'])]
    return found


def figure(each, metric):
    return metric.plain(each['median']) if each else 'none'


def change(made):
    verdict = made['verdict']
    if verdict in ('better', 'worse'):
        size = 'from 0' if made['percent'] is None \
            else format.plain_change(made['percent'])
        return f'{size} {VERDICTS[verdict]}'
    return VERDICTS.get(verdict, '')


def outcome(judgement):
    """The last line."""
    found = judgement['regressions']
    limit = judgement['fail_above']
    beyond = f' by more than {limit:g} %' if limit else ''
    watched = ', '.join(each['name'] for each in judgement['metrics']
                        if each['fails'])
    if not watched:
        return 'No regression looked for: none of its metrics is judged.'
    if not found:
        return f'No regression ({watched}){beyond}.'
    return f'{count(len(found), "regression")}{beyond}: ' + '; '.join(
        f'{each["metric"]} of {each["point"] or "all points"} in '
        f'{letter(each["side"])}'
        + ('' if each['percent'] is None
           else f' {format.plain_change(each["percent"])}')
        for each in found[:3]) + (' ...' if len(found) > 3 else '.')
