# SPDX-License-Identifier: GPL-2.0-only
"""What everything here shares: an error is a Problem with one line that
names the object, the reason and the remedy; a note is one line on stderr.
How a program ends: with its main's status, with a Problem, by a signal.
"""

import os
import re
import shutil
import signal
import sys
import time

UNITS = {'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30, 'T': 1 << 40}


class Problem(Exception):
    """Ends the run; status is the exit status it ends with."""

    def __init__(self, text, status=125):
        super().__init__(text)
        self.status = status


class Interrupted(Exception):
    """A signal, so that what is half done is cleared away."""


class Speaker:
    """Who says the notes; steps of longer work have the time in front."""
    name = 't/vm/run'
    start = None


def start_steps(name):
    Speaker.name = name
    Speaker.start = time.time()


def complain(text):
    print(f'{Speaker.name}: {text}', file=sys.stderr, flush=True)


def note(text):
    if Speaker.start is None:
        complain(text)
        return
    print(f'{int(time.time() - Speaker.start):4d} s  {text}',
          file=sys.stderr, flush=True)


def interrupted(signum, _):
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(signum)


def run_program(main):
    """Ends the program with what main(arguments) comes to."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, interrupted)
    try:
        sys.exit(main(sys.argv[1:]))
    except Problem as problem:
        if str(problem):
            complain(str(problem))
        sys.exit(problem.status)
    except Interrupted as signum:
        sys.exit(128 + signum.args[0])
    except OSError as error:
        complain(f'{error.filename or Speaker.name}: {reason(error)}')
        sys.exit(125)


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
