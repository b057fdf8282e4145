# SPDX-License-Identifier: GPL-2.0-only
"""The judgement as JUnit's XML, for CI: a suite for each side but the base, a
case for each point and metric that counts as a regression, and an error for
each point that cannot be measured any more.
"""

import re
import xml.etree.ElementTree as xml

from bench import format
from bench.metrics import METRICS
from . import words

# What XML cannot have, not even escaped
FORBIDDEN = re.compile('[^\t\n\r\x20-\ud7ff\ue000-\ufffd'
                       '\U00010000-\U0010ffff]')


def write(judgement, file):
    suites = [suite(judgement, number)
              for number in range(1, len(judgement['sides']))]
    top = xml.Element('testsuites', {'name': 'fio-dmabuf-bench compare'} |
                      totals(suites))
    top.extend(suites)
    xml.indent(top)
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    file.write(xml.tostring(top, encoding='unicode') + '\n')


def totals(suites):
    return {name: str(sum(int(element.get(name)) for element in suites))
            for name in ('tests', 'failures', 'errors', 'skipped')}


def suite(judgement, number):
    name = xml_text(judgement['sides'][number]['name'])
    watched = {metric['name'] for metric in judgement['metrics']
               if metric['fails']}
    regressions = {(regression['point'], regression['metric'])
                   for regression in judgement['regressions']
                   if regression['side'] == number}
    cases = [case(row, number, name,
                  (row['point'], row['metric']) in regressions)
             for row in judgement['summary'] + judgement['rows']
             if row['metric'] in watched]
    cases = [lost_case(entry, name) for entry in judgement['lost']
             if entry['side'] == number] + cases
    element = xml.Element('testsuite', {
        'name': name, 'tests': str(len(cases)),
        'errors': str(having('error', cases)),
        'failures': str(having('failure', cases)),
        'skipped': str(having('skipped', cases))})
    properties = xml.SubElement(element, 'properties')
    for label, text in words.preamble(judgement):
        xml.SubElement(properties, 'property', name=xml_text(label),
                       value=xml_text(text))
    element.extend(cases)
    return element


def having(child, cases):
    return sum(element.find(child) is not None for element in cases)


def lost_case(entry, side):
    element = xml.Element('testcase', {'classname': f'{side}.measured',
                                       'name': xml_text(entry['point'])})
    xml.SubElement(element, 'error', type='lost', message=xml_text(
        f'cannot be measured any more: {entry["reason"]}'))
    return element


def case(row, number, side, is_regression):
    """A regression fails; a row without a clear answer is skipped."""
    element = xml.Element('testcase', {
        'classname': f'{side}.{row["metric"]}',
        'name': xml_text(row['point'] or 'all points')})
    metric = METRICS[row['metric']]
    change = row['changes'][number]
    if is_regression:
        size = words.change_size(change['percent'], format.plain_change)
        failure = xml.SubElement(
            element, 'failure', type='regression',
            message=f'{metric.title}: {size}, interval '
            f'{format.plain_interval(change["interval"])}')
        base, median = (metric.plain_text(row['figures'][at]['median'])
                        for at in (0, number))
        failure.text = (f'median {median}, base {base}, p '
                        f'{format.plain_probability(change["p"])}')
    elif change['answer'] in (None, 'undetermined'):
        xml.SubElement(element, 'skipped', message=why_open(change))
    return element


def why_open(change):
    if change['drift']:
        return 'undetermined: a drift could explain the change'
    if change['answer']:
        least = change['least']
        return 'undetermined' + (
            '' if least is None else ': a change of '
            f'{format.plain_change(least)[1:]} would have been found every '
            'other time')
    return 'no verdict' if change['percent'] is not None \
        else 'not measured on both sides'


def xml_text(text):
    return FORBIDDEN.sub('?', text)
