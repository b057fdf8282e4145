# SPDX-License-Identifier: GPL-2.0-only
"""Checks the bytes of a file without fio.

038-data.py ranges FILE SIZE=BYTE...  FILE is these ranges of one byte each
038-data.py offsets FILE              each 16 KiB block holds its own offset
038-data.py counts OUTPUT REPORT      fio and the report count the same reads
"""

import json
import struct
import sys

sys.dont_write_bytecode = True
from lib_json import read_fio  # noqa: E402


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def check_ranges(path, *ranges):
    data, at = read(path), 0
    for text in ranges:
        size, _, byte = text.partition('=')
        piece = data[at:at + int(size)]
        assert piece == bytes([int(byte, 16)]) * int(size), \
            f'at {at}: {piece[:16].hex()}, not {size} times {byte}'
        at += int(size)
    assert at == len(data), f'the file has {len(data)} bytes, not {at}'


def check_offsets(path):
    data = read(path)
    assert len(data) == 4 << 20
    for at in range(0, len(data), 512):
        block = data[at:at + 512]
        place, = struct.unpack('<Q', block[:8])
        assert block == (block[:8] + b'offset--') * 32, (at, block[:32])
        assert place == at // 16384 * 16384, (at, place)


def check_counts(output, report):
    """Reads beyond the end of a truncated file count as reads of nothing."""
    fio = read_fio(output)[0]['jobs'][0]['read']
    ours = json.loads(read(report))
    assert ours['read_bytes'] == fio['io_bytes'] < ours['reads'] * 4096, ours
    assert ours['reads'] == fio['total_ios'], ours


{'ranges': check_ranges, 'offsets': check_offsets,
 'counts': check_counts}[sys.argv[1]](*sys.argv[2:])
