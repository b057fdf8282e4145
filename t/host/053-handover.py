# SPDX-License-Identifier: GPL-2.0-only
"""Gives descriptors over a socket as a broken giver of dma-bufs might.

053-handover.py HOW SOCKET

HOW names the fault. SOCKET.ready is created once the socket listens.
"""

import os
import socket
import struct
import sys
import time

MOST = 253  # descriptors in one message


def memfd():
    fd = os.memfd_create('give')
    os.ftruncate(fd, 1 << 20)
    return fd


def header(count, left=0, version=1, magic=b'dbuf'):
    return struct.pack('=4sIII', magic, version, count, left)


def null():
    return os.open('/dev/null', os.O_RDWR)


# What is sent for each fault: (data, descriptors) of one message
MESSAGES = {
    'memfd': lambda peer: (header(1), [memfd()]),
    'file': lambda peer: (header(2), [null(), null()]),
    'socket': lambda peer: (header(1), [peer.fileno()]),
    'none': lambda peer: (header(1), []),
    'empty': lambda peer: (header(0), []),
    'more': lambda peer: (header(1), [memfd()] * MOST),
    'fewer': lambda peer: (header(4), [memfd()]),
    'broken': lambda peer: (header(2, 2), [memfd()] * 2),
    'version': lambda peer: (header(1, version=7), [memfd()]),
    'magic': lambda peer: (header(1, magic=b'DBUF'), [memfd()]),
    'short': lambda peer: (header(1)[:7], [memfd()]),
    'words': lambda peer: (b'hello, here are your buffers\n', [memfd()]),
}


def give(how, peer):
    """Sends to one client; true when the connection is to stay open."""
    if how == 'silent':
        return True
    if how in ('endless', 'flood'):
        many = [memfd()] * MOST
        left = [0xffffffff] * 8 if how == 'endless' else [MOST, 0]
        for number in left:
            socket.send_fds(peer, [header(MOST, number)], many)
        os.close(many[0])
        return True
    if how in MESSAGES:
        data, fds = MESSAGES[how](peer)
        if fds:
            socket.send_fds(peer, [data], fds)
        else:
            peer.send(data)
        for fd in set(fds) - {peer.fileno()}:
            os.close(fd)
    return False


def fill_backlog(path):
    """Connections that nobody accepts."""
    pending = []
    for _ in range(4):
        other = socket.socket(socket.AF_UNIX)
        other.setblocking(False)
        try:
            other.connect(path)
        except BlockingIOError:
            pass
        pending.append(other)
    return pending


def main():
    how, path = sys.argv[1:]
    os.umask(0o177)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(0 if how == 'deaf' else 8)
    connections = fill_backlog(path) if how == 'deaf' else []
    open(path + '.ready', 'w').close()
    while how == 'deaf':
        time.sleep(60)
    while True:
        peer = listener.accept()[0]
        if give(how, peer):
            connections.append(peer)
        else:
            peer.close()


main()
