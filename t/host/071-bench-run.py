# SPDX-License-Identifier: GPL-2.0-only
"""Helps 071-bench-run.sh with what a shell cannot do.

071-bench-run.py measured TOP DIR N [any]  DIR has N whole measurements, each
                                           once and in the order of its seed;
                                           any: of a run that was interrupted
071-bench-run.py interrupt SEED LONGEST SIGNAL LIMIT COMMAND...
                                           sends SIGNAL at a random moment
071-bench-run.py reordered DIR             rounds 1 and 2 differ in order
071-bench-run.py environment DIR           the environment was recorded
071-bench-run.py hold DRIVE                opens DRIVE with O_EXCL, 30 s long
"""

import collections
import glob
import json
import os
import random
import signal
import subprocess
import sys
import time

OPTIONS = {'rw', 'bs', 'iodepth', 'numjobs'}
METRICS = {'iops', 'bw', 'lat_mean', 'lat_p50', 'lat_p99', 'lat_p999',
           'cpu', 'switches'}


def read_index(path):
    with open(path + '/index.jsonl') as f:
        return [json.loads(line) for line in f]


def check_order(lines, planned, interrupted):
    """Every measurement once, in the planned order of points."""
    twice = collections.Counter((line['point'], line['round'])
                                for line in lines)
    assert max(twice.values(), default=1) == 1, twice
    done = [(line['round'], line['point']) for line in lines]
    if not interrupted:
        assert done == [each for each in planned if each in done], done
    starts = [line['start'] for line in lines]
    assert starts == sorted(starts)


def check_line(line, file):
    """One measurement is whole; @file has fio's JSON of it."""
    with open(file) as f:
        text = f.read()
    assert text.startswith('{') and text.endswith('}\n')
    options = json.loads(text)['jobs'][0]['job options']
    assert OPTIONS <= options.keys(), options
    assert line['measured'] == {'path': 'host', 'family': None,
                                'source': 'memory', 'compared': None}
    assert METRICS == line['metrics'].keys() | line.get('left_out', {}).keys()
    assert line['metrics']['iops'] > 0


def measured(top, path, count, interrupted=''):
    sys.dont_write_bytecode = True
    sys.path.insert(0, top)
    from bench.measure import rounds
    from bench.results import directory
    results = directory.read(path)
    lines = read_index(path)
    assert len(lines) == int(count), f'{len(lines)} lines'
    assert [line['seq'] for line in lines] == list(range(1, len(lines) + 1))
    header = results.header
    points = [each['name'] for each in results.points]
    planned = [(number, name) for number in range(1, header['rounds'] + 1)
               for name in rounds.round_order(header['seed'],
                                              header['order'], number,
                                              points)]
    check_order(lines, planned, interrupted)
    files = {file for file in glob.glob(path + '/*/r*')
             if not file.endswith('.log')}
    for line in lines:
        file = os.path.join(path, line['file'])
        assert not directory.damage(path, line), file
        check_line(line, file)
        base = file[:-len('.json')]
        files -= {file, base + '.report', base + '.1.report',
                  base + '.2.report'}
    # An interrupted measurement may have left a file.
    assert not files or interrupted, files
    assert not glob.glob(path + '/*.tmp') + glob.glob(path + '/probe*')


def interrupt(seed, longest, number, limit, *command):
    """Exits with the status of the command, or 200 when a signal killed it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen([sys.executable, *command])
    wait = random.Random(seed).uniform(0.05, float(longest))
    try:
        process.wait(wait)
    except subprocess.TimeoutExpired:
        process.send_signal(int(number))
    status = process.wait(int(limit))
    sys.exit(status if status >= 0 else 200)


def reordered(path):
    first, second = ([line['point'] for line in read_index(path)
                      if line['round'] == number] for number in (1, 2))
    assert sorted(first) == sorted(second) and first != second


def environment(path):
    with open(path + '/environment.json') as f:
        found = json.load(f)
    assert found['kernel']['release'] == os.uname().release
    assert found['fio']['version'].startswith('fio-')
    assert found['plugin']['version'] and len(found['plugin']['sha256']) == 64
    assert found['drives'][0]['kind'] == 'file'
    assert (found['check'] is None) == (found['check_missing'] is not None)


def hold(drive):
    """Clears its first sector; the file held tells that it is open."""
    fd = os.open(drive, os.O_RDWR | os.O_EXCL)
    os.pwrite(fd, bytes(512), 0)
    os.fsync(fd)
    open('held', 'w').close()
    time.sleep(30)


{'measured': measured, 'interrupt': interrupt, 'reordered': reordered,
 'environment': environment, 'hold': hold}[sys.argv[1]](*sys.argv[2:])
