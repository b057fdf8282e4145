# SPDX-License-Identifier: GPL-2.0-only
"""What everything here shares: an error is a Problem with one line that
names the object, the reason and the remedy; a note is one line on stderr.
"""

import os
import re
import shutil
import sys

UNITS = {'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30, 'T': 1 << 40}


class Problem(Exception):
    """Ends the run; status is the exit status it ends with."""

    def __init__(self, text, status=125):
        super().__init__(text)
        self.status = status


def note(text):
    print('t/vm/run: ' + text, file=sys.stderr, flush=True)


def size(text, option):
    """Bytes of a size like 512M; the unit has to be there."""
    match = re.fullmatch(r'([0-9]+)([KMGT])(i?B)?', text, re.IGNORECASE)
    if not match:
        raise Problem(f'{option} {text}: not a size; write a number and a '
                      'unit, such as 512M or 4G')
    return int(match.group(1)) * UNITS[match.group(2).upper()]


def mebibytes(count):
    return f'{-(-count >> 20)} MiB'


def reason(error):
    """The words of an OSError without the file name."""
    return os.strerror(error.errno) if error.errno else str(error)


def program(name, package, option=None):
    """The path of a program of the host."""
    path = shutil.which(name)
    if not path:
        other = f' or give {option}' if option else ''
        raise Problem(f'{name}: not found; install the package '
                      f'{package}{other}')
    return path
