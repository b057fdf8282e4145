# SPDX-License-Identifier: GPL-2.0-only
"""Checks output of fio and of the engine.

035-output.py fio FILE                  fio's JSON is valid, without our lines
035-output.py report FILE [KEY=VALUE...]  a dmabuf_report is complete
"""

import json
import sys

sys.dont_write_bytecode = True
from lib_json import read_fio  # noqa: E402

TEXT = ('job path source sync kernel kernel_command_line cpu fio '
        'fio_dmabuf').split()
NUMBER = ('job_number buffers buffer_bytes registrations registration_ns '
          'warmup_reads first_map_ns first_map_longest_ns sync_calls '
          'copied_bytes reads read_bytes writes write_bytes '
          'eagain_reissues short_transfers_continued').split()
TARGET = 'file kind disk model firmware iommu_domain'.split()


def check_fio(path):
    data, _, text, _ = read_fio(path)
    assert 'dmabuf: ' not in text, 'a line of ours inside the JSON'
    assert data['jobs'], 'no jobs'
    assert all(job['error'] == 0 for job in data['jobs'])


def check_report(path, *wanted):
    """Every member is there with the right type; @wanted ones are equal."""
    with open(path) as f:
        data = json.load(f)
    for key in TEXT:
        assert isinstance(data[key], str) and data[key], key
    assert data['kernel_note'] is None or \
        data['kernel'].endswith('-fio-dmabuf-test')
    for key in NUMBER:
        assert isinstance(data[key], int) and data[key] >= 0, key
    assert isinstance(data['errors'], dict)
    assert data['targets'], 'no targets'
    for target in data['targets']:
        for key in TARGET:
            assert key in target, key
    for pair in wanted:
        key, _, value = pair.partition('=')
        assert str(data[key]) == value, f'{key} is {data[key]}, not {value}'


{'fio': check_fio, 'report': check_report}[sys.argv[1]](*sys.argv[2:])
