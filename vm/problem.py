# SPDX-License-Identifier: GPL-2.0-only
"""Errors, notes and signals of all programs in Python. An error is a Problem:
one line with the object, the reason and the remedy, and the exit status of the
program. A signal ends the program through an exception, so that unfinished
work is cleaned up.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Program:
    """The program that runs. Its name begins each line that it writes to
    stderr; failed is its exit status after a Problem. The notes of a program
    with a start begin with the seconds since then instead.
    """
    name = os.path.basename(sys.argv[0])
    failed = 2
    start = None


class Problem(Exception):
    """Ends the program with one line on stderr, or none if the text is empty.
    The status is Program.failed unless another one is given.
    """

    def __init__(self, text, status=None):
        super().__init__(text)
        self.status = status


class Interrupted(BaseException):
    """A signal; its number is the argument. Like KeyboardInterrupt it is not
    an Exception, or libraries would turn it into errors of their own.
    """


def complain(text):
    print(f'{Program.name}: {text}', file=sys.stderr, flush=True)


def note(text):
    """Writes a line to stderr that is not an error."""
    if Program.start is None:
        complain(text)
    else:
        print(f'{int(time.time() - Program.start):4d} s  {text}',
              file=sys.stderr, flush=True)


def reason(error):
    """The text of an OSError without the file name."""
    if error.errno and error.errno > 0:
        return os.strerror(error.errno)
    # Name resolution has negative numbers and text of its own.
    return error.strerror or str(error)


def program(name, package, option=None):
    """The path of a program of this system; option: another way to give it."""
    path = shutil.which(name)
    if not path:
        other = f' or give {option}' if option else ''
        raise Problem(f'{name}: not found; install the package '
                      f'{package}{other}')
    return path


def interrupted(signum, _):
    """The handler of SIGNALS while a program runs."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Interrupted(signum)


@contextlib.contextmanager
def held():
    """Delays SIGNALS until the end of the block."""
    came = []
    before = {number: signal.signal(
        number, lambda signum, _: came.append(signum)) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came and callable(before[came[0]]):
        before[came[0]](came[0], None)


def run_program(main, name, failed, steps=False):
    """Runs main(arguments) and ends this process with its status. name and
    failed: those of the Program; steps: whether it has a start.
    """
    Program.name, Program.failed = name, failed
    Program.start = time.time() if steps else None
    for number in SIGNALS:
        signal.signal(number, interrupted)
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except Problem as problem:
        if str(problem):
            complain(str(problem))
        status = failed if problem.status is None else problem.status
    except Interrupted as signum:
        status = 128 + signum.args[0]
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 128 + signal.SIGPIPE
    except OSError as error:
        complain(f'{error.filename or name}: {reason(error)}')
        status = failed
    sys.exit(status)
