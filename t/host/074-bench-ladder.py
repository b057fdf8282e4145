# SPDX-License-Identifier: GPL-2.0-only
"""Helps 074-bench-ladder.sh with what a shell cannot do.

074-bench-ladder.py cached FILE         prints its bytes in the page cache
074-bench-ladder.py shuffled COPY FILE  COPY has the blocks of FILE, in
                                        another order
074-bench-ladder.py once DIR PATH...    these paths read each block once
074-bench-ladder.py listen HOST...      fio servers accept connections there
"""

import ctypes
import glob
import json
import mmap
import os
import socket
import sys

BLOCK = 4096


def cached(path):
    """mincore() of a mapping; Python's own mmap does not tell its address."""
    size = os.path.getsize(path)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int,
                          ctypes.c_int, ctypes.c_int, ctypes.c_long]
    libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t,
                             ctypes.c_char_p]
    fd = os.open(path, os.O_RDONLY)
    at = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, fd, 0)
    pages = ctypes.create_string_buffer(-(-size // mmap.PAGESIZE))
    assert not libc.mincore(at, size, pages)
    print(sum(page & 1 for page in pages.raw[:-1]) * mmap.PAGESIZE)


def blocks(path):
    with open(path, 'rb') as f:
        data = f.read()
    return [data[at:at + BLOCK] for at in range(0, len(data), BLOCK)]


def shuffled(copy, path):
    one, two = blocks(copy), blocks(path)
    assert one != two, 'the order is the same'
    assert sorted(one) == sorted(two), 'the blocks differ'


def once(directory, *paths):
    for path in paths:
        for file in glob.glob(f'{directory}/{path}-*/r*.json'):
            with open(file) as f:
                reads = json.load(f)['jobs'][0]['read']['total_ios']
            assert reads == 64, f'{file}: {reads} reads'


def listen(*hosts):
    for host in hosts:
        socket.create_connection((host, 8765), 1).close()


{'cached': cached, 'shuffled': shuffled, 'once': once,
 'listen': listen}[sys.argv[1]](*sys.argv[2:])
