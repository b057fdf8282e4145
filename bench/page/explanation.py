# SPDX-License-Identifier: GPL-2.0-only
"""How to read the page of a comparison: its answers and its method, in words.
"""

from bench import format
from bench.compare import answers, words
from bench.units import count
from . import html


def explanation(judgement):
    unit = judgement['design']['unit']
    sample = {'round': 'One round.',
              'boot': 'One boot: the median of its rounds, because the rounds '
                      'of one boot do not show how boots differ.'}[unit]
    parts = [('sample', sample)]
    if judgement['design']['why']:
        parts.append(('no verdict', 'This page describes and does not judge: '
                      f'{judgement["design"]["why"]}. A change is that of the '
                      'medians. It may be chance, a drift, or the difference '
                      'between two boots.'))
    else:
        parts += explained_answers(judgement) + explained_method(judgement)
    return html.definitions(parts + [
        ('in order of time',
         f'Each {unit} of both sides from the first to the last, in percent '
         'of the base\'s median. A slope that both sides have is a drift. '
         'The axes are in the heading; what lies beyond them is an arrow at '
         'their end.'),
        ('all points together', 'The geometric mean over the points, of each '
         f'{unit}. The headline uses it for IOPS.')])


def explained_answers(judgement):
    unit = judgement['design']['unit']
    marks = {name: answer.page for name, answer in words.ANSWERS.items()}
    margin = f'\u00b1{judgement["margin"]:g}{format.THIN}%'
    return [
        (f'{marks["worse"]}, {marks["better"]}',
         'A change: its interval does not contain 0, and is not all within '
         'the margin.'),
        (marks['equivalent'],
         f'No change that matters: the whole interval is within {margin}, '
         'the margin (--margin).'),
        (marks['undetermined'],
         'Neither: the interval contains 0 and reaches beyond the margin, so '
         'these samples cannot tell. It does not mean that nothing changed. '
         f'More {unit}s make the interval narrower.'),
        (f'{marks["undetermined"]}, {words.DRIFT}',
         'There is a difference, but the sides were not measured at the same '
         'times, and a steady drift could explain it. Measure them in turn.')]


def explained_method(judgement):
    unit = judgement['design']['unit']
    share = words.share_of_judgement(judgement)
    level = f'{judgement["design"]["level"] * 100:.3g}{format.THIN}%'
    parts = [
        ('interval',
         'The change lies in it. All intervals of a side together hold with '
         f'{share}. In the pictures the large dot is the change, each small '
         f'one below it that of one {unit}, and the band is the margin.'),
        ('method',
         'The samples number 1 of both sides are a block, those number 2 the '
         'next, and so on. If the sides do not differ, exchanging them within '
         'a block changes nothing. So whole blocks, with all their rows, are '
         'exchanged in every combination (of many blocks, neighbours '
         'together), and the most extreme row of each is noted (maximum '
         f'statistic). A change is more extreme than all but {level} of '
         'these. So if nothing differs, a side has any change at all in at '
         f'most {level} of comparisons, however many rows there are. p, in '
         'the tooltips, is corrected in the same way.'),
        ('detectable',
         'A change of this size would have been found every other time, '
         'smaller ones less often. If it is larger than what you look for, '
         f'measure more {unit}s.'),
        ('outlier \u00d7',
         f'A sample more than {answers.OUTLIER} standard deviations, and at '
         f'least {answers.LEAST_OUTLIER * 100:g}{format.THIN}%, from the '
         'others of its side and row. Its block is left out of the change.')]
    looks_taken = judgement['design']['looks']
    if looks_taken:
        parts.append((
            'extended', f'More was measured {count(looks_taken, "time")} '
            'after the plan was done. Each further look gives chance another '
            'try, so the level of the judgement is 10 times stricter for '
            'each.'))
    return parts
