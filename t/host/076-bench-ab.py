# SPDX-License-Identifier: GPL-2.0-only
"""Helps 076-bench-ab.sh with what a shell cannot do.

076-bench-ab.py pairs TOP DIR   each point was measured on both sides one right
                                after the other, in the order of the seed
076-bench-ab.py sides DIR A B   the headers have these settings, and the points
                                and jobs those of the two paths
"""

import json
import sys


def read(path, name):
    with open(f'{path}/{name}') as f:
        return json.load(f)


def last_lines(path):
    with open(path + '/index.jsonl') as f:
        lines = [json.loads(line) for line in f]
    return {(line['point'], line['round']): line for line in lines}


def pairs(top, path):
    sys.dont_write_bytecode = True
    sys.path.insert(0, top)
    from bench.measure import ab, rounds
    from bench.results import directory
    header = directory.read_header(path + '/A')
    names = [point['name'] for point in directory.read(path + '/A').points]
    planned = [(name, number, 'AB'[side])
               for number in range(1, header['rounds'] + 1)
               for name in rounds.round_order(header['seed'], header['order'],
                                              number, names)
               for side in ab.side_order(header['seed'], number, name)]
    found = [(line['start'], *key, side) for side in 'AB'
             for key, line in last_lines(f'{path}/{side}').items()]
    assert [each[1:] for each in sorted(found)] == planned, (found, planned)
    for side in 'AB':
        lines = directory.read_lines(f'{path}/{side}/index.jsonl')
        for line in directory.last_lines(lines):
            assert not directory.damage(f'{path}/{side}', line), line
    firsts = {(name, side) for name, _, side in planned[::2]}
    assert len(firsts) == 2 * len(names), firsts


def sides(path, *settings):
    headers = [read(f'{path}/{side}', 'directory.json')['ab'] for side in 'AB']
    assert [header['side'] for header in headers] == ['A', 'B']
    assert headers[0]['id'] == headers[1]['id']
    for header, texts in zip(headers, settings):
        assert ' '.join(header['settings']) == texts, header
    points = [read(f'{path}/{side}', 'points.json')['points'] for side in 'AB']
    assert [point['name'] for point in points[0]] == \
        [point['name'] for point in points[1]] == \
        ['randread-4k-q1-j1', 'randread-16k-q1-j1']
    for side, some, engine in zip('AB', points, ('psync', 'io_uring')):
        for point in some:
            assert point['axes']['path'] == engine
            job = f'{path}/{side}/{point["name"]}/r02.json'
            with open(job) as f:
                options = json.load(f)['jobs'][0]['job options']
            assert options['ioengine'] == engine, options


{'pairs': pairs, 'sides': sides}[sys.argv[1]](*sys.argv[2:])
