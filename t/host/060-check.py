# SPDX-License-Identifier: GPL-2.0-only
"""060-check.py FILE: checks the JSON of dmabuf-check --device /dev/null."""

import json
import sys

with open(sys.argv[1]) as f:
    report = json.load(f)
assert report['verdict'] == 'no'
assert [each['name'] for each in report['required']] == \
    ['io_uring', 'interface', 'sources', 'drives']
drive = report['drives'][0]
assert drive['device'] == '/dev/null'
assert 'not a block device' in drive['reason']
assert drive['remedy'].startswith('use /dev/nvme')
for source in report['sources']:
    assert (source['reason'] is None) == (source['state'] == 'ok'), source
assert report['fio']['version'] == report['plugin']['for_version']
