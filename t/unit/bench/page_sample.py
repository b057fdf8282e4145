# SPDX-License-Identifier: GPL-2.0-only
"""Directories of results and pages for the tests of pages. By hand, or from
a system test, into a directory:

    page_sample.py DIRECTORY
"""

import json
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.dirname(os.path.dirname(os.path.dirname(HERE))), HERE]

import sample  # noqa: E402
from bench.page import command as report  # noqa: E402

HOSTILE = '<script>window.hostile = 1</script>'
STEADY = {'window': 5, 'range': 20, 'slope': 10, 'most': 25, 'metric': 'iops',
          'points': [{'rw': 'randwrite', 'bs': 4096}], 'reached': 9}


def load(path, name):
    with open(os.path.join(path, name), encoding='utf-8') as file:
        return json.load(file)


def change(path, name, **changes):
    """Members of a file of JSON."""
    sample.write(os.path.join(path, name), load(path, name) | changes)


def lines(path, edit):
    """Each line of the index as edit() leaves it; None takes it out."""
    file = os.path.join(path, 'index.jsonl')
    with open(file, encoding='utf-8') as index:
        records = [edit(json.loads(line)) for line in index]
    with open(file, 'w', encoding='utf-8') as index:
        for record in records:
            if record:
                index.write(json.dumps(record) + '\n')


def hostile(path):
    """Names of a point, its source and the host that are markup, and more
    that gnuplot or a shell would take for their own."""
    sample.directory(path, rounds=2, traced=True)
    points = load(path, 'points.json')['points']
    name = points[0]['name']
    points[0]['name'] = HOSTILE
    points[0]['axes']['source'] = HOSTILE + '\'"%d$(id)`\\'
    points[0]['axes']['path'] = '</svg>\'; system "id"; print \''
    change(path, 'points.json', points=points)
    change(path, 'environment.json', host_name=HOSTILE)

    def rename(line):
        return line | {'point': HOSTILE} if line['point'] == name else line
    lines(path, rename)
    return path


def steady(path, reached=9):
    """Of a plan that goes on until it is steady, which comes in round 9."""
    plan = [sample.point('host', size, 32, rw=rw)
            for rw in ('randread', 'randwrite') for size in ('4k', '128k')]
    sample.directory(path, plan, rounds=reached)
    settings = STEADY | {'reached': reached if reached >= 9 else None}
    change(path, 'directory.json', rounds=25, steady=settings)

    def fall(line):
        # against the drift of the samples
        factor = 1 + 3 * 0.4 ** line['round'] + 0.01 * line['round']
        line['metrics']['iops'] *= factor
        line['metrics']['bw'] *= factor
        return line
    lines(path, fall)
    return path


def failed(path):
    """The first point failed in rounds 2 and 3, the second altogether."""
    sample.directory(path, rounds=3)
    one, two = [point['name'] for point in
                load(path, 'points.json')['points'][:2]]
    lines(path, lambda line: None if line['point'] == two or
          line['point'] == one and line['round'] > 1 else line)
    with open(os.path.join(path, 'failures.jsonl'), 'w',
              encoding='utf-8') as file:
        for name, number in ((one, 2), (one, 3), (two, 1)):
            file.write(json.dumps({
                'round': number, 'point': name, 'start': sample.START,
                'boot': 'b0', 'reason': 'fio: exit status 1: bad <thing>'})
                + '\n')
    return path


def pages(top):
    """report.html, wide.html, tiny.html, hostile.html, steady.html; "after"
    is to be compared with "before", both of 7 boots, and "other" with
    "report", of one."""
    def inside(name):
        return os.path.join(top, name)
    sample.directory(inside('report'), traced=True)
    sample.directory(inside('other'), traced=True, seed=2,
                     changes={'*': {'speed': 1.05}})
    slower = {'direct-randread-4k-q32-j1': {'speed': 0.9},
              'host-randread-4k-q1-j1': {'cpu': 1.2}}
    for seed, name in enumerate(('before', 'after'), 1):
        sample.boots(inside(name), 7, seed, rounds=3, noise=(0.003, 0.01),
                     boot_noise=0.004, changes=slower if seed > 1 else None)
    sample.directory(inside('wide'), sample.points(200), rounds=3)
    sample.directory(inside('tiny'), sample.points(1), rounds=1)
    hostile(inside('hostile'))
    steady(inside('steady'))
    for name in ('report', 'wide', 'tiny', 'hostile', 'steady'):
        report.write_page(inside(name + '.html'), report.page_of(inside(name)))


if __name__ == '__main__':
    pages(sys.argv[1])
