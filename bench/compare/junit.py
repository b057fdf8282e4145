# SPDX-License-Identifier: GPL-2.0-only
"""The judgement as JUnit's XML, for CI: a suite for each side but the base, a
case for each point and metric that counts as a regression.
"""

import re
import xml.etree.ElementTree as xml

from bench import format
from bench.metrics import METRICS
from . import table

# What XML cannot have, not even escaped
FORBIDDEN = re.compile('[^\t\n\r\x20-\ud7ff\ue000-\ufffd'
                       '\U00010000-\U0010ffff]')


def write(judgement, file):
    suites = [suite(judgement, number)
              for number in range(1, len(judgement['sides']))]
    top = xml.Element('testsuites', {'name': 'fio-dmabuf-bench compare'} |
                      sums(suites))
    top.extend(suites)
    xml.indent(top)
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    file.write(xml.tostring(top, encoding='unicode') + '\n')


def sums(suites):
    return {name: str(sum(int(each.get(name)) for each in suites))
            for name in ('tests', 'failures', 'errors', 'skipped')}


def suite(judgement, number):
    name = clean(judgement['sides'][number]['name'])
    fails = {each['name'] for each in judgement['metrics'] if each['fails']}
    worse = {(each['point'], each['metric'])
             for each in judgement['regressions'] if each['side'] == number}
    cases = [case(each, number, METRICS[each['metric']], name,
                  (each['point'], each['metric']) in worse)
             for each in judgement['summary'] + judgement['rows']
             if each['metric'] in fails]
    found = xml.Element('testsuite', {
        'name': name, 'tests': str(len(cases)), 'errors': '0',
        'failures': str(sum(each.find('failure') is not None
                            for each in cases)),
        'skipped': str(sum(each.find('skipped') is not None
                           for each in cases))})
    properties = xml.SubElement(found, 'properties')
    for label, text in table.heading(judgement):
        xml.SubElement(properties, 'property', name=clean(label),
                       value=clean(text))
    found.extend(cases)
    return found


def case(row, number, metric, side, is_worse):
    """Failed when it is a regression, skipped where there is no verdict."""
    found = xml.Element('testcase', {
        'classname': f'{side}.{metric.name}',
        'name': clean(row['point'] or 'all points')})
    made = row['changes'][number]
    if is_worse:
        words = (f'{metric.title}: {table.change(made)}, p '
                 f'{format.plain_probability(made["adjusted"])}')
        failure = xml.SubElement(found, 'failure', type='regression',
                                 message=words)
        failure.text = (
            f'base {table.figure(row["figures"][0], metric)} '
            f'{metric.unit}, now '
            f'{table.figure(row["figures"][number], metric)} '
            f'{metric.unit}, interval of the change '
            f'{format.plain_interval(made["interval"])}')
    elif made['verdict'] in (None, 'few'):
        xml.SubElement(found, 'skipped', message='too few samples to tell')
    return found


def clean(text):
    return FORBIDDEN.sub('?', text)
