#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Stands in for t/vm/run: notes its arguments in $MACHINE_LOG, and does what
the name of the kernel says: "good" packs a directory of results as the guest
does, the others fail in one of the ways of a machine.
"""

import gzip
import io
import json
import os
import sys
import tarfile
import time


def results(release, failures=(), rounds=1):
    """Name -> text of a directory of one point "a", and "b" that failed."""
    names = ['a'] + (['b'] if failures else [])
    lines = [{'round': number, 'point': 'a'} for number in
             range(1, rounds + 1)]
    return {
        'environment.json': json.dumps({'kernel': {'release': release},
                                        'drives': []}),
        'points.json': json.dumps({'points': [
            {'name': name, 'axes': {}, 'job': []} for name in names]}),
        'index.jsonl': ''.join(json.dumps(line) + '\n' for line in lines),
        'failures.jsonl': ''.join(json.dumps(line) + '\n'
                                  for line in failures),
        'directory.json': json.dumps({'format': 1, 'rounds': 1, 'runtime': 1,
                                      'created': 1})}


def pack(files):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode='wb') as packed, \
            tarfile.open(fileobj=packed, mode='w|') as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo('./' + name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def say(text):
    print(text, file=sys.stderr, flush=True)


def main(argv):
    kernel = argv[argv.index('--kernel') + 1]
    with open(os.environ['MACHINE_LOG'], 'a') as log:
        log.write(json.dumps(argv) + '\n')
    data = pack(results(os.environ.get('MACHINE_RELEASE', kernel)))
    status = 0
    if kernel == 'unbootable':
        say('t/vm/run: some last line of the kernel')
        say('t/vm/run: x: did not boot in 120 s; its messages are above')
        return 125
    if kernel == 'warns':
        status = 125
    elif kernel == 'cut-off':
        data = data[:len(data) // 2]
    elif kernel == 'garbage':
        data = b'no archive'
    elif kernel == 'lacks':
        data = pack(results(kernel, [{'round': 1, 'point': 'b',
                                      'reason': 'dmabuf: b: not here'}]))
        status = 2
    elif kernel == 'broken':
        data = pack(results(kernel, [{'round': 1, 'point': 'b',
                                      'reason': 'drive gone'}], 0))
        say('fio-dmabuf-bench: /dev/nvme0n1: gone')
        status = 2
    elif kernel == 'hangs':
        time.sleep(100)
    elif kernel == 'evil':
        data = pack({'../../evil': 'x'})
    sys.stdout.buffer.write(data)
    sys.stdout.flush()
    if kernel == 'warns':
        say('t/vm/run: warns: the kernel complained, see above (the '
            'command\'s exit status was 0)')
    return status


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
